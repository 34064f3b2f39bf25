// Placing rows that the server drew. Nothing here draws: a fresh row arrives as HTML, made by the macro that made the
// page, and takes the place of the cells that differ. What is only for the eye (glow, tooltip) leaves no trace in the
// row, so that a patched row stays, to the character, the row of a freshly rendered page.

const REDUCED = matchMedia("(prefers-reduced-motion: reduce)")
const authors = new WeakMap() // cell → { who, when, value }: told on hover
let held = null // the cell somebody edits: { id, column, fresh }

export const table = () => document.querySelector("table[data-table]")
export const find = (id) => table()?.querySelector(`tr[data-id="${CSS.escape(id)}"]`)
export const author = (cell) => authors.get(cell)

function parse(html) {
  const box = document.createElement("template")
  box.innerHTML = html
  return box.content.querySelector("tr")
}

/** Put a fresh row in the place of the shown one. `news`: { who, when, own }.
 *  Returns the cells that changed; null when the row is not shown here or is older than what is shown. */
export function place(html, news) {
  const fresh = parse(html)
  const shown = fresh && find(fresh.dataset.id)
  if (!shown || Number(fresh.dataset.version) < Number(shown.dataset.version)) return null
  const changed = []
  for (const cell of [...fresh.cells]) {
    const old = shown.querySelector(`[data-column="${cell.dataset.column}"]`)
    if (!old || old.isEqualNode(cell)) continue
    if (isHeld(shown, old)) holdBack(old, cell, news)
    else changed.push(swap(old, cell, news))
  }
  for (const { name, value } of fresh.attributes) shown.setAttribute(name, value)
  return changed
}

function swap(old, cell, news) {
  const focused = old.contains(document.activeElement)
  old.replaceWith(cell)
  if (focused) cell.querySelector("a, button")?.focus({ preventScroll: true })
  if (news && !news.own) {
    authors.set(cell, { who: news.who, when: news.when, value: cell.textContent.trim() })
    glow(cell)
  }
  return cell
}

function glow(cell) {
  const lit = { backgroundColor: "var(--glow)", boxShadow: "inset 0 0 0 1.5px var(--glow-ring)" }
  const steps = REDUCED.matches ? [lit, lit] : [lit, { ...lit, offset: 0.4 }, { backgroundColor: "transparent", boxShadow: "none" }]
  cell.animate(steps, { duration: 4000, easing: "ease-out" })
}

/** Nobody touches this cell until it is let go: somebody is choosing or typing in it. */
export function hold(cell) {
  held = { id: cell.closest("tr").dataset.id, column: cell.dataset.column, group: cell.dataset.editor, fresh: new Map() }
}

function isHeld(row, cell) {
  return held?.id === row.dataset.id && (held.column === cell.dataset.column || (held.group && held.group === cell.dataset.editor))
}

function holdBack(old, cell, news) {
  held.fresh.set(old, { cell, news })
  document.dispatchEvent(new CustomEvent("bmu:other-value", { detail: { ...news, value: cell.textContent.trim() } }))
}

/** The editor is closed: what came in the meantime takes its place now. */
export function release() {
  const waiting = held?.fresh ?? new Map()
  held = null
  for (const [old, { cell, news }] of waiting) if (old.isConnected) swap(old, cell, news)
}

/** Take a row away, visibly. Returns what it was called, or null when it was not shown. */
export async function remove(id) {
  const row = find(id)
  if (!row) return null
  const name = [...row.cells].slice(0, 2).map((cell) => cell.textContent.trim()).join(" ")
  if (row.contains(document.activeElement)) (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("a")?.focus()
  if (!REDUCED.matches) await row.animate([{ opacity: 1 }, { opacity: 0 }], { duration: 150 }).finished.catch(() => {})
  row.remove()
  return name
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
