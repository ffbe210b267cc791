// Light or dark: the visitor's choice, kept in a cookie; else what the system prefers. And that there is a script at all.
(() => {
  const root = document.documentElement;
  const preferred = matchMedia("(prefers-color-scheme: dark)");
  const chosen = (document.cookie.match(/(?:^|; )theme=(light|dark)/) || [])[1];
  root.dataset.bsTheme = chosen || (preferred.matches ? "dark" : "light");
  root.classList.add("js");
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = next;
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`;
    document.dispatchEvent(new CustomEvent("theme", { detail: next }));
  });
})();
