// What the page says: toasts, words for screen readers, the bar of news. Every word comes from the server.

// A page without a table has none, and nothing to say.
const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}")
const spoken = []
let speaking = 0

/** A word of the page, with its {places} filled. */
export function word(key, places = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_whole, name) => places[name] ?? "")
}

/** Show a message for `seconds`; `action`: { label, run }. Returns a function that takes it away. */
export function toast(text, { action, seconds = 6, bad = false } = {}) {
  const shown = document.getElementById("toast").content.firstElementChild.cloneNode(true)
  shown.querySelector(".toast-text").textContent = text
  shown.classList.toggle("bad", bad)
  const close = () => shown.remove()
  if (action) {
    const button = shown.querySelector(".toast-action")
    Object.assign(button, { hidden: false, textContent: action.label, onclick: () => (close(), action.run()) })
  }
  shown.querySelector(".toast-close").onclick = close
  const place = document.getElementById("toasts")
  while (place.children.length > 2) place.firstElementChild.remove()
  place.append(shown)
  setTimeout(close, seconds * 1000)
  return close
}

/** Say something to screen readers, politely, at most once a second. */
export function speak(text) {
  spoken.push(text)
  if (speaking) return
  speaking = setTimeout(() => {
    document.getElementById("said").textContent = spoken.splice(0).slice(-5).join(". ")
    speaking = 0
  }, 1000)
}

/** A time as people here read it, in Bangkok. */
export function clock(iso, lang) {
  return new Intl.DateTimeFormat(lang === "en" ? "en-GB" : "th-TH", { timeZone: "Asia/Bangkok", hour: "2-digit", minute: "2-digit", day: "numeric", month: "short" }).format(new Date(iso))
}
