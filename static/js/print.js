// The print view: the button opens the browser's own window for printing. Nothing opens by itself.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print())
