// Editing in the table: a cell opens the editor it names, a choice saves at once and can be taken back for ten seconds.
// Fields, choices and labels come with the page; the server asks its rules again at every save.

import { cookie } from "bmu/live"
import { hold, place, release, table } from "bmu/rows"
import { clock, toast, word } from "bmu/say"

const UNDO_SECONDS = 10
let open = null // { cell, editor, button }

const mayEdit = (cell) => "writesAll" in table().dataset || cell.dataset.writers.split(" ").includes(table().dataset.me)

/** Open the editor of a cell, if it has one and we may. */
export function edit(cell) {
  close()
  if (!cell?.dataset.writers || !mayEdit(cell)) return
  const editor = document.getElementById(`editor-${cell.dataset.editor}`).content.firstElementChild.cloneNode(true)
  open = { cell, editor, button: cell.querySelector("button") }
  hold(cell)
  const row = cell.closest("tr")
  editor.querySelector(".editor-title").textContent = [...row.cells].slice(0, 2).map((one) => one.textContent.trim()).join(" · ")
  document.getElementById("main").append(editor)
  editor.tagName === "FORM" ? fillForm(editor, row) : fillList(editor, cell)
  beside(editor, cell)
}

function fillList(editor, cell) {
  for (const option of editor.querySelectorAll("[role=option]")) option.setAttribute("aria-selected", String(option.dataset.code === cell.dataset.value))
  const start = editor.querySelector("[aria-selected=true]:not([aria-disabled])") ?? editor.querySelector("[role=option]:not([aria-disabled])")
  queueMicrotask(() => start?.focus({ preventScroll: true }))
}

function fillForm(form, row) {
  for (const input of form.elements) {
    if (!input.name) continue
    const value = row.querySelector(`[data-column="${CSS.escape(input.name)}"]`)?.dataset.value ?? ""
    if (input.type === "radio") input.checked = input.value === value
    else input.value = value
  }
  wantAmount(form)
  const chosen = form.querySelector("input:checked") ?? form.querySelector("input")
  queueMicrotask(() => chosen.focus({ preventScroll: true }))
}

function wantAmount(form) {
  const wanted = form.querySelector("[data-wants-amount]")?.checked ?? true
  for (const input of form.querySelectorAll("input[inputmode]")) input.disabled = !wanted
}

function beside(editor, cell) {
  const at = cell.getBoundingClientRect()
  const size = editor.getBoundingClientRect()
  if (innerWidth < 600) return // a sheet at the bottom, by its style
  const below = at.bottom + 4 + size.height <= innerHeight
  editor.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`
  editor.style.top = `${Math.max(8, below ? at.bottom + 4 : Math.min(at.top - size.height - 4, innerHeight - size.height - 8))}px`
}

/** Close the open editor; the cell takes what came in the meantime. */
export function close({ focus = true } = {}) {
  if (!open) return
  const { cell, editor } = open
  const { id } = cell.closest("tr")?.dataset ?? {}
  open = null
  editor.remove()
  release()
  const again = id && table()?.querySelector(`tr[data-id="${CSS.escape(id)}"] [data-column="${cell.dataset.column}"] button`)
  if (focus) again?.focus({ preventScroll: true })
}

function choose(option) {
  if (!option || option.getAttribute("aria-disabled") === "true") return
  const { cell } = open
  if (option.dataset.code === cell.dataset.value) return close()
  save(cell.closest("tr"), { [cell.dataset.column]: option.dataset.code })
  close()
}

async function submit(form) {
  const row = open.cell.closest("tr")
  const fields = {}
  for (const input of form.elements) {
    if (!input.name || (input.type === "radio" && !input.checked)) continue
    fields[input.name] = input.disabled || input.value.trim() === "" ? null : input.value.trim()
  }
  const fault = await save(row, fields, { told: false })
  if (!fault) return close()
  const shown = form.querySelector(".field-error")
  Object.assign(shown, { hidden: false, textContent: texts(fault) })
  form.querySelector("input[inputmode]:enabled")?.focus()
}

const texts = (fault) => Object.values(fault.errors ?? {}).flat().join(" · ") || fault.message

/** PUT the changed fields of a row. Nothing is lost when it fails: the old value stands, and one may try again. */
async function save(row, fields, { version = Number(row.dataset.version), key = newKey(), told = true } = {}) {
  const { id } = row.dataset
  const again = () => save(row, fields, { version, key, told: true })
  const answer = await send("PUT", `/api/monthly-tax-data/${id}`, { sourcePage: table().dataset.page, version, ...fields }, { "Idempotency-Key": key })
  if (!answer) return fail(word("offline"), told, { label: word("retry"), run: again })
  if (answer.status === 409) return conflict(row, fields, answer.body), null
  if (!answer.body.success) return fail(texts(answer.body), told, { label: word("open"), run: () => location.assign(row.querySelector("a").href) }, answer.body)
  settle(answer.body.data, word("saved"))
  return null
}

function fail(text, told, action, fault = { message: text }) {
  if (told) toast(text, { bad: true, seconds: 12, action })
  return fault
}

function settle(data, text) {
  place(data.html, { own: true })
  const undo = () => takeBack(data)
  toast(`${data.build} ${text}`, { seconds: UNDO_SECONDS, action: { label: word("undo"), run: undo } })
  lastUndo = { undo, until: Date.now() + UNDO_SECONDS * 1000 }
}

let lastUndo = null

async function takeBack(data) {
  lastUndo = null
  const answer = await send("POST", `/api/monthly-tax-data/${data.id}/undo`, { version: data.version })
  if (!answer) return toast(word("offline"), { bad: true, action: { label: word("retry"), run: () => takeBack(data) } })
  if (!answer.body.success) return toast(answer.body.message, { bad: true })
  place(answer.body.data.html, { own: true })
  toast(`${data.build} ${word("undone")}`)
}

async function send(method, url, body, headers = {}) {
  try {
    const answer = await request(method, url, body, headers)
    if (answer.status !== 401) return { status: answer.status, body: await answer.json() }
    const renewed = await fetch("/api/auth/refresh", { method: "POST", headers: { "X-CSRF-TOKEN": cookie("csrf_refresh_token") } })
    const retried = renewed.ok ? await request(method, url, body, headers) : answer
    return { status: retried.status, body: await retried.json() }
  } catch {
    return null
  }
}

function request(method, url, body, headers) {
  const common = { "Content-Type": "application/json", "X-CSRF-TOKEN": cookie("csrf_access_token"), "X-Table": table().dataset.table }
  return fetch(url, { method, body: JSON.stringify(body), headers: { ...common, ...headers }, signal: AbortSignal.timeout(20000) })
}

// crypto.randomUUID exists on https and localhost only; an office may well serve plain http inside its walls.
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")

function conflict(row, fields, { conflicts, data }) {
  const dialog = document.getElementById("conflict").content.firstElementChild.cloneNode(true)
  const all = Object.values(conflicts)
  dialog.querySelector(".conflict-who").textContent = word("by", { who: all[0].by_name ?? all[0].by, when: clock(all[0].at, table().dataset.lang) })
  dialog.querySelector(".yours").textContent = all.map((one) => label(one.yours)).join(" · ")
  dialog.querySelector(".theirs").textContent = all.map((one) => label(one.theirs)).join(" · ")
  place(data.html, { who: all[0].by_name, when: all[0].at })
  dialog.addEventListener("click", (event) => {
    const action = event.target.dataset.action
    if (!action) return
    dialog.close()
    if (action === "mine") save(row, fields, { version: data.version })
  })
  dialog.addEventListener("close", () => dialog.remove())
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

function typeToPick(list, sign) {
  const options = [...list.querySelectorAll("[role=option]:not([aria-disabled])")]
  const from = options.indexOf(document.activeElement) + 1
  const found = [...options.slice(from), ...options.slice(0, from)].find((one) => one.textContent.trim().toLocaleLowerCase().startsWith(sign.toLocaleLowerCase()))
  found?.focus()
}

function onKey(event) {
  const list = event.target.closest("[role=listbox]")
  if (!list) return
  const options = [...list.querySelectorAll("[role=option]:not([aria-disabled])")]
  const at = options.indexOf(document.activeElement)
  const to = { ArrowDown: (at + 1) % options.length, ArrowUp: (at - 1 + options.length) % options.length, Home: 0, End: options.length - 1 }[event.key]
  if (to !== undefined) options[to].focus()
  else if (event.key === "Enter" || event.key === " ") choose(document.activeElement)
  else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) typeToPick(list, event.key)
  else return
  event.preventDefault()
  event.stopPropagation()
}

/** Wire clicks and keys of cells and editors. */
export function start() {
  document.addEventListener("click", (event) => {
    const cell = event.target.closest("td[data-writers] > button")?.parentElement
    if (cell) return edit(cell)
    if (open?.editor.contains(event.target)) {
      if (event.target.closest("[data-action=cancel]")) close()
      else choose(event.target.closest("[role=option]"))
    } else close({ focus: false })
  })
  document.addEventListener("submit", (event) => {
    if (event.target !== open?.editor) return
    event.preventDefault()
    submit(event.target)
  })
  document.addEventListener("change", (event) => event.target.form === open?.editor && open && wantAmount(event.target.form))
  document.addEventListener("keydown", (event) => {
    if (open && event.key === "Escape") return event.stopPropagation(), close()
    if (open && event.key === "Tab" && open.editor.tagName !== "FORM") close()
    if (open?.editor.contains(event.target)) return onKey(event)
    const undoing = (event.ctrlKey || event.metaKey) && event.key === "z" && lastUndo && Date.now() < lastUndo.until
    if (undoing && !event.target.matches("input, textarea")) event.preventDefault(), lastUndo.undo()
  })
  document.addEventListener("bmu:other-value", ({ detail }) => {
    const title = open?.editor.querySelector(".editor-title")
    if (title) title.dataset.other = word("other_value", { who: detail.who ?? "", value: detail.value })
  })
  document.addEventListener("bmu:desk", () => close({ focus: false }))
}
