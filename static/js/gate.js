// Before the form: the button waits until the word fits. The server checks it all the same.
// Listens on the document, so that it also works in a gate that was put into the page later.
const gateOf = (node) => (node instanceof Element ? node.closest("[data-gate]") : null)

/** Hold or release the button of `gate`, by what has been typed. */
export function settle(gate) {
  const word = gate.querySelector("input[name=word]").value.trim()
  gate.querySelector("form button").disabled = !gate.dataset.words.split(" ").includes(word)
}

function hear(event) {
  const gate = gateOf(event.target)
  if (gate) settle(gate)
}

document.addEventListener("input", hear)
document.addEventListener("focusin", hear)
for (const gate of document.querySelectorAll("[data-gate]")) {
  settle(gate)
  gate.querySelector("input[name=word]").focus({ preventScroll: true }) // what is to be read stays in view
}
