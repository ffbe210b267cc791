// The panel beside the page: opens with what htmx puts into it, closes with its button or Escape.
(() => {
  const panel = document.getElementById("panel");
  let opener = null;
  const close = () => {
    panel.replaceChildren();
    document.body.classList.remove("with-panel");
    if (opener) opener.focus();
    opener = null;
  };
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== panel) return;
    document.body.classList.add("with-panel");
    opener = event.detail.requestConfig.elt;
    const first = panel.querySelector("h2, button, a");
    if (first) { first.tabIndex = first.tabIndex < 0 ? -1 : first.tabIndex; first.focus(); }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-panel]")) close();
    const copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => { copy.dataset.copied = ""; });
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
})();
