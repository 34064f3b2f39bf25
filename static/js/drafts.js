// What was typed and not saved, kept in this browser: it outlives a lost connection and a closed tab, is offered
// again, and goes with the save and with signing out. Nobody is offered another person's.

const PREFIX = "bmu:draft:"
const KEPT_MS = 14 * 86400000

const keyOf = ({ dataset: { me, page, id } }) => `${PREFIX}${me}:${page}:${id}`

/** Keep what is typed in `form`; nothing typed, nothing kept. A browser that keeps nothing (full, forbidden) is no fault. */
export function keep(form, fields) {
  try {
    if (Object.keys(fields).length) localStorage.setItem(keyOf(form), JSON.stringify({ at: new Date().toISOString(), fields }))
    else forget(form)
  } catch {
    // The save is still there; only the safety net is not.
  }
}

/** The draft of this form and person: { at, fields }, or null. */
export function recall(form) {
  sweep(form.dataset.me)
  try {
    return JSON.parse(localStorage.getItem(keyOf(form)))
  } catch {
    return null
  }
}

export function forget(form) {
  localStorage.removeItem(keyOf(form))
}

/** Drafts of others who worked in this browser, and old ones, are let go of. `me` null: all of them. */
export function sweep(me) {
  for (const key of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) {
    const mine = me !== null && key.startsWith(`${PREFIX}${me}:`)
    if (!mine || isOld(key)) localStorage.removeItem(key)
  }
}

function isOld(key) {
  try {
    return Date.now() - new Date(JSON.parse(localStorage.getItem(key)).at) > KEPT_MS
  } catch {
    return true
  }
}

// Whoever signs out leaves nothing of the firm's clients behind. Swept when the page goes, after the form (whose ears
// are older: a form that is open keeps what is typed as it goes), and not before: one may still decide to stay.
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[action$='/logout']")) addEventListener("pagehide", () => sweep(null), { once: true })
})
