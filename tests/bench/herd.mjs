// A thousand clients who come back at once, in a process of their own: `node herd.mjs < plan.json > result.json`.
// plan: { url, since, way: "socket" | "http", clients: [{ token, person, table, view }] }
// Each asks for what it has missed since `since`: over its socket when subscribing, or over plain HTTP.
import { readFileSync } from "node:fs"
import http from "node:http"
import { io } from "../js/node_modules/socket.io-client/build/esm/index.js"

const plan = JSON.parse(readFileSync(0))
const agent = new http.Agent({ keepAlive: true, maxSockets: 100 })
const result = { waits: [], bytes: 0, asked: 0, missed: [], ms: 0 }
const sockets = []

/** As the page does: one socket, its room and what was missed in one step, asked again until it is answered. */
function bySocket({ token, person, table, view }) {
  const socket = io(plan.url, { transports: ["websocket"], auth: { token }, forceNew: true, reconnectionDelay: 400, randomizationFactor: 0.6 })
  sockets.push(socket)
  socket.io.on("reconnect_attempt", () => result.asked++)
  result.asked++
  return new Promise((done) => {
    const ask = () =>
      socket.timeout(10000).emit("subscribe:monthly-tax-data", { employeeId: person, since: plan.since, table, view, lang: "th" }, (fault, answer) => (answer?.ok ? done(answer) : ask()))
    socket.on("connect", () => {
      socket.io.engine.on("packet", ({ data }) => (result.bytes += Buffer.byteLength(data ?? "")))
      ask()
    })
  })
}

function byHttp({ token, table, view }) {
  const query = new URLSearchParams({ since: plan.since, table, view })
  const headers = { Authorization: `Bearer ${token}`, Accept: "application/json", "Accept-Encoding": "gzip" }
  result.asked++
  return new Promise((done, fail) => {
    http.get(`${plan.url}/api/monthly-tax-data/changes?${query}`, { agent, headers }, (answer) => {
      answer.on("data", (part) => (result.bytes += part.length))
      answer.on("end", () => (answer.statusCode === 200 ? done(null) : fail(new Error(`${answer.statusCode}`))))
    }).on("error", fail)
  })
}

async function comeBack(client) {
  const answer = await { socket: bySocket, http: byHttp }[plan.way](client)
  result.waits.push(performance.now() - began)
  if (answer) result.missed.push(answer.reset ? -1 : answer.missed.length)
}

console.error("mark begin")
const began = performance.now()
await Promise.all(plan.clients.map(comeBack))
result.ms = performance.now() - began
console.error("mark done")
for (const socket of sockets) socket.disconnect()
agent.destroy()
console.log(JSON.stringify(result))
