// An open list of clients or people: hears that something in it changed, and offers to read it anew. Asks nothing.

import "bmu/frame"
import { hear, listen, tell } from "bmu/live"
import { speak, word } from "bmu/say"
import { signedOut, state } from "bmu/standing"

const AGAIN = 5000
const main = document.getElementById("main")
const { list, seq } = main.dataset
const nothing = () => {}
const wire = listen(() => null, { record: nothing, removed: nothing, settled: nothing, view: nothing, reset: nothing, state, signedOut: () => signedOut(main) })

/** With every connection: what came while there was none is told in the answer. */
async function watch() {
  const answer = await tell("watch:list", { list, since: Number(seq) })
  if (!answer?.ok) return void setTimeout(watch, AGAIN)
  wire.renewBefore(answer.expires_at)
  wire.say("live")
  if (answer.changed) offer()
}

function offer() {
  const news = document.getElementById("news")
  if (!news.hidden) return
  news.hidden = false
  news.querySelector("a").textContent = `${word("changed")} — ${word("show")}`
  speak(word("changed"))
}

hear("connect", watch)
hear("list:changed", offer)
