// The keyboard at the desk: arrows move between rows and what can be done in them, / searches, S changes the status,
// Escape closes what is open. On a Thai keyboard the keys of S and / write ห and ฝ.

import { edit, mayEdit } from "bmu/editors"
import { table } from "bmu/rows"

const POPS = "details[data-pop][open], details.person[open]"
const TYPED = "input, textarea, select"

const rowOf = (one) => one.closest?.("tbody tr[data-id]")
const doable = (row) => [...row.querySelectorAll("a, button")].filter((one) => one.offsetParent && (one.matches("a") || mayEdit(one.closest("td"))))

function search() {
  document.getElementById("q").focus()
}

/** The status editor of the cell in focus, or else the first of the row that is shown and ours. */
function status(here) {
  const cells = [...(rowOf(here)?.querySelectorAll("td[data-editor=status]") ?? [])].filter((one) => one.offsetParent && mayEdit(one))
  const cell = cells.find((one) => one.contains(here)) ?? cells[0]
  if (!cell) return false
  edit(cell)
}

const up = (here) => toRow(here, rowOf(here)?.previousElementSibling)
const down = (here) => (rowOf(here) ? toRow(here, rowOf(here).nextElementSibling) : enter(here))
const left = (here) => along(here, -1)
const right = (here) => along(here, 1)

/** From anywhere but an open list, down leads into the table. */
function enter(here) {
  const first = here.closest("details") ? null : table().tBodies[0].rows[0]
  if (!first) return false
  doable(first)[0].focus()
}

/** The same column of another row. */
function toRow(here, row) {
  if (!rowOf(here)) return false
  const all = row ? doable(row) : []
  const { column } = here.closest("[data-column]").dataset
  const same = all.find((one) => one.closest("[data-column]").dataset.column === column)
  ;(same ?? all[0])?.focus()
}

function along(here, step) {
  const all = rowOf(here) ? doable(rowOf(here)) : []
  if (!all.length) return false
  all[all.indexOf(here) + step]?.focus()
}

const KEYS = { "/": search, ฝ: search, s: status, S: status, ห: status, ArrowUp: up, ArrowDown: down, ArrowLeft: left, ArrowRight: right }

function closePops() {
  for (const pop of document.querySelectorAll(POPS)) {
    if (pop.contains(document.activeElement)) pop.querySelector("summary").focus()
    pop.open = false
  }
}

/** Wire the keys, and the clicks that go with them. */
export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return closePops()
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(`.editor, dialog, #sheet, ${TYPED}`)) return
    const act = Object.hasOwn(KEYS, event.key) && KEYS[event.key]
    if (act && table() && act(document.activeElement ?? document.body) !== false) event.preventDefault()
  })
  document.addEventListener("click", (event) => {
    for (const pop of document.querySelectorAll(POPS)) if (!pop.contains(event.target)) pop.open = false
    const row = rowOf(event.target)
    if (row && !event.target.closest("a, button, label") && !getSelection().toString()) row.querySelector("a")?.focus({ preventScroll: true })
  })
}
