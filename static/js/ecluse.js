// What HTMX leaves to the page: telling what changed, moving the focus to the answer, showing
// that a request is under way, and saying so when one fails. Every page works without this file.
(() => {
  "use strict";

  const STILL_BUSY_MS = 10000; // a download never reloads the page: give the button back
  const byId = (id) => document.getElementById(id);

  // Tell ---------------------------------------------------------------------------------------

  function announce(text) {
    const live = byId("live");
    if (!live || !text) return;
    live.textContent = "";
    // The same words twice must be read twice: empty first, then fill in the next frame.
    requestAnimationFrame(() => { live.textContent = text; });
  }

  const wordsOf = (detail) => (typeof detail === "string" ? detail : detail.value || detail.text);

  function within(root, selector) {
    return root.matches?.(selector) ? root : root.querySelector?.(selector);
  }

  // Only an answer to a click or a submit may move the focus: never an autosave or a poll.
  function answersTheUser(detail) {
    const cause = detail.requestConfig?.triggeringEvent?.type;
    return cause === "click" || cause === "submit";
  }

  function focusOn(element) {
    if (!element.hasAttribute("tabindex") && element.tabIndex < 0) element.tabIndex = -1;
    element.focus({ preventScroll: false });
  }

  function afterSwap(event) {
    const root = event.target;
    announce(within(root, "[data-announce]")?.dataset.announce);
    const target = within(root, "[data-focus]");
    if (target && answersTheUser(event.detail)) focusOn(target);
  }

  // Wait ---------------------------------------------------------------------------------------

  const buttonOf = (element, cause) =>
    cause?.submitter || (element.matches("button, [role=button]") ? element : null);

  function setBusy(button, busy) {
    if (!button) return;
    if (busy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }

  function onSubmit(event) {
    const form = event.target;
    const byHtmx = form.matches("[hx-post], [hx-get], [hx-put], [hx-patch], [hx-delete]");
    if (event.defaultPrevented || byHtmx || form.method === "get") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "true";
    setBusy(event.submitter, true);
    setTimeout(() => release(form), STILL_BUSY_MS);
  }

  function release(form) {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy=true]").forEach((button) => setBusy(button, false));
  }

  // Fail ---------------------------------------------------------------------------------------

  function toast(message) {
    const region = byId("toast");
    if (!region) return;
    const text = document.createElement("p");
    text.textContent = message;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "quiet";
    close.textContent = region.dataset.close;
    close.addEventListener("click", () => region.replaceChildren());
    region.replaceChildren(text, close);
  }

  function onFailure(event) {
    const words = byId("toast")?.dataset;
    if (!words) return;
    const status = event.detail.xhr?.status || 0;
    const known = { 401: words.expired, 413: words.tooLarge, 429: words.tooMany };
    if (known[status]) toast(known[status]);
    else toast(status >= 400 && status < 500 ? words.refused : words.failed);
  }

  function showNetwork() {
    const banner = byId("offline");
    if (banner) banner.hidden = navigator.onLine;
  }

  // Small screens ------------------------------------------------------------------------------

  // A menu made of <details> closes when one clicks elsewhere or presses Escape.
  const MENUS = ".account-menu[open], .nav-more details[open]";

  function closeMenus(event) {
    document.querySelectorAll(MENUS).forEach((menu) => {
      const escaped = event.type === "keydown" && event.key === "Escape";
      const outside = event.type === "click" && !menu.contains(event.target);
      if (!escaped && !outside) return;
      if (escaped && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    });
  }

  function onClick(event) {
    closeMenus(event);
    if (event.target.closest?.("[data-print]")) window.print();
  }

  document.addEventListener("htmx:afterSettle", afterSwap);
  document.addEventListener("announce", (event) => announce(wordsOf(event.detail || {})));
  document.addEventListener("htmx:beforeRequest", ({ target, detail }) =>
    setBusy(buttonOf(target, detail.requestConfig?.triggeringEvent), true));
  document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    setBusy(buttonOf(target, detail.requestConfig?.triggeringEvent), false);
    if (detail.successful) byId("toast")?.replaceChildren();
    // The header is percent-encoded: header values cannot carry accents.
    announce(decodeURIComponent(detail.xhr?.getResponseHeader("X-Announce") || ""));
  });
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, onFailure);
  }
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", closeMenus);
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
  window.addEventListener("online", showNetwork);
  window.addEventListener("offline", showNetwork);
  document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; });
  showNetwork();
  focusFirstError();

  // A page that comes back with errors is the answer to a submit: start at the summary.
  function focusFirstError() {
    const summary = document.querySelector(".error-summary[data-focus]");
    if (summary) focusOn(summary);
  }
})();
