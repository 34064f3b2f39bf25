// Moving about without leaving: links and the filter form fetch their own page and put its desk in the place of ours.
// The address says everything, so back, forward and a shared link work, and so does the page without this file.

const DEBOUNCE = 300
const DATE_DEBOUNCE = 900 // a date is complete, and wrong, while its year is still being typed
let asked = null
let timer = 0
let shown = place(location)

const desk = () => document.getElementById("desk")

function place({ pathname, search }) {
  return pathname + search
}

/** Show `url`. `push`: a new entry in the history; `quiet`: keep scroll and say nothing while it loads. */
export async function visit(url, { push = true, quiet = false } = {}) {
  if (!desk()) return location.assign(url) // somebody signed out
  asked?.abort()
  if (!quiet) clearTimeout(timer)
  const mine = (asked = new AbortController())
  if (!quiet) desk().setAttribute("aria-busy", "true")
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, signal: mine.signal })
    if (answer.redirected && new URL(answer.url).pathname !== new URL(url, location).pathname) return location.assign(url)
    if (answer.status >= 500) throw new Error(answer.statusText) // what is shown is better than an error page
    if (!answer.ok) return location.assign(url)
    swap(parse(await answer.text()), quiet)
    if (push) history.pushState({}, "", url)
    shown = place(location)
    document.dispatchEvent(new CustomEvent("bmu:desk"))
  } catch (fault) {
    if (fault.name !== "AbortError") document.dispatchEvent(new CustomEvent("bmu:unreachable", { detail: () => visit(url, { push, quiet }) }))
  } finally {
    if (asked === mine) desk()?.removeAttribute("aria-busy")
  }
}

/** Read the desk anew, keeping scroll, filters and what is being typed. */
export const refresh = () => visit(shown, { push: false, quiet: true })

/** A page that does nothing: in a template its styles are not applied, so their nonces offend no policy. */
function parse(html) {
  const box = document.createElement("template")
  box.innerHTML = html
  return box.content
}

function swap(page, quiet) {
  const fresh = page.getElementById("desk")
  if (!fresh) return location.reload()
  const keep = remember(quiet)
  desk().replaceWith(document.adoptNode(fresh))
  document.querySelector(".menu")?.replaceWith(document.adoptNode(page.querySelector(".menu")))
  document.title = page.querySelector("title").textContent
  recall(keep)
}

function remember(quiet) {
  const focus = document.activeElement
  const wrap = desk().querySelector(".wrap")
  return {
    open: [...desk().querySelectorAll("details[open][data-filter]")].map((one) => one.dataset.filter),
    sought: [...desk().querySelectorAll("[data-filter] [data-find]")].map((one) => [one.closest("[data-filter]").dataset.filter, one.value]),
    focus: desk().contains(focus) ? wayTo(focus) : null,
    typed: focus?.type === "search" ? { value: focus.value, caret: [focus.selectionStart, focus.selectionEnd] } : null,
    scroll: [wrap?.scrollLeft ?? 0, quiet ? (wrap?.scrollTop ?? 0) : 0],
  }
}

/** How to find in the next desk what has the focus in this one: a selector, or null. */
function wayTo(one) {
  const { name, value, type, rel } = one
  const row = one.closest("tr[data-id]")?.dataset.id
  const column = one.closest("[data-column]")?.dataset.column
  const filter = one.closest("details[data-filter]")?.dataset.filter
  const said = CSS.escape
  if (name) return `[name="${said(name)}"]${["radio", "checkbox"].includes(type) ? `[value="${said(value)}"]` : ""}`
  if (column) return `${row ? `tr[data-id="${said(row)}"]` : "thead"} [data-column="${said(column)}"] :is(a, button)`
  if (filter) return `[data-filter="${said(filter)}"] ${one.matches("[data-find]") ? "[data-find]" : "summary"}`
  return rel ? `a[rel="${said(rel)}"]` : null
}

function recall({ open, sought, focus, typed, scroll }) {
  for (const one of desk().querySelectorAll("details[data-filter]")) one.open = open.includes(one.dataset.filter)
  for (const [filter, value] of sought) {
    const find = value && desk().querySelector(`[data-filter="${CSS.escape(filter)}"] [data-find]`)
    if (find) narrow(Object.assign(find, { value }))
  }
  desk().querySelector(".wrap")?.scrollTo(...scroll)
  const again = focus && desk().querySelector(focus)
  if (!again) return
  if (typed && again.value !== typed.value) again.value = typed.value // typed on while we asked
  again.focus({ preventScroll: true })
  if (typed) again.setSelectionRange(...typed.caret)
}

function address(form) {
  const found = new Map()
  for (const [name, value] of new FormData(form)) if (value !== "") found.set(name, found.has(name) ? `${found.get(name)},${value}` : value)
  const query = new URLSearchParams([...found])
  return `${form.getAttribute("action")}?${query.toString().replaceAll("%2C", ",")}`
}

function soon(form, wait) {
  clearTimeout(timer)
  timer = setTimeout(() => visit(address(form)), wait)
}

function onChange({ target }) {
  const { form } = target
  if (form?.id !== "filters" || target.type === "search") return
  if (target.name === "scope") for (const name of ["role", "person"]) form.elements[name] && (form.elements[name].value = "")
  if (target.type === "date") soon(form, DATE_DEBOUNCE)
  else visit(address(form))
}

/** Wire links, the filter form, and back and forward. */
export function start() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-nav], .month a, .pager a")
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return
    event.preventDefault()
    visit(link.href)
  })
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "filters") return
    event.preventDefault()
    visit(address(event.target))
  })
  document.addEventListener("change", onChange)
  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-find]")) narrow(target)
    else if (target.form?.id === "filters" && target.type === "search") soon(target.form, DEBOUNCE)
  })
  addEventListener("popstate", () => history.state?.sheet || place(location) === shown || visit(location.href, { push: false }))
}

/** The search inside a list of choices: hides those that do not contain it. */
function narrow(input) {
  const words = input.value.trim().toLocaleLowerCase()
  for (const choice of input.closest("fieldset").querySelectorAll(".choice")) choice.hidden = !choice.textContent.toLocaleLowerCase().includes(words)
}
