// The desk: brings together the table, the wire, the editors and the keyboard.

import * as editors from "bmu/editors"
import "bmu/frame"
import * as form from "bmu/form"
import * as hands from "bmu/hands"
import * as keyboard from "bmu/keyboard"
import { listen } from "bmu/live"
import * as navigate from "bmu/navigate"
import * as presence from "bmu/presence"
import * as rows from "bmu/rows"
import { clock, speak, toast, word } from "bmu/say"
import * as sheet from "bmu/sheet"
import * as standing from "bmu/standing"

const news = { entered: new Set(), left: new Set(), changed: false }
const gone = []
const MOST_NAMES = 3
let digest = ""
let whole = true // the page shows the whole list, not a part of it
begin()
const wire = listen(rows.table, { record, removed, settled, view, reset: navigate.refresh, state: standing.state, signedOut })
editors.start()
keyboard.start()
navigate.start()
form.start()
hands.start()
sheet.start()
presence.start()

/** A list is on screen, fresh from the server. */
function begin() {
  const shown = rows.table()
  news.entered.clear()
  news.left.clear()
  news.changed = false
  digest = shown.dataset.digest
  whole = Number(shown.dataset.total) === shown.tBodies[0].rows.length
}

function record(data) {
  const who = data.updated_by_name ?? data.updated_by ?? ""
  const own = data.updated_by === rows.table().dataset.me
  const changed = rows.place(data.html, { who, when: data.updated_at, own })
  for (const cell of own ? [] : changed) tell(data, cell, who)
}

function tell(data, cell, who) {
  const head = rows.table().querySelector(`thead th[data-column="${cell.dataset.column}"] a`)
  speak(word("announce", { row: data.build, column: head?.title ?? "", value: cell.textContent.trim(), who }))
}

async function removed({ id }) {
  news.entered.delete(id)
  news.left.delete(id)
  const name = await rows.remove(id)
  offer()
  if (name && gone.push(name) === 1) setTimeout(tellGone, 300)
}

/** What went at the same time is told at once. */
function tellGone() {
  const names = gone.splice(0)
  const more = names.length - MOST_NAMES
  const what = names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` +${more}` : "")
  toast(word("removed", { what }))
  speak(word("removed", { what }))
}

/** Others' saves changed what this list holds: figures follow, rows that come or go are offered, never thrown in. */
function settled(found) {
  for (const id of found.entered) news.left.delete(id) || rows.find(id) || news.entered.add(id)
  for (const id of found.left) news.entered.delete(id) || (rows.find(id) && news.left.add(id))
  if (!whole && found.digest !== digest) news.changed = true // what comes or goes elsewhere shifts our part
  show(found)
}

/** After (re)connecting: is our list the one the server knows? What went is gone already, and needs no asking. */
function view(found, missed) {
  const stayed = missed.some((item) => !item.removed)
  if (found.digest !== digest && (stayed || !whole)) news.changed = true
  show(found)
}

function show(found) {
  digest = found.digest
  rows.figures(found.figures)
  rows.table().ariaRowCount = found.total
  document.getElementById("total").textContent = found.total.toLocaleString("en")
  offer()
}

/** A row whose place may be another now stays where it is, under the eye that reads it. */
document.addEventListener("bmu:placed", ({ detail: changed }) => {
  const by = rows.table().querySelector("thead th[aria-sort]")?.dataset.column
  if (by && !changed.some((cell) => cell.dataset.column === by)) return
  news.changed = true
  offer()
})

function offer() {
  for (const row of rows.table().tBodies[0].rows) row.toggleAttribute("data-left", news.left.has(row.dataset.id))
  const bar = document.getElementById("news")
  const parts = []
  if (news.entered.size) parts.push(word("entered", { n: news.entered.size }))
  if (news.left.size) parts.push(word("left", { n: news.left.size }))
  if (news.changed && !parts.length) parts.push(word("changed"))
  bar.hidden = !parts.length
  bar.querySelector("button").textContent = parts.length ? `${parts.join(" · ")} — ${word("show")}` : ""
}

function signedOut() {
  editors.close({ focus: false })
  form.close()
  standing.signedOut(...["desk", "sheet"].map((id) => document.getElementById(id)))
}

document.addEventListener("bmu:desk", () => {
  begin()
  wire.subscribe({ fresh: true }) // the fresh table is live when this is answered
})
document.addEventListener("bmu:unreachable", ({ detail: retry }) => toast(word("unreachable"), { bad: true, action: { label: word("retry"), run: retry } }))
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-action=settle]")) navigate.refresh()
})

// Who changed a cell, and when: for the pointer that rests on it.
const tip = document.body.appendChild(Object.assign(document.createElement("div"), { className: "tip", hidden: true }))
document.addEventListener("pointerover", (event) => {
  const cell = event.target.closest?.("td[data-column]")
  const told = cell && rows.author(cell)
  tip.hidden = !told
  if (!told) return
  tip.textContent = word("by", { who: told.who, when: clock(told.when, rows.table().dataset.lang) })
  const at = cell.getBoundingClientRect()
  tip.style.left = `${Math.min(at.left, innerWidth - tip.offsetWidth - 8)}px`
  tip.style.top = `${at.bottom + 4}px`
})

document.addEventListener("change", (event) => {
  if (event.target.name !== "density") return
  document.documentElement.dataset.density = event.target.value
  document.cookie = `bmu_density=${event.target.value}; path=/; max-age=31536000; samesite=lax`
})
