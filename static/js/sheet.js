// The form over the table: the record's own page, its content put into a sheet beside the list, which stays where it
// is, live. The address is the record's; back, Escape and the cross lead to the table again.

import { toast, word } from "bmu/say"
import * as form from "bmu/form"
import "bmu/gate"
import { find, table } from "bmu/rows"

const sheet = () => document.getElementById("sheet")
const isOpen = () => !sheet().hidden
let opened = null // the address of what is in the sheet
let from = null // the id of the row it was opened from
let loading = null

/** Open a record's address in the sheet. `push`: as a new entry in the history. */
async function show(url, { push = true } = {}) {
  loading?.abort()
  const mine = (loading = new AbortController())
  sheet().hidden = false
  sheet().ariaBusy = "true"
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, signal: mine.signal })
    if (!fill(answer, await answer.text())) return location.assign(url)
    if (push) history.pushState({ sheet: true }, "", url)
    else if (opened) history.replaceState({ sheet: true }, "", url)
    opened = url
    begin()
  } catch (fault) {
    if (fault.name === "AbortError") return
    if (!opened) shut()
    toast(word("unreachable"), { bad: true, action: { label: word("retry"), run: () => show(url, { push }) } })
  } finally {
    if (loading === mine) sheet().ariaBusy = "false"
  }
}

/** Put the page's content into the sheet. Says whether there was any. */
function fill(answer, text) {
  const content = new DOMParser().parseFromString(text, "text/html").querySelector("[data-swap]")
  if (!content || (answer.redirected && new URL(answer.url).pathname === "/login")) return false
  form.close()
  sheet().replaceChildren(...content.childNodes)
  sheet().scrollTop = 0
  return true
}

function begin() {
  const article = sheet().querySelector("[data-form]")
  if (article) form.open(article, { url: opened })
  from = article?.dataset.id ?? sheet().querySelector("[data-gate]")?.dataset.id ?? from
  ;(sheet().querySelector("[data-gate] input:not([type=hidden])") ?? sheet().querySelector("h1, h2"))?.focus({ preventScroll: true })
  markRow()
}

function markRow() {
  for (const row of table().tBodies[0].rows) row.toggleAttribute("data-open", isOpen() && row.dataset.id === from)
}

/** Take the sheet away; the focus returns to its row. */
function shut() {
  form.close()
  loading?.abort()
  sheet().replaceChildren()
  Object.assign(sheet(), { hidden: true, ariaBusy: "false" })
  opened = null
  markRow()
  const row = from && find(from)
  const back = row?.querySelector(".company a") ?? document.querySelector(".wrap") // along the list one may have left this page
  back?.focus({ preventScroll: true })
}

/** Close it, unless something unsaved is to be kept. */
async function close() {
  if (!isOpen() || document.querySelector("dialog.leave") || !(await form.mayLeave())) return
  const ours = history.state?.sheet
  shut()
  if (ours) history.back()
}

async function step(link) {
  if (link && (await form.mayLeave())) show(link.href, { push: false })
}

/** The gate's word goes to the server; what comes back takes its place. */
async function pass(gate, button) {
  const body = new URLSearchParams(new FormData(gate, button))
  const answer = await fetch(gate.action, { method: "POST", body, headers: { Accept: "text/html" } }).catch(() => null)
  if (!answer) return toast(word("unreachable"), { bad: true })
  if (fill(answer, await answer.text())) begin()
  else location.assign(opened)
}

function onClick(event) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return
  const row = event.target.closest(".company a")
  if (row && table()?.contains(row)) return event.preventDefault(), void openRow(row)
  const link = event.target.closest("#sheet [data-close], #sheet [data-step]")
  if (!link) return
  event.preventDefault()
  "step" in link.dataset ? step(link) : close()
}

async function openRow(link) {
  if (!(await form.mayLeave())) return
  const query = location.pathname === document.getElementById("desk").dataset.path ? location.search : new URL(opened ?? "/", location).search
  show(link.pathname + query, { push: !isOpen() })
}

function onKey(event) {
  if (!isOpen() || document.querySelector("dialog[open]")) return
  // Prevented, for what Escape does next is to close the dialog that asks whether to leave.
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector(".editor")) return event.preventDefault(), void close()
  if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    event.preventDefault()
    step(sheet().querySelector(`[data-step][rel=${event.key === "ArrowUp" ? "prev" : "next"}]`))
  }
}

/** Back and forward: into the sheet, out of it; with something unsaved the address waits for the answer. */
async function onHistory() {
  const wanted = history.state?.sheet ? location.href : ""
  if (wanted ? wanted === here() : !isOpen()) return
  if (!form.isDirty()) return wanted ? show(wanted, { push: false }) : shut()
  history.pushState({ sheet: true }, "", opened)
  if (!wanted) close()
  else if (await form.mayLeave()) show(wanted, { push: false })
}

/** The address of what is in the sheet; "" when nothing is. */
const here = () => (isOpen() && opened ? new URL(opened, location).href : "")

/** Wire clicks, keys and the history; once a page. */
export function start() {
  document.addEventListener("click", onClick)
  document.addEventListener("keydown", onKey)
  document.addEventListener("submit", (event) => {
    if (!event.target.closest("#sheet [data-gate]")) return
    event.preventDefault()
    pass(event.target, event.submitter)
  })
  addEventListener("popstate", onHistory)
  document.addEventListener("bmu:desk", markRow)
}
