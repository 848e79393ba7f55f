// Sets the theme before anything is painted. A plain script and no module, so that the page does not flash.
"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    let wish = "auto";
    try {
      wish = localStorage.getItem("theme") ?? "auto";
    } catch {
      // Storage is switched off: the system's theme it is.
    }
    const theme = wish === "light" || wish === "dark" ? wish : dark.matches ? "dark" : "light";
    document.documentElement.dataset.theme = theme;
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", theme === "dark" ? "#14171a" : "#f6f6f3");
  };
  dark.addEventListener("change", apply);
  addEventListener("themechange", apply);
  apply();
})();
