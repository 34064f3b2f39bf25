// Saving: the changed fields of one record go to the server, which asks all its rules; what it answers is shown.
// A save can be taken back for ten seconds; a failed one loses nothing; of two values for one field a person chooses.

import { cookie } from "bmu/live"
import { find, focusOn, place, table } from "bmu/rows"
import { clock, toast, word } from "bmu/say"

const UNDO_SECONDS = 10
let lastUndo = null

export const texts = (fault) => Object.values(fault.errors ?? {}).flat().join(" · ") || fault.message

/** PUT the changed fields of a record. Nothing is lost when it fails: the old value stands, and one may try again. */
export async function save(id, fields, { version, key = newKey(), told = true }) {
  const again = () => save(id, fields, { version, key })
  const answer = await send("PUT", `/api/monthly-tax-data/${id}`, { sourcePage: table().dataset.page, version, ...fields }, { "Idempotency-Key": key })
  const retry = { label: word("retry"), run: again }
  if (!answer) return fail({ message: word("offline") }, told, retry)
  if (answer.body.success) return settle(answer.body.data), null
  if (answer.status === 409 && answer.body.conflicts) return conflict(id, fields, answer.body), null
  const link = find(id)?.querySelector("a")
  const look = link && { label: word("open"), run: () => location.assign(link.href) }
  return fail(answer.body, told, answer.status < 500 ? look : retry)
}

function fail(fault, told, action) {
  if (told) toast(texts(fault), { bad: true, seconds: 12, action })
  return fault
}

/** A save is done: its row is placed, and for ten seconds it may be taken back. */
export function settle(data) {
  if (data.html) place(data.html, { own: true })
  const undo = () => (closeToast(), takeBack(data))
  const closeToast = toast(`${data.build} ${word("saved")}`, { seconds: UNDO_SECONDS, action: { label: word("undo"), run: undo } })
  lastUndo = { undo, until: Date.now() + UNDO_SECONDS * 1000 }
}

/** Take back the last save, while its offer stands. Says whether there was one. */
export function undoLast() {
  const offered = lastUndo && Date.now() < lastUndo.until
  if (offered) lastUndo.undo()
  return Boolean(offered)
}

async function takeBack(data) {
  lastUndo = null
  const answer = await send("POST", `/api/monthly-tax-data/${data.id}/undo`, { version: data.version })
  if (!answer) return toast(word("offline"), { bad: true, action: { label: word("retry"), run: () => takeBack(data) } })
  if (!answer.body.success) return toast(answer.body.message, { bad: true })
  place(answer.body.data.html, { own: true })
  document.dispatchEvent(new CustomEvent("bmu:answered", { detail: answer.body.data }))
  toast(`${data.build} ${word("undone")}`)
}

/** The answer to a write: { status, body }, or null when none came. An access token that has run out is renewed on the way. */
export async function send(method, url, body, headers = {}) {
  try {
    let answer = await request(method, url, body, headers)
    if (answer.status === 401) {
      const renewed = await fetch("/api/auth/refresh", { method: "POST", headers: { "X-CSRF-TOKEN": cookie("csrf_refresh_token") } })
      if (renewed.ok) answer = await request(method, url, body, headers)
    }
    return { status: answer.status, body: await answer.json() }
  } catch {
    return null
  }
}

function request(method, url, body, headers) {
  const form = document.querySelector("[data-form]")
  const common = { "Content-Type": "application/json", "X-CSRF-TOKEN": cookie("csrf_access_token"), "X-Table": table()?.dataset.table ?? form?.dataset.desk ?? "" }
  if (form) common["X-Form"] = "1"
  return fetch(url, { method, body: JSON.stringify(body), headers: { ...common, ...headers }, signal: AbortSignal.timeout(20000) })
}

// crypto.randomUUID exists on https and localhost only; an office may well serve plain http inside its walls.
export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")

/** Somebody else changed the same field: the person chooses, knowing both values. What nobody else changed is kept. */
function conflict(id, fields, { conflicts, data }) {
  const dialog = document.getElementById("conflict").content.firstElementChild.cloneNode(true)
  const all = Object.values(conflicts)
  const news = { who: all[0].by_name ?? all[0].by ?? "", when: all[0].at }
  dialog.querySelector(".conflict-who").textContent = word("by", { ...news, when: clock(news.when, table().dataset.lang) })
  dialog.querySelector(".yours").textContent = all.map((one) => label(one.yours)).join(" · ")
  dialog.querySelector(".theirs").textContent = all.map((one) => label(one.theirs)).join(" · ")
  if (data.html) place(data.html, news)
  dialog.addEventListener("click", (event) => event.target.dataset.action && dialog.close(event.target.dataset.action))
  dialog.addEventListener("close", () => {
    dialog.remove()
    focusOn(id, Object.keys(conflicts)[0])
    const rest = Object.entries(fields).filter(([name]) => dialog.returnValue === "mine" || (dialog.returnValue && !(name in conflicts)))
    if (rest.length) save(id, Object.fromEntries(rest), { version: data.version })
  })
  document.getElementById("main").append(dialog)
  dialog.showModal()
}

/** How a value reads: as the editors name it, or as it is. */
function label(value) {
  if (value === null) return "–"
  for (const template of document.querySelectorAll("template[id^=editor-]")) {
    const named = template.content.querySelector(`[data-code="${CSS.escape(value)}"], input[value="${CSS.escape(value)}"]`)
    if (named) return (named.closest("label") ?? named).textContent.trim()
  }
  return String(value)
}
