// The tabs of an open form, and what they say of their fields: how many are not saved, how many are wrong.

import { touched } from "bmu/fields"
import { word } from "bmu/say"

export const tabs = (form) => [...form.querySelectorAll("[role=tab]")]
export const selected = (form) => tabs(form).find((tab) => tab.getAttribute("aria-selected") === "true")
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"))

/** Show the panel of a tab, and hide the others. */
export function choose(tab, { focus = false } = {}) {
  if (!tab) return
  for (const one of tabs(tab.closest("[data-form]"))) {
    one.setAttribute("aria-selected", String(one === tab))
    one.tabIndex = one === tab ? 0 : -1
    panelOf(one).toggleAttribute("data-closed-tab", one !== tab)
  }
  if (focus) tab.focus()
}

/** To the tab beside the one that is shown, round and round. */
export function along(form, step) {
  const list = tabs(form)
  choose(list[(list.indexOf(selected(form)) + step + list.length) % list.length], { focus: true })
}

/** Put the focus into the field that `element` belongs to, on whatever tab it is. */
export function goTo(form, element) {
  const panel = element.closest("[role=tabpanel]")
  choose(tabs(form).find((tab) => panelOf(tab) === panel))
  const control = element.closest(".field").querySelector("[name]") ?? element
  control.focus()
  control.scrollIntoView({ block: "center" })
}

/** Say what is not saved and what is wrong: at the field, on its tab, below. */
export function mark(form, sending) {
  for (const field of form.querySelectorAll(".field[data-unsaved]")) field.removeAttribute("data-unsaved")
  const open = touched(form)
  for (const control of open) control.closest(".field").setAttribute("data-unsaved", "")
  for (const tab of tabs(form)) for (const kind of ["unsaved", "wrong"]) count(tab.querySelector(`.${kind}`), panelOf(tab).querySelectorAll(`.field[data-${kind}]`).length)
  const state = form.querySelector(".form-state")
  const said = sending ? word("saving") : open.length ? word("unsaved", { n: open.length }) : ""
  if (state.textContent !== said) state.textContent = said
  form.toggleAttribute("data-dirty", open.length > 0)
}

function count(badge, n) {
  if (badge) Object.assign(badge, { hidden: !n, textContent: n || "" })
}
