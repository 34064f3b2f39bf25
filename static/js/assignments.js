// The grid of a month: brings together the table, the wire, the boxes, the editor and the keyboard.

import { assign, copy } from "bmu/assign"
import "bmu/frame"
import * as keyboard from "bmu/keyboard"
import { listen } from "bmu/live"
import * as navigate from "bmu/navigate"
import * as picking from "bmu/picking"
import * as rows from "bmu/rows"
import { speak, toast, word } from "bmu/say"
import { signedOut, state } from "bmu/standing"

const COUNT_AFTER = 600 // many saves in a moment are counted once
const entered = new Set()
let counting = 0
const nothing = () => {}
const wire = listen(rows.table, { record, removed: nothing, settled: nothing, view: nothing, reset: navigate.refresh, state, signedOut: () => signedOut(document.getElementById("desk")) })
keyboard.start()
navigate.start()
picking.start()
picking.show()

/** Somebody saved a record. A row of this month that is not shown is offered; it does not jump in under the cursor. */
function record(data) {
  const who = data.updated_by_name ?? data.updated_by ?? ""
  const own = data.updated_by === rows.table().dataset.me
  const shown = rows.find(data.id)
  const changed = rows.place(data.html, { who, when: data.updated_at, own })
  if (!shown && data.html.includes(`data-month="${rows.table().dataset.month}"`)) offer(data.id)
  if (changed.length || !shown) count()
  for (const cell of own ? [] : changed) tell(data, cell, who)
}

function tell(data, cell, who) {
  const head = rows.table().querySelector(`thead th[data-column="${cell.dataset.column}"] a`)
  speak(word("announce", { row: data.build, column: head?.title ?? "", value: cell.textContent.trim(), who }))
}

/** With a filter every row of the month that it leaves out would be news: only a whole month offers. */
function offer(id) {
  if ("filtered" in rows.table().dataset) return
  entered.add(id)
  const bar = document.getElementById("news")
  bar.hidden = false
  bar.querySelector("button").textContent = `${word("entered", { n: entered.size })} — ${word("show")}`
}

function count() {
  clearTimeout(counting)
  counting = setTimeout(recount, COUNT_AFTER)
}

async function recount() {
  const shown = document.getElementById("statistics")
  try {
    const answer = await fetch(shown.dataset.from, { headers: { Accept: "text/html", "X-Background": "1" } })
    if (!answer.ok || answer.redirected) return
    const open = shown.querySelector("details").open
    shown.innerHTML = await answer.text()
    shown.querySelector("details").open = open
  } catch {
    // Without a network the page says that it is not live; the next change counts again.
  }
}

document.addEventListener("bmu:assigned", () => (picking.unpick(), count()))
document.addEventListener("bmu:desk", () => {
  entered.clear()
  picking.show()
  wire.subscribe({ fresh: true })
})
document.addEventListener("bmu:unreachable", ({ detail: retry }) => toast(word("unreachable"), { bad: true, action: { label: word("retry"), run: retry } }))
document.addEventListener("click", (event) => {
  const { target } = event
  const cell = target.closest("tbody td:has(> button)")
  const fill = target.closest("[data-fill]")
  if (cell) assign([cell.closest("tr")], cell.dataset.column)
  else if (fill) assign(picking.picked(), fill.dataset.fill)
  else if (target.closest("[data-copy]")) copy(picking.picked())
  else if (target.closest("[data-action=settle]")) navigate.refresh()
})
