// The monthly form: what is not saved yet, saving, and staying true while others save. Labels, rules and choices are
// the server's.

import * as drafts from "bmu/drafts"
import * as fields from "bmu/fields"
import { hear, tell } from "bmu/live"
import * as presence from "bmu/presence"
import { newKey, send, settle, texts } from "bmu/saves"
import { clock, speak, toast, word } from "bmu/say"
import * as story from "bmu/story"
import { choose, goTo, mark as markFields, selected, tabs } from "bmu/tabs"

let form = null // the article on screen
let address = "" // its own: the page's may be that of a list which was filtered beside it
let sending = null // the fields of a save under way
let unheard = [] // what came meanwhile: only the answer says which of it the save itself has done
let asked = null // { body, key } of the last save: the same asked again is the same save
let offered = null // a draft about which nobody has decided yet
let orphans = {} // what was typed into fields that have been taken away since
let timer = 0

export const current = () => form
export const isDirty = () => Boolean(form) && fields.touched(form).length > 0

/** A form is on screen, fresh from the server. */
export function open(article, { kept = {}, waiting, url = location.href } = {}) {
  form = article
  address = url
  sending = asked = null
  unheard = []
  form.querySelector(".form-foot .button-primary")?.removeAttribute("disabled")
  fields.wants(form)
  choose(selected(form) ?? tabs(form)[0])
  putBack(kept)
  offer(waiting === undefined ? drafts.recall(form) : waiting)
  mark()
  listen()
  presence.opened(form)
}

/** The form leaves the screen. */
export function close() {
  if (!form) return
  clearTimeout(timer)
  form = null
  tell("form:close", {})
  presence.closed()
}

const mark = () => form && markFields(form, sending)

/** Somebody has changed something: say so, and keep it. */
export function changedByHand() {
  mark()
  clearTimeout(timer)
  timer = setTimeout(keepNow, 300)
}

// Staying true ---------------------------------------------------------------------------------------------------------

/** Hear of this record's saves from now on, and of those since it was drawn. Says whether there is a line to hear by. */
async function listen() {
  const mine = form
  const { id, page, version, shape } = form.dataset
  const answer = await tell("form:open", { id, page, version: Number(version), shape })
  if (form !== mine) return false
  if (answer?.form) heard(answer.form)
  if (answer && !answer.ok && ["not_found", "forbidden"].includes(answer.error.code)) lost()
  return Boolean(answer)
}

/** What the record now says, as the wire told. It waits for a save under way: the news of an earlier save of one's own,
 *  or of one in another tab, would be taken for this one's, and take its words away. */
const heard = (snapshot) => (sending ? unheard.push(snapshot) : show(snapshot))

/** Show what the record says. `sent`: the fields of one's own save that this answers; `conflicts`: who changed which
 *  field, where the server told so. */
function show(snapshot, { sent = {}, conflicts = {} } = {}) {
  if (!form || snapshot.id !== form.dataset.id || snapshot.version < Number(form.dataset.version)) return
  if (snapshot.shape !== form.dataset.shape || snapshot.version - form.dataset.version > snapshot.lines.length) return redraw()
  const own = snapshot.updated_by === form.dataset.me
  const who = snapshot.updated_by_name ?? snapshot.updated_by ?? ""
  const by = (name) => ({ who: conflicts[name]?.by_name ?? who, when: conflicts[name]?.at ?? snapshot.updated_at })
  const newer = snapshot.version > Number(form.dataset.version)
  form.dataset.version = snapshot.version
  story.grow(form.querySelector("[data-story]"), snapshot.lines)
  const changed = fields.place(form, snapshot, { sent, disputed: conflicts, by })
  if (newer && !own) told(changed, who)
  mark()
}

function told(changed, who) {
  if (changed.length) toast(word("others_saved", { who, n: changed.length }))
  for (const field of changed) speak(word("announce", { row: form.dataset.name, column: field.dataset.label, value: fields.readable(field), who }))
}

/** Who may do what has changed, or too much was missed: draw the form anew and put back what is typed. */
async function redraw() {
  const mine = form
  keepNow()
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null)
  if (form !== mine || !answer) return
  if (answer.status === 404) return lost()
  if (!answer.ok) return
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html")
  const tab = selected(form).id
  const kept = { ...orphans, ...fields.typed(form) }
  form.parentElement.replaceChildren(...fresh.querySelector("[data-swap]").childNodes)
  const drawn = document.querySelector("[data-form]")
  if (!drawn) return close() // there is something to read first; the draft waits
  open(drawn, { kept, waiting: offered, url: address })
  choose(document.getElementById(tab))
}

function putBack(kept) {
  const last = form.querySelector("[data-part=updated]")
  orphans = fields.restore(form, kept, { who: last.querySelector("b").textContent, when: last.querySelector("time").dateTime })
  const box = form.querySelector("[data-orphans]")
  box.hidden = !Object.keys(orphans).length
  box.querySelector("ul").replaceChildren(...Object.values(orphans).map(({ value }) => Object.assign(document.createElement("li"), { textContent: value })))
}

/** The record is no longer ours to read or write. What is typed stays to be copied. */
function lost() {
  form.querySelector("[data-lost]").hidden = false
  form.querySelector(".form-foot .button-primary")?.setAttribute("disabled", "")
}

// Drafts ----------------------------------------------------------------------------------------------------------------

/** Offer a draft, until somebody decides about it; `draft` null: there is none any more. */
function offer(draft) {
  offered = draft
  const bar = form.querySelector("[data-draft]")
  bar.hidden = !draft
  if (draft) bar.querySelector("span").textContent = word("draft", { when: clock(draft.at, form.dataset.lang), n: Object.keys(draft.fields).length })
}

function keepNow() {
  if (form) drafts.keep(form, { ...offered?.fields, ...orphans, ...fields.typed(form) })
}

/** The draft is put back, but not over what has been typed since; or it is thrown away. */
export function draftAnswered(action) {
  const kept = { ...offered.fields, ...orphans, ...fields.typed(form) }
  offer(null)
  if (action === "restore") putBack(kept)
  keepNow()
  mark()
}

// Saving ----------------------------------------------------------------------------------------------------------------

/** Send what was changed. Says whether all of it is saved. */
export async function save() {
  if (!form || sending) return false
  const [first] = fields.clashes(form)
  if (first) return toast(word("choose_first", { n: fields.clashes(form).length }), { bad: true }), goTo(form, first), false
  const values = fields.changed(form)
  if (!Object.keys(values).length) return toast(word("all_saved")), true
  return answered(values, await put(values))
}

async function put(values) {
  const { id, page, version } = form.dataset
  const body = { sourcePage: page, version: Number(version), ...values }
  const said = JSON.stringify(body)
  if (asked?.said !== said) asked = { said, key: newKey() }
  sending = values
  mark()
  const answer = await send("PUT", `/api/monthly-tax-data/${id}`, body, { "Idempotency-Key": asked.key })
  return { ...answer, id }
}

function answered(values, { id, body }) {
  if (form?.dataset.id !== id) return Boolean(body?.success)
  const sent = body?.success ? values : {}
  sending = null
  if (body?.data?.form) show(body.data.form, { sent, conflicts: body.conflicts })
  unheard.splice(0).forEach(heard)
  if (!body?.success) return failed(body), mark(), false
  settle(body.data)
  keepNow()
  mark()
  return !isDirty()
}

function failed(body) {
  if (!body && !isDirty()) return toast(word("all_saved")) // only the answer was lost; the socket has told
  if (!body) return keepNow(), toast(word("kept"), { bad: true, seconds: 12, action: { label: word("retry"), run: save } })
  if (body.conflicts) {
    const [first] = fields.clashes(form)
    if (first) goTo(form, first)
    return toast(body.message, { bad: true })
  }
  const first = fields.showErrors(form, body.errors ?? {})
  if (first) goTo(form, first)
  const n = form.querySelectorAll(".field[data-wrong]").length
  toast(first ? word("wrong", { n }) : texts(body), { bad: true, seconds: 10 })
}

/** Leaving: true when nothing is lost by it, or the person says so. */
export async function mayLeave() {
  if (!isDirty()) return true
  const dialog = form.querySelector("template[data-leave]").content.firstElementChild.cloneNode(true)
  dialog.querySelector("p").textContent = word("unsaved", { n: fields.touched(form).length })
  document.body.append(dialog)
  dialog.addEventListener("click", ({ target }) => target.dataset.answer && dialog.close(target.dataset.answer))
  dialog.showModal()
  const answer = await new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue), { once: true }))
  dialog.remove()
  if (answer === "save") return save()
  if (answer === "discard") drafts.keep(form, offered?.fields ?? {})
  return answer === "discard"
}

/** Wire the form's ears; once a page. */
export function start() {
  addEventListener("beforeunload", (event) => isDirty() && event.preventDefault())
  addEventListener("pagehide", keepNow)
  hear("form:updated", heard)
  document.addEventListener("bmu:answered", ({ detail }) => detail.form && heard(detail.form))
  hear("monthly-tax-data:removed", ({ id }) => id === form?.dataset.id && lost())
  document.addEventListener("bmu:subscribed", async ({ detail }) => form && ((await listen()) || catchUp(detail.missed)))
}

/** Where no socket passes: ask for the form as it is now, when the list says that it was saved. */
async function catchUp(missed) {
  const news = form && missed.find((item) => item.id === form.dataset.id)
  if (news?.removed) return lost()
  if (!news || news.version < Number(form.dataset.version)) return
  const answer = await fetch(`/api/monthly-tax-data/${news.id}/form?page=${form.dataset.page}`, { headers: { "X-Background": "1" } }).catch(() => null)
  if (answer?.ok) heard((await answer.json()).data)
}
