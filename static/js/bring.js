// Bringing a file in: sends the form, shows how far the server has come, and puts what came of it into the page.
// The server answers a line of JSON for each step; the last one carries the HTML. Without this script the form works too.

import "bmu/frame"

const bar = document.getElementById("bring-progress")
const failed = document.getElementById("bring-failed")
const result = document.getElementById("bring-result")

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ""
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const parts = (rest + value).split("\n")
    rest = parts.pop()
    for (const part of parts) yield JSON.parse(part)
  }
}

async function send(body) {
  const answer = await fetch(location.pathname, {
    method: "POST",
    body,
    headers: { Accept: "application/x-ndjson" },
  })
  if (!answer.ok) throw new Error(String(answer.status))
  for await (const step of lines(answer.body)) {
    bar.value = step.percent
    if (step.html === undefined) continue
    result.innerHTML = step.html
    return
  }
  throw new Error("ended early")
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-bring]")
  if (!form) return
  event.preventDefault()
  const button = event.submitter
  const body = new FormData(form, button) // before the button is disabled: it would not be sent
  button.disabled = true
  failed.hidden = true
  bar.value = 0
  bar.hidden = false
  try {
    await send(body)
  } catch {
    failed.hidden = false
  }
  bar.hidden = true
  button.disabled = false
})
