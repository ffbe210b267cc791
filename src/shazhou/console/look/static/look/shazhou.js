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
  // A field with data-filter="ID" shows, of the labels in that list, those that hold what is typed.
  document.addEventListener("input", (event) => {
    const list = document.getElementById(event.target.dataset?.filter);
    if (!list) return;
    const typed = event.target.value.trim().toLowerCase();
    list.querySelectorAll("details").forEach((group) => {
      const labels = [...group.querySelectorAll("label")];
      labels.forEach((label) => {
        const text = `${label.textContent} ${label.querySelector("input").value}`.toLowerCase();
        label.hidden = !text.includes(typed);
      });
      group.hidden = labels.every((label) => label.hidden);
      if (typed) group.open = !group.hidden;
    });
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  // An answer that says what is wrong with a cell moves the buttons below it. While one is being pressed it waits, or the
  // button would be let go beside where it was pressed, and the click be lost.
  let pressed = false;
  const held = new Map();
  const released = () => {
    pressed = false;
    setTimeout(() => {
      held.forEach((answer, id) => htmx.swap(document.getElementById(id), answer, { swapStyle: "outerHTML" }));
      held.clear();
    });
  };
  addEventListener("pointerdown", (event) => { pressed = event.isPrimary || pressed; }, true);
  addEventListener("pointerup", (event) => { if (event.isPrimary) released(); }, true);
  ["pointercancel", "contextmenu", "blur"].forEach((name) => addEventListener(name, (event) => {
    if (name !== "blur" || event.target === window) released();
  }, true));
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { target, serverResponse, shouldSwap } = event.detail;
    if (!pressed || !shouldSwap || !target.matches(".problems")) return;
    event.detail.shouldSwap = false;
    held.set(target.id, serverResponse);
  });
})();
