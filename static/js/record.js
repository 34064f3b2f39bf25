// A record's form on a page of its own: the same form as in the sheet, without a table beside it.

import * as form from "bmu/form"
import "bmu/frame"
import * as hands from "bmu/hands"
import "bmu/gate"
import { listen } from "bmu/live"
import * as presence from "bmu/presence"
import * as standing from "bmu/standing"

const nothing = () => {}
const article = () => document.querySelector("[data-form]")

form.start()
hands.start()
presence.start()
if (article()) begin()

function begin() {
  form.open(article())
  listen(article, { record: nothing, removed: nothing, settled: nothing, view: nothing, reset: nothing, state: standing.state, signedOut })
}

/** What was typed waits as a draft. */
function signedOut() {
  form.close()
  standing.signedOut(document.querySelector("[data-swap]"))
}

// Its links are plain links: the browser asks before what is typed is left (form.js).
document.addEventListener("keydown", (event) => {
  const rel = event.altKey && { ArrowUp: "prev", ArrowDown: "next" }[event.key]
  const link = rel ? document.querySelector(`[data-step][rel=${rel}]`) : event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]") && document.querySelector("[data-close]")
  if (link) follow(event, link)
})
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-close], [data-step]")
  if (link && !(event.metaKey || event.ctrlKey || event.shiftKey || event.button)) follow(event, link)
})

async function follow(event, link) {
  event.preventDefault()
  if (!(await form.mayLeave())) return
  form.close()
  location.assign(link.href)
}

// Opened over a table and then reloaded, this page shares its entry's past with the table: going back changes only the
// address, and what belongs there has to be fetched.
const here = location.pathname + location.search
addEventListener("popstate", async () => {
  if (location.pathname + location.search === here) return
  if (!(await form.mayLeave())) return history.forward()
  form.close()
  location.reload()
})
