// Choosing rows of the grid: a box in each, Shift for all between two, one box for all that are shown. What is chosen is
// what is ticked in the page: rows that are placed anew keep their box, and rows that go take it with them.

import { table } from "bmu/rows"

let last = null // the box that was clicked before: Shift reaches from there

const boxes = () => [...table().querySelectorAll("tbody [data-pick]")]

/** The chosen rows, in the order of the table. */
export const picked = () => boxes().filter((box) => box.checked).map((box) => box.closest("tr"))

/** Choose none. */
export function unpick() {
  for (const box of boxes()) box.checked = false
  show()
}

/** Draw what is chosen: how many, and what can be done with them. */
export function show() {
  const all = boxes()
  const count = all.filter((box) => box.checked).length
  const every = table().querySelector("[data-pick-all]")
  Object.assign(every, { checked: count > 0 && count === all.length, indeterminate: count > 0 && count < all.length })
  for (const one of document.querySelectorAll("[data-picked], [data-fill], [data-copy], [data-unpick]")) one.hidden = !count
  for (const one of document.querySelectorAll("form[data-plain], .actions .keys")) one.hidden = count > 0
  document.querySelector("[data-picked] b").textContent = count
}

function reach(from, to, checked) {
  const all = boxes()
  const [first, end] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b)
  if (first >= 0) for (const box of all.slice(first, end + 1)) box.checked = checked
}

/** X ticks the box of the row in which one is; with Shift all between. On a Thai keyboard its key writes ป. */
function key(event) {
  const row = event.target.closest?.("tbody tr[data-id]")
  if (!row || !["x", "X", "ป"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return
  row.querySelector("[data-pick]").dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: event.shiftKey }))
}

/** Wire the boxes. */
export function start() {
  document.addEventListener("keydown", key)
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-pick]")
    if (box && event.shiftKey && last?.isConnected) reach(last, box, box.checked)
    if (box) last = box
  })
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-pick-all]")) for (const box of boxes()) box.checked = target.checked
    if (target.matches("[data-pick], [data-pick-all]")) show()
  })
  document.addEventListener("click", (event) => event.target.closest?.("[data-unpick]") && unpick())
}
