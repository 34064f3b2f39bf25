// The history of a record: shows only what happened to one field, and grows while somebody looks.
// Listens on the document, so that it also works in a history that was put into the page later.

/** Show the lines, and in them the changes, of the field that is chosen in `story`; all of them without a choice. */
export function settle(story) {
  const key = story.querySelector("[data-story-filter]").value
  for (const line of story.querySelectorAll("[data-history] > li")) {
    line.hidden = key !== "" && !line.dataset.fields.split(" ").includes(key)
    for (const change of line.querySelectorAll("li")) change.hidden = key !== "" && change.dataset.field !== key
  }
}

/** Put lines of HTML, newest first, on top of `story`: those that it does not have yet. */
export function grow(story, lines) {
  const list = story.querySelector("[data-history]")
  const newest = Number(list.firstElementChild?.dataset.version ?? 0)
  const template = document.createElement("template")
  template.innerHTML = lines.join("")
  const fresh = [...template.content.children].filter((line) => Number(line.dataset.version) > newest)
  if (!fresh.length) return
  fresh.forEach((line) => offer(story, line))
  list.prepend(...fresh)
  settle(story)
}

function offer(story, line) {
  const select = story.querySelector("[data-story-filter]")
  for (const change of line.querySelectorAll("li[data-field]")) {
    const { field } = change.dataset
    if ([...select.options].some((option) => option.value === field)) continue
    select.add(new Option(change.querySelector(".what").textContent, field))
  }
}

document.addEventListener("change", (event) => {
  if (event.target instanceof Element && event.target.matches("[data-story-filter]")) settle(event.target.closest("[data-story]"))
})
