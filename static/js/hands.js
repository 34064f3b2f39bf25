// Hands on an open form: clicks, typing, keys.

import * as fields from "bmu/fields"
import { changedByHand, current, draftAnswered, save } from "bmu/form"
import { toast, word } from "bmu/say"
import { along, choose, tabs } from "bmu/tabs"

function onClick(event) {
  const { target } = event
  if (!current()?.contains(target)) return
  const tab = target.closest("[role=tab]")
  if (tab) return event.preventDefault(), choose(tab)
  const taken = target.closest("[data-take]")
  if (taken) return fields.take(taken.closest(".clash"), taken.dataset.take), changedByHand()
  const group = target.closest(".form-section")
  if (target.closest("[data-fill-with]")) return fillIn(group, target.closest("[data-fill-with]").dataset.fillWith)
  const pick = target.closest("[data-pick]")
  if (pick) return pick.parentElement.querySelector("[data-calendar]").showPicker()
  const action = target.closest("[data-action]")?.dataset.action
  if (action) draftAnswered(action)
  const help = target.closest(".label label") && !target.closest(".field").querySelector("[name]")
  if (help) target.closest(".field").querySelector(".help")?.toggleAttribute("open")
}

function fillIn(group, code) {
  const { count: n, undo } = fields.fill(group, code)
  if (n) toast(word("filled", { n }), { seconds: 10, action: { label: word("undo"), run: () => (undo(), changedByHand()) } })
  changedByHand()
}

function onInput({ target }) {
  const form = current()
  if (!form?.contains(target)) return
  if (target.matches("[data-fill]")) return target.value && (fillIn(target.closest(".form-section"), target.value), (target.value = ""))
  if (target.matches("[data-calendar]")) return picked(target)
  if (!target.name) return
  fields.onInput(target)
  fields.wants(form)
  changedByHand()
}

/** A day chosen in the browser's calendar, as one would have typed it. */
function picked({ value, parentElement }) {
  const control = parentElement.querySelector("[name]")
  control.value = value.split("-").reverse().join("/")
  control.dispatchEvent(new Event("input", { bubbles: true }))
}

function onKey(event) {
  const form = current()
  if (!form || event.defaultPrevented) return
  const { target, key } = event
  const mod = event.ctrlKey || event.metaKey
  if (mod && event.code === "KeyS") return event.preventDefault(), void save()
  if ((mod || event.altKey) && /^Digit[1-4]$/.test(event.code)) return event.preventDefault(), choose(tabs(form)[Number(event.code.at(-1)) - 1], { focus: true })
  if (target.matches?.("[role=tab]") && ["ArrowLeft", "ArrowRight"].includes(key)) return event.preventDefault(), along(form, key === "ArrowRight" ? 1 : -1)
  if (target.matches?.(".form-line input") && ["ArrowUp", "ArrowDown", "Enter"].includes(key)) return event.preventDefault(), toLine(target, key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling")
}

function toLine(control, way) {
  control.closest(".form-line")[way]?.querySelector("input")?.select()
}

/** Wire clicks, typing and keys; once a page. */
export function start() {
  document.addEventListener("click", onClick)
  document.addEventListener("input", onInput)
  document.addEventListener("keydown", onKey)
  document.addEventListener("submit", (event) => {
    if (event.target !== current()?.querySelector("form")) return
    event.preventDefault()
    save()
  })
}
