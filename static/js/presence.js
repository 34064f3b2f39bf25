// Who else has a record open, and in which field: a mark in the table's row, names in the open form.
//
// A row's mark is a rule of a constructed stylesheet. Nothing is written into the row, which stays, to the character,
// the row of a freshly rendered page; and the rules outlive a table that is swapped for another.
//
// There is no timer for beats. The server asks (`presence:ask`) a form it has not heard of for four seconds, and lets
// go of it four seconds later. Chromium lets timers of a hidden tab ring once a second, and once a minute after five
// minutes; to a message it answers at once. So a form that is open in a hidden tab stays in sight of the others, and
// goes within ten seconds when the browser freezes the tab or the machine sleeps. Typing says nothing: only another
// field does.

import { hear, tell } from "bmu/live"
import { table } from "bmu/rows"
import { word } from "bmu/say"

const PAUSE = 150 // on the way through fields with the Tab key, only the last one is told
const others = new Map() // id of a record → [{ id, name, field }], oneself left out
const marks = new CSSStyleSheet()
let form = null
let field = null
let pausing = 0

/** Hear who is where, and which form is on screen; once a page, before the first form opens. */
export function start() {
  document.adoptedStyleSheets.push(marks)
  hear("presence:changed", changed)
  hear("presence:ask", beat)
  hear("monthly-tax-data:removed", ({ id }) => changed({ id, people: [] }))
  hear("disconnect", () => begin([])) // deaf: what we would show may no longer be so
  document.addEventListener("bmu:subscribed", ({ detail }) => {
    begin(detail.presence ?? [])
    beat()
  })
  document.addEventListener("bmu:form-opened", ({ detail }) => opened(detail))
  document.addEventListener("bmu:form-closed", closed)
}

/** A form is on screen: an element with `data-id`, `.field[data-field]` around each field, `[data-presence]` for names. */
export function opened(shown) {
  form = shown
  field = current()
  for (const kind of ["focusin", "focusout"]) form.addEventListener(kind, moved)
  show()
  beat()
}

/** No form is open any more. Of a page that is left the closed socket tells. */
export function closed() {
  if (form) tell("presence:gone", { id: form.dataset.id })
  form = field = null
}

function begin(all) {
  others.clear()
  for (const one of all) keep(one)
  show()
}

function changed(one) {
  keep(one)
  show()
}

function keep({ id, people }) {
  const me = form?.dataset.me || table()?.dataset.me
  const found = people.filter((one) => one.id !== me)
  found.length ? others.set(id, found) : others.delete(id)
}

async function beat() {
  if (!form) return
  if (!form.isConnected) return closed()
  const { id } = form.dataset
  const answer = await tell("presence:here", { id, field })
  if (answer && form?.dataset.id === id) changed({ id, people: answer.ok ? answer.people : [] })
}

function moved() {
  clearTimeout(pausing)
  pausing = setTimeout(() => {
    if (!form || field === current()) return
    field = current()
    beat()
  }, PAUSE)
}

function current() {
  const focus = document.activeElement
  return form.contains(focus) ? (focus.closest(".field[data-field]")?.dataset.field ?? null) : null
}

function show() {
  marks.replaceSync([...others].map(([id, people]) => `tr[data-id=${quoted(id)}] { --here: ${quoted(names(people))} / ""; }`).join("\n"))
  if (!form) return
  const people = others.get(form.dataset.id) ?? []
  write(form.querySelector("[data-presence]"), people.length ? word("here", { who: names(people) }) : "")
  for (const place of form.querySelectorAll(".field[data-field]")) {
    const inside = people.filter((one) => one.field === place.dataset.field)
    if (inside.length) place.dataset.here = names(inside)
    else delete place.dataset.here
  }
}

/** Anew only what is new: a screen reader says it again otherwise. */
function write(place, text) {
  if (place && place.textContent !== text) place.textContent = text
}

const names = (people) => people.map((one) => one.name).join(", ")

/** A string as CSS writes it, whatever is in it. */
const quoted = (text) => `"${text.replace(/["\\\n\r\f]/g, (sign) => `\\${sign.codePointAt(0).toString(16)} `)}"`
