// Many open pages, without the browsers: sockets that subscribe as pages do, by the official client as live.js sets it.
// `node herd.mjs`, a line of JSON each on standard input:
//   { open: [{ url, token, person, route, table, view }] }  → { opened } when all are subscribed
//   { watch: { patience } } → { watching }, and, when all that were lost are right again: { lost, right: [epoch ms], errors }
import { createInterface } from "node:readline"
import { io } from "../js/node_modules/socket.io-client/build/esm/index.js"

const AT_ONCE = 20
const sheep = []
let errors = {}
const rest = (ms) => new Promise((done) => setTimeout(done, ms))
const count = (text) => (errors[text] = (errors[text] ?? 0) + 1)

class Sheep {
  constructor(plan) {
    Object.assign(this, plan, { seq: undefined, lost: false, right: 0 })
  }

  start() {
    const options = { transports: ["websocket", "polling"], tryAllTransports: true, reconnectionDelay: 400, reconnectionDelayMax: 8000, randomizationFactor: 0.6, timeout: 8000 }
    this.socket = io(this.url, { ...options, auth: { token: this.token }, extraHeaders: { Cookie: this.route }, forceNew: true })
    this.socket.on("connect", () => this.subscribe())
    this.socket.on("disconnect", () => Object.assign(this, { lost: true, right: 0 }))
    this.socket.on("connect_error", (error) => {
      count(`${error.message} ${error.context?.status ?? error.description?.message ?? ""}`.trim())
      if (!this.socket.active) setTimeout(() => this.socket.connect(), 500)
    })
    this.socket.on("monthly-tax-data:updated", ({ seq }) => (this.heard = seq))
    return new Promise((done) => (this.opened = done))
  }

  subscribe() {
    const { person: employeeId, table, view, seq: since } = this
    this.socket.timeout(10000).emit("subscribe:monthly-tax-data", { employeeId, table, view, since, lang: "th" }, (fault, answer) => {
      if (fault || !answer.ok) {
        count(fault ? "no answer to a subscription" : `subscription: ${answer.error.code}`)
        if (this.socket.connected) setTimeout(() => this.subscribe(), fault ? Math.random() * 5000 : 10000)
        return
      }
      this.seq = answer.seq
      this.right = Date.now()
      this.opened()
    })
  }
}

async function open(plans) {
  const waiting = plans.map((plan) => new Sheep(plan))
  sheep.push(...waiting)
  const next = async () => {
    for (let one = waiting.pop(); one; one = waiting.pop()) await one.start()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
  return { opened: sheep.length }
}

async function watch({ patience }) {
  errors = {}
  for (const one of sheep) one.lost = false
  console.log(JSON.stringify({ watching: sheep.length }))
  const end = Date.now() + patience * 1000
  while (Date.now() < end && !sheep.some(({ lost }) => lost)) await rest(10)
  while (Date.now() < end && sheep.some(({ right }) => !right)) await rest(10)
  return { lost: sheep.filter(({ lost }) => lost).length, right: sheep.filter(({ lost }) => lost).map(({ right }) => right), errors }
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  console.log(JSON.stringify(asked.open ? await open(asked.open) : await watch(asked.watch)))
}
process.exit(0)
