// Moving about without leaving: links and the filter form fetch their own page and put its desk in the place of ours.
// The address says everything, so back, forward and a shared link work, and so does the page without this file.

const DEBOUNCE = 300
let asked = null
let timer = 0

const desk = () => document.getElementById("desk")

/** Show `url`. `push`: a new entry in the history; `quiet`: keep scroll and say nothing while it loads. */
export async function visit(url, { push = true, quiet = false } = {}) {
  asked?.abort()
  const mine = (asked = new AbortController())
  if (!quiet) desk().setAttribute("aria-busy", "true")
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, signal: mine.signal })
    if (answer.redirected && new URL(answer.url).pathname !== new URL(url, location).pathname) return location.assign(url)
    if (!answer.ok) return location.assign(url)
    swap(new DOMParser().parseFromString(await answer.text(), "text/html"), quiet)
    if (push) history.pushState({}, "", url)
    document.dispatchEvent(new CustomEvent("bmu:desk"))
  } catch (fault) {
    if (fault.name !== "AbortError") document.dispatchEvent(new CustomEvent("bmu:unreachable", { detail: () => visit(url, { push, quiet }) }))
  } finally {
    if (asked === mine) desk().removeAttribute("aria-busy")
  }
}

/** Read the desk anew, keeping scroll, filters and what is being typed. */
export const refresh = () => visit(location.href, { push: false, quiet: true })

function swap(page, quiet) {
  const fresh = page.getElementById("desk")
  if (!fresh) return location.reload()
  const keep = remember(quiet)
  desk().replaceWith(document.adoptNode(fresh))
  document.querySelector(".menu")?.replaceWith(document.adoptNode(page.querySelector(".menu")))
  document.title = page.title
  recall(keep)
}

function remember(quiet) {
  const focus = document.activeElement
  const wrap = desk().querySelector(".wrap")
  return {
    open: [...desk().querySelectorAll("details[open][data-filter]")].map((one) => one.dataset.filter),
    name: desk().contains(focus) ? focus.name : "",
    value: focus?.value,
    kind: focus?.type,
    caret: focus?.type === "search" ? [focus.selectionStart, focus.selectionEnd] : null,
    row: focus?.closest?.("tr[data-id]")?.dataset.id,
    column: focus?.closest?.("[data-column]")?.dataset.column,
    scroll: [wrap?.scrollLeft ?? 0, quiet ? (wrap?.scrollTop ?? 0) : 0],
  }
}

function recall({ open, name, value, kind, caret, row, column, scroll }) {
  for (const one of desk().querySelectorAll("details[data-filter]")) one.open = open.includes(one.dataset.filter)
  desk().querySelector(".wrap")?.scrollTo(...scroll)
  const same = (one) => one.name === name && (one.type === "search" || one.value === value)
  const input = name && [...document.forms.filters.elements].find(same)
  if (input) {
    if (kind === "search" && input.value !== value) input.value = value // typed on while we asked
    input.focus({ preventScroll: true })
    if (caret) input.setSelectionRange(...caret)
  } else if (row) {
    const cell = desk().querySelector(`tr[data-id="${CSS.escape(row)}"] [data-column="${CSS.escape(column ?? "")}"]`)
    cell?.querySelector("a, button")?.focus({ preventScroll: true })
  }
}

function address(form) {
  const found = new Map()
  for (const [name, value] of new FormData(form)) if (value !== "") found.set(name, found.has(name) ? `${found.get(name)},${value}` : value)
  const query = new URLSearchParams([...found])
  return `${form.getAttribute("action")}?${query.toString().replaceAll("%2C", ",")}`
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
    clearTimeout(timer)
    visit(address(event.target))
  })
  document.addEventListener("change", (event) => {
    const form = event.target.form
    if (form?.id !== "filters" || event.target.type === "search") return
    if (event.target.name === "scope") for (const name of ["role", "person"]) form.elements[name] && (form.elements[name].value = "")
    visit(address(form))
  })
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-find]")) return narrow(event.target)
    if (event.target.form?.id !== "filters" || event.target.type !== "search") return
    clearTimeout(timer)
    timer = setTimeout(() => visit(address(event.target.form)), DEBOUNCE)
  })
  addEventListener("popstate", () => visit(location.href, { push: false }))
}

/** The search inside a list of choices: hides those that do not contain it. */
function narrow(input) {
  const words = input.value.trim().toLocaleLowerCase()
  for (const choice of input.closest("fieldset").querySelectorAll(".choice")) choice.hidden = !choice.textContent.toLocaleLowerCase().includes(words)
}
