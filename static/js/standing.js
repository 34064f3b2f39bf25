// How a page stands with the server: is what one sees live, and is one still signed in. In words, in its head.

import { toast, word } from "bmu/say"

const LEAVE_AFTER = 800

/** Say how live the page is: live, connecting, reconnecting, slow, offline. */
export function state(now) {
  const shown = document.getElementById("live")
  if (shown.dataset.state === now) return
  shown.dataset.state = now
  shown.querySelector(".words").textContent = JSON.parse(shown.dataset.words)[now]
}

/** Nothing of the firm's clients stays on a screen nobody answers for: `places` are emptied, and the door is next. */
export function signedOut(...places) {
  const back = `/login?next=${encodeURIComponent(location.pathname + location.search)}`
  for (const place of places) place.replaceChildren()
  for (const left of document.querySelectorAll("dialog, .toast, .tip")) left.remove()
  toast(word("signed_out"), { seconds: 3600 })
  setTimeout(() => location.assign(back), LEAVE_AFTER)
}
