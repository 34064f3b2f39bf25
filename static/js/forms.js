// Buttons that fill in a form: <button type="button" disabled data-fill="form-id" data-values='{"name": "value"}'>.
// Disabled until this runs, so that without scripts nothing looks as if it worked.
for (const button of document.querySelectorAll("button[data-fill]")) {
  button.disabled = false
  button.addEventListener("click", () => {
    const form = document.getElementById(button.dataset.fill)
    for (const [name, value] of Object.entries(JSON.parse(button.dataset.values))) form.elements[name].value = value
    form.querySelector(":scope > button").focus()
  })
}
