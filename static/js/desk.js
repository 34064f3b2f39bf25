// The desk: brings together the table, the wire, the editors and the keyboard.

import * as editors from "bmu/editors"
import { listen } from "bmu/live"
import * as navigate from "bmu/navigate"
import * as rows from "bmu/rows"
import { clock, speak, toast, word } from "bmu/say"

const news = { entered: new Set(), left: new Set(), changed: false }
let digest = rows.table().dataset.digest
const wire = listen(rows.table, { record, removed, settled, view, reset, state, signedOut })
editors.start()
navigate.start()

function record(data) {
  const { me, lang } = rows.table().dataset
  const who = data.updated_by_name ?? data.updated_by ?? ""
  const own = data.updated_by === me
  const changed = rows.place(data.html, { who, when: data.updated_at, own })
  for (const cell of own ? [] : (changed ?? [])) tell(data, cell, who, lang)
}

function tell(data, cell, who) {
  const head = rows.table().querySelector(`thead th[data-column="${cell.dataset.column}"] a`)
  speak(word("announce", { row: data.build, column: head?.title ?? "", value: cell.textContent.trim(), who }))
}

async function removed({ id }) {
  news.entered.delete(id)
  const name = await rows.remove(id)
  if (!name) return
  toast(word("removed", { what: name }))
  speak(word("removed", { what: name }))
}

/** Others' saves changed what this list holds: figures follow, rows that come or go are offered, never thrown in. */
function settled(found) {
  digest = found.digest
  rows.figures(found.figures)
  total(found.total)
  for (const id of found.entered) news.left.delete(id) || rows.find(id) || news.entered.add(id)
  for (const id of found.left) news.entered.delete(id) || (rows.find(id) && news.left.add(id))
  offer()
}

/** After (re)connecting: is our list the one the server knows? */
function view(found) {
  rows.figures(found.figures)
  total(found.total)
  if (found.digest !== digest) news.changed = true
  digest = found.digest
  offer()
}

function reset() {
  navigate.refresh()
}

function total(number) {
  const shown = document.getElementById("total")
  if (shown) shown.textContent = number.toLocaleString("en")
}

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

function state(now) {
  const shown = document.getElementById("live")
  shown.dataset.state = now
  shown.querySelector(".words").textContent = JSON.parse(shown.dataset.words)[now]
}

function signedOut() {
  const back = `/login?next=${encodeURIComponent(location.pathname + location.search)}`
  rows.table()?.tBodies[0].replaceChildren() // nothing of the firm's clients stays on a screen nobody answers for
  toast(word("signed_out"), { seconds: 3600 })
  setTimeout(() => location.assign(back), 800)
}

document.addEventListener("bmu:desk", () => {
  news.entered.clear()
  news.left.clear()
  news.changed = false
  digest = rows.table().dataset.digest
  rows.table().dataset.live = String(wire.state === "live")
  wire.subscribe({ fresh: true })
})
document.addEventListener("bmu:unreachable", ({ detail: retry }) => toast(word("offline"), { bad: true, action: { label: word("retry"), run: retry } }))
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-action=settle]")) navigate.refresh()
  for (const pop of document.querySelectorAll("details[data-pop][open], details.person[open]")) if (!pop.contains(event.target)) pop.open = false
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

// The keyboard: arrows move between rows and what can be done in them, / searches, S changes the status.
const doable = (row) => [...row.querySelectorAll("a, button")].filter((one) => one.offsetParent)
function go(event) {
  const here = document.activeElement
  const row = here?.closest?.("tbody tr[data-id]")
  const up = event.key === "ArrowUp"
  if (event.key === "/" && !here.matches("input, textarea, select")) return document.getElementById("q").focus()
  if (!row) {
    const first = event.key === "ArrowDown" && (here === document.body || here.matches(".wrap")) && rows.table().tBodies[0].rows[0]
    return first ? doable(first)[0].focus() : false
  }
  if (event.key === "s" || event.key === "S" || event.key === "ห") return editors.edit(nearest(row, here))
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    const all = doable(row)
    return all[all.indexOf(here) + (event.key === "ArrowRight" ? 1 : -1)]?.focus()
  }
  if (!up && event.key !== "ArrowDown") return false
  const next = up ? row.previousElementSibling : row.nextElementSibling
  if (!next) return undefined
  const column = here.closest("[data-column]").dataset.column
  return (next.querySelector(`[data-column="${column}"] :is(a, button)`) ?? doable(next)[0])?.focus()
}

/** The cell with a status editor at or after the focus. */
function nearest(row, here) {
  const cells = [...row.querySelectorAll("td[data-editor=status][data-writers]")]
  return cells.find((cell) => cell.contains(here)) ?? cells[0]
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(".editor, dialog")) return
  const handled = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "/", "s", "S", "ห"].includes(event.key) && !event.target.matches("input, textarea, select")
  if (handled && go(event) !== false) event.preventDefault()
  if (event.key === "Escape") for (const pop of document.querySelectorAll("details[data-pop][open], details.person[open]")) pop.open = false
})
document.addEventListener("click", (event) => {
  const row = event.target.closest("tbody tr[data-id]")
  if (row && !event.target.closest("a, button") && !getSelection().toString()) row.querySelector("a")?.focus({ preventScroll: true })
})
document.addEventListener("change", (event) => {
  if (event.target.name !== "density") return
  document.documentElement.dataset.density = event.target.value
  document.cookie = `bmu_density=${event.target.value}; path=/; max-age=31536000; samesite=lax`
})
