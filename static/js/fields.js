// The fields of an open form: what is typed, what came from others meanwhile, what the server says about them.
// A control keeps in data-was what the record holds; while its value is another, it is not saved.

import { glow } from "bmu/rows"
import { clock, word } from "bmu/say"

export const fieldOf = (form, name) => form.querySelector(`.field[data-field="${CSS.escape(name)}"]`)
export const controlOf = (form, name) => fieldOf(form, name)?.querySelector("[name]")
const all = (form) => [...form.querySelectorAll(".field [name]")]
const isTouched = (control) => !control.disabled && control.value !== control.dataset.was

/** The controls whose value is not saved. */
export const touched = (form) => all(form).filter(isTouched)

/** What a save would send: { name: value }, null for what was emptied. */
export const changed = (form) => Object.fromEntries(touched(form).map((control) => [control.name, valueOf(control)]))

const valueOf = ({ value }) => (value.trim() === "" ? null : value)

/** What a draft keeps: { name: { was, value } }. */
export const typed = (form) => Object.fromEntries(touched(form).map(({ name, value, dataset }) => [name, { was: dataset.was, value }]))

/** Put back what was typed before (into a form drawn anew, from a draft). Where the record has moved on since, both
 *  values are shown. Returns what belongs to fields that can no longer be written. */
export function restore(form, kept, news) {
  const orphans = {}
  for (const [name, { was, value }] of Object.entries(kept)) {
    const control = controlOf(form, name)
    if (!control) orphans[name] = { was, value }
    else if (control.disabled) control.dataset.kept = value // what it waits for comes back first, or has another value
    else if (was === control.dataset.was) set(control, value)
    else if (value !== control.dataset.was) {
      const now = { entry: control.dataset.was, html: reading(control) }
      set(control, value)
      clash(control, now, news)
    }
  }
  wants(form)
  return orphans
}

/** How the value that the record holds reads: an option by its label, a text as it is. */
function reading(control) {
  const box = document.createElement("span")
  const option = control.matches("select") && [...control.options].find((one) => one.value === control.dataset.was)
  box.textContent = (option ? option.textContent : control.dataset.was) || "–"
  return box.innerHTML
}

/** How a field reads now, to be said. */
export function readable(field) {
  const control = field.querySelector("[name]")
  return control?.selectedOptions?.[0]?.textContent ?? control?.value ?? field.querySelector(".shown").textContent
}

function set(control, value) {
  control.value = value
  if (control.matches("select")) control.dataset.tone = control.selectedOptions[0]?.dataset.tone ?? ""
}

/** Show how the record reads now. Who is typing keeps what they typed: they choose. `sent`: the fields of one's own
 *  save that this answers; `disputed`: those that the server would not take over another value; `by(name)`: { who,
 *  when } of a field's change. Returns the fields that changed on screen. */
export function place(form, snapshot, { sent = {}, disputed = {}, by }) {
  const news = []
  for (const [name, fresh] of Object.entries(snapshot.fields)) {
    const field = fieldOf(form, name)
    const control = field?.querySelector("[name]")
    if (control && name in sent) placeSent(control, fresh, sent[name])
    else if (control ? placeControl(control, fresh, by(name), name in disputed) : field && placeText(field, fresh)) news.push(field)
  }
  for (const [name, html] of Object.entries(snapshot.parts)) swap(form.querySelector(`[data-part="${CSS.escape(name)}"]`), html)
  wants(form)
  return news
}

/** One's own save has arrived. Who typed on meanwhile has more to save, and no other value to choose from. */
function placeSent(control, { entry }, sent) {
  control.closest(".field").querySelector(".clash")?.remove()
  const typedOn = valueOf(control) !== sent
  holds(control, entry)
  if (!typedOn) set(control, entry)
}

function placeControl(control, fresh, news, disputed) {
  const { was } = control.dataset
  const mine = control.disabled || (control.value === was && !isAwaited(control, fresh.entry)) || control.value === fresh.entry
  const known = control.closest(".field").querySelector(".clash")
  if (mine || (fresh.entry === was && !disputed)) known?.remove()
  else if (known?.dataset.entry !== fresh.entry) clash(control, fresh, news)
  if (!mine) return false
  holds(control, fresh.entry)
  if (control.disabled && control.dataset.when) delete control.dataset.kept
  if (!control.disabled || !control.dataset.when) set(control, fresh.entry)
  if (fresh.entry === was) return false
  glow(control)
  return true
}

/** The record now holds this. A choice that the page bars may be made only while it does: one can go back to it. */
function holds(control, entry) {
  control.dataset.was = entry
  for (const option of control.querySelectorAll("[data-barred]")) option.disabled = option.value !== entry
}

/** Whether a value for this control would take away what is typed in another that waits for it. */
function isAwaited(control, entry) {
  const waiting = control.closest("[data-form]").querySelectorAll(`[data-when^="${CSS.escape(control.name)}="]`)
  return [...waiting].some((one) => isTouched(one) && one.dataset.when !== `${control.name}=${entry}`)
}

function placeText(field, { html }) {
  const shown = field.querySelector(".shown")
  return swap(shown, html) && (glow(shown), true)
}

/** Put `html` into an element where it says something else. Says whether it did. */
function swap(element, html) {
  const box = document.createElement("template")
  box.innerHTML = html
  if (!element || element.innerHTML === box.innerHTML) return false
  element.replaceChildren(box.content)
  return true
}

/** Two values for one field: both are shown, with who and when; nothing is lost until the person chooses. */
function clash(control, { entry, html }, { who, when }) {
  control.closest(".field").querySelector(".clash")?.remove()
  const form = control.closest("[data-form]")
  const shown = form.querySelector("template[data-clash]").content.firstElementChild.cloneNode(true)
  shown.querySelector(".clash-who").textContent = word("clash", { who, when: clock(when, form.dataset.lang) })
  shown.querySelector(".clash-theirs").innerHTML = html
  shown.querySelector("[data-take=both]").hidden = !control.matches("textarea")
  shown.dataset.entry = entry
  control.closest(".field").append(shown)
}

export const clashes = (form) => [...form.querySelectorAll(".clash")]

/** The person has chosen: `theirs`, `mine`, or both texts one after the other. */
export function take(shown, choice) {
  const control = shown.closest(".field").querySelector("[name]")
  const { entry } = shown.dataset
  if (choice === "theirs") set(control, entry)
  if (choice === "both") set(control, [entry, control.value].filter(Boolean).join("\n"))
  holds(control, entry)
  shown.remove()
  wants(control.closest("[data-form]"))
  control.focus()
}

/** A control that has a value only while another holds a certain one. What was typed comes back with it. */
export function wants(form) {
  for (const control of form.querySelectorAll("[data-when]")) {
    const [name, code] = control.dataset.when.split("=")
    const other = controlOf(form, name)
    if (!other || other.disabled) continue
    const wanted = other.value === code
    if (wanted === !control.disabled) continue
    control.disabled = !wanted
    if (wanted) control.value = control.dataset.kept ?? control.dataset.was
    else [control.dataset.kept, control.value] = [control.value, ""]
  }
}

/** Say at each field what is wrong with it. Returns the first of them, or null. */
export function showErrors(form, errors) {
  clearErrors(form)
  const found = Object.entries(errors).map(([name, texts]) => [fieldOf(form, name), texts]).filter(([field]) => field)
  for (const [field, texts] of found) say(field, texts.join(" "))
  return form.querySelector(".field[data-wrong]")
}

function say(field, text) {
  const error = field.querySelector(".field-error")
  Object.assign(error, { textContent: text, hidden: !text })
  field.toggleAttribute("data-wrong", Boolean(text))
  const control = field.querySelector("[name]")
  if (control) text ? control.setAttribute("aria-invalid", "true") : control.removeAttribute("aria-invalid")
}

export function clearErrors(form) {
  for (const field of form.querySelectorAll(".field[data-wrong]")) say(field, "")
}

/** Somebody is at this field again: what was wrong with it is being dealt with. */
export const onInput = (control) => choose(control, control.value)

function choose(control, value) {
  const field = control.closest(".field")
  if (field.hasAttribute("data-wrong")) say(field, "")
  set(control, value)
}

/** Give every empty status of the forms the same code. Returns how to take it back, and how many there were. */
export function fill(group, code) {
  const empty = [...group.querySelectorAll(".forms-grid select:enabled")].filter((one) => !one.value)
  for (const one of empty) choose(one, code)
  return { count: empty.length, undo: () => empty.filter((one) => one.value === code).forEach((one) => set(one, "")) }
}
