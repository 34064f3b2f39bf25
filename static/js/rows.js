// Placing rows that the server drew. Nothing here draws: a fresh row arrives as HTML, made by the macro that made the
// page, and takes the place of the cells that differ. What is only for the eye (glow, tooltip) leaves no trace in the
// row, so that a patched row stays, to the character, the row of a freshly rendered page.

const REDUCED = matchMedia("(prefers-reduced-motion: reduce)")
const authors = new WeakMap() // cell → { who, when, own }: told on hover
let held = null // what somebody edits: { id, columns, fresh: cell shown → { cell, news } waiting for its place }

export const table = () => document.querySelector("table[data-table]")
export const find = (id) => table()?.querySelector(`tr[data-id="${CSS.escape(id)}"]`)
export const cellOf = (row, column) => row.querySelector(`[data-column="${CSS.escape(column)}"]`)
export const author = (cell) => authors.get(cell)

function parse(html) {
  const box = document.createElement("template")
  box.innerHTML = html
  return box.content.querySelector("tr")
}

/** Put a fresh row in the place of the shown one. `news`: { who, when, own }.
 *  Returns the cells that this save changed; none when the row is not shown here or is older than what is shown. A row of
 *  the version shown already may differ too, by what its company is called: that was no save of the record's, so nobody
 *  is said to have made it. */
export function place(html, news) {
  const fresh = parse(html)
  const shown = fresh && find(fresh.dataset.id)
  if (!shown || Number(fresh.dataset.version) < Number(shown.dataset.version)) return []
  const saved = fresh.dataset.version !== shown.dataset.version
  const told = saved ? news : { who: "", own: false }
  const changed = []
  for (const cell of [...fresh.cells]) {
    const old = cellOf(shown, cell.dataset.column)
    if (!old || (waiting(old)?.cell ?? old).isEqualNode(cell)) continue
    changed.push(cell)
    if (isHeld(shown, old)) holdBack(old, cell, told)
    else swap(old, cell, told)
  }
  for (const { name, value } of fresh.attributes) shown.setAttribute(name, value)
  if (changed.length) document.dispatchEvent(new CustomEvent("bmu:placed", { detail: changed }))
  return saved ? changed : []
}

function swap(old, cell, news) {
  const focused = old.contains(document.activeElement)
  old.replaceWith(cell)
  if (focused) cell.querySelector("a, button")?.focus({ preventScroll: true })
  if (news.own) return
  if (news.who) authors.set(cell, news)
  glow(cell)
}

/** Lit for a while, then it fades. Until the fade nothing moves and nothing is drawn: a colour that fades for seconds
 *  is drawn anew in every frame, and on a busy desk something always glows. */
export function glow(cell) {
  const lit = { backgroundColor: "var(--glow)", boxShadow: "inset 0 0 0 1.5px var(--glow-ring)" }
  const out = REDUCED.matches ? lit : { backgroundColor: "transparent", boxShadow: "none" }
  cell.animate([lit, out], { delay: 3600, duration: 400, fill: "backwards", easing: "ease-out" })
}

/** Nobody touches these columns of a row until they are let go: somebody is choosing or typing in them. */
export function hold(row, columns) {
  held = { id: row.dataset.id, columns, fresh: new Map() }
}

const isHeld = (row, cell) => held?.id === row.dataset.id && held.columns.includes(cell.dataset.column)
const waiting = (old) => held?.fresh.get(old)

function holdBack(old, cell, news) {
  held.fresh.set(old, { cell, news })
  document.dispatchEvent(new CustomEvent("bmu:other-value", { detail: { ...news, value: cell.textContent.trim() } }))
}

/** The editor is closed: what came in the meantime takes its place now. */
export function release() {
  const came = held?.fresh ?? new Map()
  held = null
  for (const [old, { cell, news }] of came) if (old.isConnected && !old.isEqualNode(cell)) swap(old, cell, news)
}

/** Take a row away, visibly. Returns what it was called, or null when it was not shown. */
export async function remove(id) {
  const row = find(id)
  if (!row) return null
  if (row.contains(document.activeElement)) (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("a")?.focus()
  row.removeAttribute("data-id") // on its way out it is no longer found
  // Where nobody looks, nothing is drawn, and an animation never ends.
  if (!REDUCED.matches && !document.hidden) await row.animate([{ opacity: 1 }, { opacity: 0 }], { duration: 150 }).finished.catch(() => {})
  row.remove()
  return title(row)
}

/** What a row is called: its first two cells. */
export const title = (row) => [...row.cells].slice(0, 2).map((cell) => cell.textContent.trim()).join(" · ")

/** Put the focus back on what can be done in a cell, wherever the row now is. */
export function focusOn(id, column) {
  const row = find(id)
  if (row) cellOf(row, column)?.querySelector("button")?.focus({ preventScroll: true })
}

/** Write the figures: { key: [number, of] }. */
export function figures(found) {
  for (const [key, [number, total]] of Object.entries(found ?? {})) {
    const of = (name) => document.querySelector(`[data-summary${name}="${CSS.escape(key)}"]`)
    const [value, whole, bar] = [of(""), of("-total"), of("-bar")]
    if (value) value.textContent = number
    if (whole) whole.textContent = total
    if (bar) Object.assign(bar, { max: total || 1, value: number })
  }
}
