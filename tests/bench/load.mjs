// People at their tables and people who save, in a process of their own: `node load.mjs < plan.json > result.json`.
// plan: { url, since, seconds, rate, page, rest, writers, flat, sockets: [{ token, person, table?, view? }], saves: [{ id, version, pnd_status, token, people }] }
// Saves are sent at random moments (on average `rate` a second), whether or not the last one was answered yet. Then
// `writers` save as fast as they are answered, for `flat` seconds.
import { readFileSync } from "node:fs"
import http from "node:http"
import { io } from "../js/node_modules/socket.io-client/build/esm/index.js"

const plan = JSON.parse(readFileSync(0))
const agent = new http.Agent({ keepAlive: true, timeout: 3000 })
const STATUSES = ["passed", "draft_ready"]
const running = new Map() // `${id}:${version}` → the save whose listeners are still waited for
const kept = () => ({ ms: 0, puts: [], lasts: [] }) // of one way of saving: how long it went on, and ms of each save
const result = { opened_ms: 0, random: kept(), flat: kept(), refused: 0, events: 0, settled: 0, bytes: 0, missing: 0 }
const rest = (ms) => new Promise((done) => setTimeout(done, ms))

function listen({ token, person, table, view }) {
  const socket = io(plan.url, { transports: ["websocket"], auth: { token }, forceNew: true })
  socket.on("monthly-tax-data:updated", (data) => heard(`${data.id}:${data.version}`))
  socket.on("table:settled", () => result.settled++)
  const asked = { employeeId: person, since: plan.since, ...(table && { table, view, lang: "th" }) }
  return new Promise((done, fail) => {
    socket.on("connect_error", fail)
    socket.on("connect", () => {
      socket.io.engine.on("packet", ({ data }) => (result.bytes += Buffer.byteLength(data ?? "")))
      socket.emit("subscribe:monthly-tax-data", asked, (answer) => (answer.ok ? done(socket) : fail(new Error(JSON.stringify(answer)))))
    })
  })
}

function heard(key) {
  const save = running.get(key)
  result.events++
  if (save && !--save.waiting) {
    save.kept.lasts.push(performance.now() - save.sent)
    running.delete(key)
  }
}

function put(record, body, key = crypto.randomUUID()) {
  const headers = { Authorization: `Bearer ${record.token}`, "Content-Type": "application/json", "Idempotency-Key": key }
  if (plan.page) headers["X-Table"] = "tax-status"
  return new Promise((done, fail) => {
    const request = http.request(`${plan.url}/api/monthly-tax-data/${record.id}`, { method: "PUT", agent, headers }, (answer) => {
      let text = ""
      answer.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => done({ status: answer.statusCode, text }))
    })
    // A kept connection may be closed just when it is taken: browsers, too, send such a request again.
    request.on("error", (error) => (request.reusedSocket ? done(put(record, body, key)) : fail(error)))
    request.end(JSON.stringify(body))
  })
}

/** The next record in turn; nobody saves a record whose last save is under way. */
function next() {
  const [record] = plan.saves.splice(Math.max(0, plan.saves.findIndex(({ busy }) => !busy)), 1)
  plan.saves.push(record)
  return record
}

async function writer(end) {
  while (performance.now() < end) await save(next(), result.flat)
}

async function save(record, kept) {
  const key = `${record.id}:${record.version + 1}`
  const sent = performance.now()
  record.busy = true
  running.set(key, { sent, kept, waiting: record.people.reduce((sum, person) => sum + listeners.get(person), 0) })
  const pnd_status = STATUSES.find((status) => status !== record.pnd_status)
  const { status, text } = await put(record, { sourcePage: "taxStatus", version: record.version, pnd_status })
  record.busy = false
  kept.puts.push(performance.now() - sent)
  if (status === 200) Object.assign(record, JSON.parse(text).data)
  else result.refused++
}

const began = performance.now()
const sockets = []
for (const one of plan.sockets) sockets.push(await listen(one))
result.opened_ms = performance.now() - began
console.error("mark open") // the parent looks at the server's memory now
await rest(1000 * plan.rest) // and at what it does while nothing happens

const listeners = new Map()
for (const { person } of plan.sockets) listeners.set(person, (listeners.get(person) ?? 0) + 1)
console.error("mark save")
const pending = []
const end = performance.now() + plan.seconds * 1000
for (let at = performance.now(); at < end; ) {
  at += (-Math.log(1 - Math.random()) * 1000) / plan.rate
  await rest(Math.max(0, at - performance.now()))
  pending.push(save(next(), result.random))
}
await Promise.all(pending)
await rest(1000)
console.error("mark done")
const flat = performance.now()
await Promise.all(Array.from({ length: plan.writers }, () => writer(flat + 1000 * plan.flat)))
result.flat.ms = performance.now() - flat
console.error("mark flat")
await rest(1000)
result.missing = running.size
for (const socket of sockets) socket.disconnect()
agent.destroy()
console.log(JSON.stringify(result))
