// Requests one after the other, then as many as some connections can make: `node rest.mjs < plan.json > result.json`.
// plan: { url, token, times, seconds, cases: [{ name, method, connections, paths, bodies }] }: the n-th request of a case goes to
// the n-th of its paths with the n-th of its bodies, around and around.
import { readFileSync } from "node:fs"
import http from "node:http"

const plan = JSON.parse(readFileSync(0))
const agent = new http.Agent({ keepAlive: true, timeout: 3000 })
const WARM_UP = 10

function ask({ method, paths, bodies }, turn) {
  const headers = { Authorization: `Bearer ${plan.token}`, "Content-Type": "application/json" }
  const began = performance.now()
  return new Promise((done, fail) => {
    const request = http.request(plan.url + paths[turn % paths.length], { method, agent, headers }, (answer) => {
      answer.resume().on("end", () => (answer.statusCode === 200 ? done(performance.now() - began) : fail(new Error(`${paths[0]}: ${answer.statusCode}`))))
    })
    request.on("error", (error) => (request.reusedSocket ? done(ask({ method, paths, bodies }, turn)) : fail(error)))
    request.end(bodies.length ? JSON.stringify(bodies[turn % bodies.length]) : undefined)
  })
}

async function measured(one) {
  let turn = 0
  const alone = []
  for (let time = 0; time < WARM_UP + plan.times; time++) alone.push(await ask(one, turn++))
  const together = []
  const began = performance.now()
  const worker = async () => {
    while (performance.now() - began < 1000 * plan.seconds) together.push(await ask(one, turn++))
  }
  await Promise.all(Array.from({ length: one.connections }, worker))
  return { alone: alone.slice(WARM_UP), together, rate: (1000 * together.length) / (performance.now() - began) }
}

const result = {}
for (const one of plan.cases) {
  console.error(`mark ${one.name}`)
  result[one.name] = await measured(one)
}
agent.destroy()
console.log(JSON.stringify(result))
