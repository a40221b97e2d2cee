// What the person's pages gain from scripts: a voice that reads, and pages kept for when there is
// no network. Every page works without this file.
(() => {
  "use strict";

  const { worker, scope } = document.currentScript.dataset;

  // Read aloud -----------------------------------------------------------------------------------

  const speech = window.speechSynthesis;
  const language = document.documentElement.lang.toLowerCase();
  const sameLanguage = (code) => code.toLowerCase().replace("_", "-").split("-")[0] === language;
  // A voice of the phone itself first: a voice of the network sends the text away.
  const voiceFor = () => {
    const voices = (speech?.getVoices() || []).filter((voice) => sameLanguage(voice.lang));
    return voices.find((voice) => voice.localService);
  };

  function showButtons(root) {
    if (!voiceFor()) return;
    root.querySelectorAll?.("[data-speak]").forEach((button) => { button.hidden = false; });
  }

  function wordsOf(button) {
    if (button.dataset.speak) return button.dataset.speak;
    const parts = document.querySelectorAll("main h1, main [data-say]");
    return [...parts].map((part) => part.textContent.replace(/\s+/g, " ").trim()).join(". ");
  }

  function read(button) {
    const wasReading = speech.speaking;
    speech.cancel();
    if (wasReading && button.dataset.reading) { delete button.dataset.reading; return; }
    const words = new SpeechSynthesisUtterance(wordsOf(button));
    words.voice = voiceFor();
    words.lang = words.voice.lang;
    words.rate = 0.9;
    button.dataset.reading = "true";
    words.onend = () => { delete button.dataset.reading; };
    speech.speak(words);
  }

  if (speech) {
    showButtons(document);
    speech.addEventListener?.("voiceschanged", () => showButtons(document));
    document.addEventListener("htmx:afterSettle", (event) => showButtons(event.target));
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.("[data-speak]");
      if (button) read(button);
    });
    window.addEventListener("pagehide", () => speech.cancel());
  }

  // Without a network ----------------------------------------------------------------------------

  const kept = document.getElementById("kept");
  window.addEventListener("offline", () => { if (kept) kept.hidden = false; });
  window.addEventListener("online", () => { if (kept) kept.hidden = true; });

  // What was shown before leaving must not come back with « Back ».
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

  const workers = navigator.serviceWorker;
  if (!workers || !worker) return; // beside a professional nothing is kept
  const wasServed = Boolean(workers.controller);
  workers.register(worker, { scope }).then(() => workers.ready).then((found) => {
    // The very first page was read before the worker: it is kept too.
    if (!wasServed) found.active?.postMessage({ keep: window.location.href });
  }).catch(() => {});

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-leave]")) return;
    workers.controller?.postMessage("leave");
    window.caches?.delete("ecluse-pages");
  });
})();
