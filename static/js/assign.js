// The grid's editor: who is to have a role, on one record or on all that are chosen, and why. The server asks its rules
// for all of them at once and writes all or none.

import { cellOf, focusOn, place, table, title } from "bmu/rows"
import { send, texts } from "bmu/saves"
import { toast, word } from "bmu/say"

const words = JSON.parse(document.getElementById("assign-words").textContent)
const say = (key, places = {}) => words[key].replace(/\{(\w+)\}/g, (_whole, name) => places[name] ?? "")
const holder = (row, role) => cellOf(row, role)?.dataset.value ?? ""
const begun = () => "asksWhy" in table().dataset
const roleName = (role) => table().querySelector(`th[data-column="${CSS.escape(role)}"] a`).title

/** Put somebody in `role` of `rows`. What was chosen and typed stays in the dialog until the server took it. */
export function assign(rows, role) {
  const fit = rows.filter((row) => cellOf(row, role).querySelector("button"))
  if (!fit.length) return
  const skipped = rows.length - fit.length
  const about = [which(fit), skipped ? say("skipped", { n: skipped }) : ""].filter(Boolean).join(" · ")
  const dialog = open(roleName(role), about, role)
  const seen = new Map(fit.map((row) => [row.dataset.id, holder(row, role)])) // what others assign from now on is news
  const own = fit.length === 1 ? holder(fit[0], role) : null
  const now = own && dialog.querySelector(`[name=who][value="${CSS.escape(own)}"]`)
  if (now) now.checked = true
  const cells = () => fit.map((row) => ({ id: row.dataset.id, role, employee_id: chosen(dialog) || null, was: seen.get(row.dataset.id) || null }))
  const asks = () => begun() && fit.some((row) => holder(row, role) && holder(row, role) !== chosen(dialog))
  dialog.addEventListener("close", () => fit.length === 1 && focusOn(fit[0].dataset.id, role))
  run(dialog, asks, () => (chosen(dialog) === undefined ? say("choose") : submit("PATCH", "/api/assignments", { cells: cells(), reason: reason(dialog) })))
}

/** Take over the people of the month before on `rows`: into empty places, or into all. */
export function copy(rows) {
  const dialog = open(say("copy"), `${which(rows)} · ${say("first")}`, null)
  const replace = dialog.querySelector("[name=replace]")
  const body = () => ({ month: table().dataset.month, builds: rows.map((row) => row.dataset.build), replace: replace.checked, reason: reason(dialog) })
  run(dialog, () => begun() && replace.checked, () => submit("POST", "/api/assignments/copy", body()))
}

const which = (rows) => (rows.length === 1 ? title(rows[0]) : say("many", { n: rows.length }))
const chosen = (dialog) => dialog.querySelector("[name=who]:checked")?.value
const reason = (dialog) => dialog.querySelector("[name=reason]").value

function open(heading, about, role) {
  const dialog = document.getElementById("assign-editor").content.firstElementChild.cloneNode(true)
  dialog.querySelector("h2").textContent = heading
  dialog.querySelector(".assign-about").textContent = about
  const people = dialog.querySelector(".assign-people")
  people.hidden = !role
  if (role) people.querySelector("fieldset").append(document.getElementById(`people-${role}`).content.cloneNode(true))
  dialog.querySelector(".assign-replace").hidden = Boolean(role)
  document.getElementById("main").append(dialog)
  dialog.showModal()
  return dialog
}

/** Until it is taken or left: each change says anew whether a reason is asked, each refusal is said in the dialog. */
function run(dialog, asks, ask) {
  const why = dialog.querySelector("[name=reason]")
  const form = dialog.querySelector("form")
  const hint = () => {
    why.required = asks()
    dialog.querySelector(".assign-why small").textContent = say(why.required ? "why" : "maybe")
  }
  hint()
  form.addEventListener("change", hint)
  form.addEventListener("input", ({ target }) => target.matches(".find") && narrow(form, target.value))
  form.addEventListener("keydown", (event) => keys(form, event))
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    const button = form.querySelector(".button-primary")
    button.disabled = true
    const fault = await ask()
    button.disabled = false
    if (fault) dialog.querySelector(".field-error").textContent = fault
    else dialog.close()
  })
  dialog.querySelector("[data-action=cancel]").onclick = () => dialog.close()
  dialog.addEventListener("close", () => dialog.remove())
}

function narrow(form, typed) {
  const wanted = typed.trim().toLocaleLowerCase()
  for (const one of form.querySelectorAll("fieldset .choice")) one.hidden = !one.textContent.toLocaleLowerCase().includes(wanted)
}

/** In the search: down goes to the people, Enter takes the first that is left. */
function keys(form, event) {
  if (!event.target.matches(".find") || !["Enter", "ArrowDown"].includes(event.key)) return
  event.preventDefault()
  const first = form.querySelector("fieldset .choice:not([hidden]) input")
  if (!first) return
  first.checked = true
  first.dispatchEvent(new Event("change", { bubbles: true }))
  if (event.key === "ArrowDown") first.focus()
  else if (form.elements.reason.required && !form.elements.reason.value) form.elements.reason.focus()
  else form.requestSubmit()
}

/** Ask the server; the rows it answers are placed. What is wrong, in words, or "" when nothing is. */
async function submit(method, url, body) {
  const answer = await send(method, url, body)
  if (!answer) return word("offline")
  if (!answer.body.success) return refusal(answer.body)
  for (const html of answer.body.data.rows ?? []) place(html, { own: true })
  document.dispatchEvent(new CustomEvent("bmu:assigned"))
  toast(answer.body.message)
  return ""
}

/** Which cells stand in the way, by their client. */
function refusal(body) {
  const builds = (found) => [...new Set(Object.keys(found).map((key) => key.slice(0, key.lastIndexOf("."))))].slice(0, 8).join(", ")
  if (body.conflicts) return say("clash", { what: builds(body.conflicts) })
  const named = Object.entries(body.errors ?? {}).filter(([key]) => key.includes("."))
  if (!named.length) return texts(body)
  const reasons = [...new Set(named.flatMap(([, said]) => said))].join(" · ")
  return `${builds(body.errors)}: ${reasons}`
}
