// Passkeys: the one thing of the portal that a browser can only do with a script. Where it cannot,
// the form stays hidden and the password serves.
(() => {
  "use strict";

  const able = window.PublicKeyCredential?.parseCreationOptionsFromJSON && navigator.credentials;

  async function post(address, token, body) {
    const response = await fetch(address, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(body || {}),
    });
    const said = await response.json();
    if (!response.ok) throw new Error(said.error || "");
    return said;
  }

  async function add(form, token) {
    const password = form.elements.password?.value || "";
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await post(form.dataset.ask, token, { password }));
    const made = await navigator.credentials.create({ publicKey });
    const label = form.elements.label?.value || "";
    return post(form.dataset.answer, token, { ...made.toJSON(), label });
  }

  async function enter(form, token) {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await post(form.dataset.ask, token));
    const answer = await navigator.credentials.get({ publicKey });
    return post(form.dataset.answer, token, answer.toJSON());
  }

  async function run(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const said = form.querySelector("[data-said]");
    const button = form.querySelector("button");
    said.textContent = "";
    button.setAttribute("aria-busy", "true");
    try {
      const act = form.dataset.passkey === "add" ? add : enter;
      const { target } = await act(form, form.elements.csrf_token.value);
      window.location.assign(target);
    } catch (error) {
      // A refusal of the device has a technical name; ours are sentences.
      said.textContent = error instanceof DOMException ? form.dataset.failed : error.message || form.dataset.failed;
      button.removeAttribute("aria-busy");
    }
  }

  if (!able) return;
  document.querySelectorAll("[data-no-passkey]").forEach((hint) => hint.remove());
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    // Before the listeners of the page, which would take it for an ordinary submit.
    form.addEventListener("submit", run);
  });
})();
