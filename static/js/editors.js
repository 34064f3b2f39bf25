// Editing in the table: a cell opens the editor it names, a choice saves at once.
// Fields, choices and labels come with the page; the server asks its rules again at every save.

import { cellOf, find, focusOn, hold, release, table, title } from "bmu/rows"
import { newKey, save, texts, undoLast } from "bmu/saves"
import { toast, word } from "bmu/say"

// What is being edited: { id, column, columns, was, version } as they were when it was opened, and its { editor }.
// The version is that one: what came in the meantime is a conflict that the person decides, not something they saw.
let open = null

export const mayEdit = ({ dataset: { writers } }) => Boolean(writers) && ("writesAll" in table().dataset || writers.split(" ").includes(table().dataset.me))
const raw = (row, column) => cellOf(row, column)?.dataset.value ?? ""
const isForm = (editor) => editor.tagName === "FORM"
const inputs = (form) => [...form.elements].filter((one) => one.name)

/** Open the editor of a cell, if it has one and we may. */
export function edit(cell) {
  close()
  if (!cell || !mayEdit(cell)) return
  const row = cell.closest("tr")
  const editor = document.getElementById(`editor-${cell.dataset.editor}`).content.firstElementChild.cloneNode(true)
  const { column } = cell.dataset
  const columns = isForm(editor) ? [...new Set(inputs(editor).map((one) => one.name))] : [column]
  const was = Object.fromEntries(columns.map((one) => [one, raw(row, one)]))
  open = { id: row.dataset.id, version: Number(row.dataset.version), column, columns, was, editor }
  hold(row, columns)
  editor.querySelector(".editor-title").textContent = title(row)
  document.getElementById("main").append(editor)
  isForm(editor) ? fillForm(editor, was) : fillList(editor, was[column])
  beside()
}

function fillList(editor, value) {
  for (const option of editor.querySelectorAll("[role=option]")) option.setAttribute("aria-selected", String(option.dataset.code === value))
  const start = editor.querySelector("[aria-selected=true]:not([aria-disabled])") ?? editor.querySelector("[role=option]:not([aria-disabled])")
  queueMicrotask(() => start?.focus({ preventScroll: true }))
}

function fillForm(form, was) {
  for (const input of inputs(form)) {
    if (input.type === "radio") input.checked = input.value === was[input.name]
    else input.value = was[input.name]
  }
  wantAmount(form)
  const chosen = form.querySelector("input:checked") ?? form.querySelector("input")
  queueMicrotask(() => chosen.focus({ preventScroll: true }))
}

function wantAmount(form) {
  const wanted = form.querySelector("[data-wants-amount]")?.checked ?? true
  for (const input of form.querySelectorAll("input[inputmode]")) input.disabled = !wanted
}

/** What a form would change: { name: value }, null for what is empty or not wanted. */
function changedIn(form, was) {
  const said = inputs(form).filter((one) => one.type !== "radio" || one.checked)
  const values = said.map((one) => [one.name, one.disabled ? "" : one.value.trim()])
  return Object.fromEntries(values.filter(([name, value]) => value !== was[name]).map(([name, value]) => [name, value || null]))
}

const shownCell = () => find(open.id) && cellOf(find(open.id), open.column)

function beside() {
  const cell = open && shownCell()
  if (!cell || innerWidth < 600) return // a sheet at the bottom, by its style
  const { style } = open.editor
  const at = cell.getBoundingClientRect()
  const size = open.editor.getBoundingClientRect()
  const below = at.bottom + 4 + size.height <= innerHeight
  style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`
  style.top = `${Math.max(8, below ? at.bottom + 4 : Math.min(at.top - size.height - 4, innerHeight - size.height - 8))}px`
}

/** Close the open editor; the cell takes what came in the meantime. */
export function close({ focus = true } = {}) {
  if (!open) return
  const { id, column, editor } = open
  open = null
  editor.remove()
  release()
  if (focus) focusOn(id, column)
}

function choose(option) {
  if (!option || option.getAttribute("aria-disabled") === "true") return
  const { id, column, version, was, other } = open
  const { code } = option.dataset
  close()
  if (code !== was[column] || other) save(id, { [column]: code }, { version })
}

async function submit(form) {
  const { id, version, was } = open
  const fields = changedIn(form, was)
  if (!Object.keys(fields).length) return close()
  if (form.ariaBusy === "true") return
  // Asked again for the same, it is the same save: its answer may have been lost on the way.
  const asked = JSON.stringify(fields)
  if (asked !== open.asked) Object.assign(open, { asked, key: newKey() })
  form.ariaBusy = "true"
  const fault = await save(id, fields, { version, key: open.key, told: false })
  form.ariaBusy = "false"
  if (open?.editor !== form) return fault && toast(texts(fault), { bad: true })
  if (fault) return showFault(form, fault)
  close()
}

function showFault(form, fault) {
  const typed = [...form.querySelectorAll("input[inputmode]:enabled")]
  for (const input of typed) input.ariaInvalid = String(!fault.errors || input.name in fault.errors)
  Object.assign(form.querySelector(".field-error"), { hidden: false, textContent: texts(fault) })
  typed[0]?.focus()
}

function typeToPick(options, sign) {
  const from = options.indexOf(document.activeElement) + 1
  const begins = (one) => one.textContent.trim().toLocaleLowerCase().startsWith(sign.toLocaleLowerCase())
  return [...options.slice(from), ...options.slice(0, from)].find(begins)
}

function onKey(event) {
  const list = event.target.closest("[role=listbox]")
  if (!list) return
  const options = [...list.querySelectorAll("[role=option]:not([aria-disabled])")]
  const at = options.indexOf(document.activeElement)
  const to = { ArrowDown: (at + 1) % options.length, ArrowUp: (Math.max(at, 0) - 1 + options.length) % options.length, Home: 0, End: options.length - 1 }[event.key]
  if (event.ctrlKey || event.metaKey) return
  if (to !== undefined) options[to].focus()
  else if (event.key === "Enter" || event.key === " ") choose(options[at])
  else if (event.key.length === 1) typeToPick(options, event.key)?.focus()
  else return
  event.preventDefault()
}

function onClick(event) {
  const cell = event.target.closest("td[data-writers] > button")?.parentElement
  if (cell) return edit(cell)
  if (!open) return
  if (!open.editor.contains(event.target)) return leaveAlone() || close({ focus: false })
  if (event.target.closest("[data-action=cancel]")) close()
  else choose(event.target.closest("[role=option]"))
}

/** A stray click does not throw away what somebody has typed. */
const leaveAlone = () => isForm(open.editor) && Object.keys(changedIn(open.editor, open.was)).length > 0

/** Another page of rows has taken the place of the one in which somebody types: go on in the same record, if it is there. */
function goOn() {
  const cell = open && shownCell()
  if (!cell || !mayEdit(cell)) return close({ focus: false })
  hold(cell.closest("tr"), open.columns)
  open.other ||= open.columns.some((one) => raw(cell.closest("tr"), one) !== open.was[one])
  beside()
}

/** Wire clicks and keys of cells and editors. */
export function start() {
  document.addEventListener("click", onClick)
  document.addEventListener("submit", (event) => {
    if (event.target !== open?.editor) return
    event.preventDefault()
    submit(event.target)
  })
  document.addEventListener("change", (event) => open && event.target.form === open.editor && wantAmount(open.editor))
  document.addEventListener("keydown", (event) => {
    if (open && event.key === "Escape") return close()
    if (open && event.key === "Tab" && !isForm(open.editor)) close()
    if (open?.editor.contains(event.target)) return onKey(event)
    const undoing = (event.ctrlKey || event.metaKey) && event.code === "KeyZ" && !event.target.matches("input, textarea")
    if (undoing && undoLast()) event.preventDefault()
  })
  document.addEventListener("bmu:other-value", ({ detail }) => {
    if (!open) return
    open.other = true
    open.editor.querySelector(".editor-title").dataset.other = word("other_value", { who: detail.who ?? "", value: detail.value })
  })
  document.addEventListener("bmu:desk", goOn)
  for (const kind of ["scroll", "resize"]) addEventListener(kind, beside, { capture: true, passive: true })
}
