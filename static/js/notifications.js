// The bell: how many notifications are unread, the drawer that lists them, and what is told while the page is open.
// The drawer shows the list of the bell's own page, which does the same without scripts; nothing is drawn here.

import { hear } from "bmu/live"
import { speak, toast } from "bmu/say"

const bell = document.getElementById("bell")
const drawer = document.getElementById("notices-drawer")
const place = drawer.querySelector(".bell-place")
const words = JSON.parse(document.getElementById("bell-words").textContent)
const TOGETHER = 250 // what is told within this many milliseconds is told as one
const pushed = new Set()
const coming = []

function count(unread) {
  const shown = bell.querySelector(".bell-count")
  shown.hidden = !unread
  shown.textContent = unread > 99 ? "99+" : unread
  bell.title = bell.querySelector(".unseen").textContent = unread ? words.some.replace("{n}", unread) : words.none
  const all = place.querySelector("[name=all]")
  if (all) all.disabled = !unread
}

/** Words for screen readers while the drawer is open: all else is hidden from them then. */
const say = (text) => (drawer.querySelector("[role=status]").textContent = text)

/** The list as `answer`, a page of ours, holds it; with its count. */
async function show(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html")
  const list = page.getElementById("notices")
  if (!list) return location.assign(bell.href) // signed out, or the like: the page itself knows what to say
  place.replaceChildren(document.importNode(list, true))
  count(Number(list.dataset.unread))
}

/** Ask for a page; false when it could not be had. */
async function ask(url, options = {}) {
  place.ariaBusy = "true"
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(10000), ...options })
    // Gone already, or a page that is too old: the fresh list shows what is true.
    if (answer.status === 404 && options.method) return ask(bell.href)
    if (!answer.ok) throw new Error(String(answer.status))
    await show(answer)
    return true
  } catch {
    say(words.failed)
    place.dataset.failed = words.failed
    return false
  } finally {
    place.ariaBusy = "false"
  }
}

async function open() {
  delete place.dataset.failed
  drawer.showModal()
  await ask(bell.href)
}

/** Another tab, or a new window, is as good a wish as the drawer; and at the list itself there is nothing to open. */
bell.addEventListener("click", (event) => {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || bell.ariaCurrent) return
  event.preventDefault()
  open()
})

drawer.addEventListener("click", (event) => {
  if (event.target === drawer || event.target.closest("[data-action=close]")) drawer.close()
})

// Esc and the browser give the focus back to the bell; what is shown next time is fetched then.
drawer.addEventListener("close", () => place.replaceChildren())

drawer.addEventListener("submit", async (event) => {
  event.preventDefault()
  const { submitter, target } = event
  const at = entries().indexOf(submitter.closest("[data-id]"))
  delete place.dataset.failed
  if (await ask(target.action, { method: "POST", body: new FormData(target, submitter) })) settle(submitter, at)
})

const entries = () => [...place.querySelectorAll("[data-id]")]

/** The focus stays with the one it was at, or with the one that took its place. */
function settle({ name, value }, at) {
  const again = place.querySelector(`button[name="${name}"][value="${CSS.escape(value)}"]:enabled`)
  const near = entries()[Math.min(Math.max(at, 0), entries().length - 1)]
  const next = again ?? near?.querySelector("a, button") ?? document.getElementById("notices-drawer-title")
  next.focus()
}

/** Up and down go from one to the next; tab goes through the buttons of each. */
drawer.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  const all = entries()
  const at = all.indexOf(document.activeElement.closest("[data-id]"))
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)]
  if (next) event.preventDefault()
  next?.querySelector("a, button").focus()
})

function told(news) {
  const mark = `${news.id} ${news.created_at}`
  count(news.unread)
  if (pushed.has(mark)) return // a message may come twice
  pushed.add(mark)
  if (drawer.open) return insert(news)
  if (coming.push(news) === 1) setTimeout(announce, TOGETHER)
}

/** One toast, however many came at once: a single one leads to its record, several to the list. */
function announce() {
  const [first, ...more] = coming.splice(0)
  const title = more.length ? words.some.replace("{n}", more.length + 1) : first.title
  const run = () => (first.action_url && !more.length ? location.assign(first.action_url) : open())
  toast(title, { seconds: 10, action: { label: words.open, run } })
  speak(title)
}

function insert({ id, html, title }) {
  const list = place.querySelector(".bell-entries")
  if (!list) return // it is being fetched, and holds this already or soon
  const fresh = Object.assign(document.createElement("template"), { innerHTML: html }).content.firstElementChild
  place.querySelector(`[data-id="${CSS.escape(id)}"]`)?.remove()
  list.prepend(fresh)
  say(title)
}

hear("notification:new", told)
hear("notification:count", ({ unread }) => count(unread))
// Each answered subscription counts anew: what came while the line was cut is not told one by one.
document.addEventListener("bmu:subscribed", ({ detail }) => "unread" in detail && count(detail.unread))
