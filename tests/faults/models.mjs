// People at their tables, without the browser: the official client, and a table kept by the contract of design §6.
// `node models.mjs`, a line of JSON each on standard input:
//   { open: [{ name, url, token, person, route, transports, month }] }     → { opened: n } when all have their table
//   { judge: { truth: {id: record}, of: {person: [id]}, patience } }       → { wrong: [...], took, caught, late, notes }
import { createInterface } from "node:readline"
import { io } from "../js/node_modules/socket.io-client/build/esm/index.js"

const EVERYBODY = "*"
const ANSWER_WITHIN = 10000
const SLOW_AFTER = 1500
const SLOW_EVERY = 1000 // browsers take 15 s; the contract is the same
const models = new Map()
let caught = [] // [name, ms from the connection's return to a table that is right, "missed" or "anew", when]
let late = [] // ms from a save to its being heard
let notes = []
const rest = (ms) => new Promise((done) => setTimeout(done, ms))

class Model {
  constructor(plan) {
    Object.assign(this, plan, { state: "away", seq: null, records: new Map(), gone: new Map(), line: 0, lostAt: Date.now() })
  }

  start() {
    const options = { transports: this.transports, tryAllTransports: true, reconnectionDelay: 400, reconnectionDelayMax: 1500, randomizationFactor: 0.6, timeout: 8000 }
    this.socket = io(this.url, { ...options, auth: { token: this.token }, extraHeaders: { Cookie: this.route }, forceNew: true })
    this.socket.on("connect", () => this.subscribe(++this.line, performance.now()))
    this.socket.on("disconnect", (reason) => this.lost(reason))
    this.socket.on("connect_error", () => this.socket.active || this.comeBack())
    this.socket.on("monthly-tax-data:updated", (data) => {
      if (this.state === "live") late.push(Date.now() - Date.parse(data.updated_at))
      this.put(data)
    })
    this.socket.on("monthly-tax-data:removed", ({ id, seq }) => this.drop(id, seq))
    this.socket.on("auth:expired", ({ reason }) => notes.push(`${this.name}: shown out, ${reason}`))
    this.slowly()
  }

  lost(reason) {
    this.line++
    this.state = "away"
    this.lostAt = Date.now()
    if (reason === "io server disconnect") this.comeBack()
  }

  comeBack() {
    setTimeout(() => this.socket.connect(), 300 + Math.random() * 300)
  }

  /** Join first, hear what was missed second. `line`: of which connection; `began`: when it returned. */
  subscribe(line, began) {
    const since = this.seq ?? undefined
    this.socket.timeout(ANSWER_WITHIN).emit("subscribe:monthly-tax-data", { employeeId: this.person, since }, async (fault, answer) => {
      if (line !== this.line) return
      try {
        if (fault || !answer.ok) throw new Error(fault ? "no answer" : answer.error.code)
        await this.catchUp(answer, since === undefined)
        if (line !== this.line) return
        this.state = "live"
        caught.push([this.name, performance.now() - began, answer.reset ? "anew" : "missed", Date.now()])
      } catch (error) {
        notes.push(`${this.name}: subscription: ${error.message}`)
        setTimeout(() => line === this.line && this.subscribe(line, began), 300)
      }
    })
  }

  async catchUp({ seq, missed, reset }, first) {
    if (first || reset) await this.readAnew(seq)
    for (const item of missed) item.removed ? this.drop(item.id, item.seq) : this.put(item)
    this.seq = seq
  }

  /** The whole list. What was heard after place `seq` of the log is newer than any list. */
  async readAnew(seq) {
    const { year, month } = this.month
    const rows = await this.ask(`?year=${year}&month=${month}&limit=100`)
    const listed = new Set(rows.map((row) => row.id))
    for (const [id, record] of this.records) if (!listed.has(id) && record.seq <= seq) this.records.delete(id)
    for (const row of rows) this.put(row)
  }

  async ask(path) {
    const headers = { Authorization: `Bearer ${this.token}`, Cookie: this.route, Connection: "close" }
    const answer = await fetch(`${this.url}/api/monthly-tax-data${path}`, { headers, signal: AbortSignal.timeout(ANSWER_WITHIN) })
    if (!answer.ok) throw new Error(`${path.split("?")[0] || "list"}: ${answer.status}`)
    return (await answer.json()).data
  }

  put(record) {
    const known = this.records.get(record.id)
    if (known?.version > record.version || this.gone.get(record.id) > record.seq) return
    if (record.tax_year === this.month.year && record.tax_month === this.month.month) this.records.set(record.id, record)
  }

  drop(id, seq) {
    if (this.records.get(id)?.seq > seq) return
    this.records.delete(id)
    this.gone.set(id, seq)
  }

  /** Where no socket passes: the same question over HTTP, now and then. */
  async slowly() {
    for (;;) {
      await rest(SLOW_EVERY * (0.8 + Math.random() * 0.4))
      if (this.state === "live" || this.seq === null || Date.now() - this.lostAt < SLOW_AFTER) continue
      const line = this.line
      try {
        const everybody = this.person === EVERYBODY ? "&everybody=true" : ""
        const answer = await this.ask(`/changes?since=${this.seq}${everybody}`)
        if (line !== this.line || this.state === "live") continue
        await this.catchUp(answer, false)
        if (line === this.line && this.state !== "live") this.state = "slow"
      } catch {
        if (line === this.line && this.state === "slow") this.state = "away"
      }
    }
  }

  /** The first thing in which this table is not what it should be, or null. */
  wrong({ truth, of }) {
    if (this.state === "away") return `${this.name}: away`
    const should = of[this.person] ?? []
    if (should.length !== this.records.size) return `${this.name} (${this.state}): ${this.records.size} rows, not ${should.length}`
    for (const id of should) {
      const has = this.records.get(id)
      if (!has) return `${this.name} (${this.state}): lacks ${id}`
      const field = Object.keys(truth[id]).find((key) => has[key] !== truth[id][key])
      if (field) return `${this.name} (${this.state}): ${id} ${field} is ${has[field]}, not ${truth[id][field]}; version ${has.version} of ${truth[id].version}`
    }
    return null
  }
}

async function open(plans) {
  for (const plan of plans) {
    const model = new Model(plan)
    models.set(plan.name, model)
    model.start()
  }
  while ([...models.values()].some(({ state }) => state !== "live")) await rest(20)
  return { opened: models.size }
}

async function judge(question) {
  const began = performance.now()
  let wrong
  do {
    wrong = [...models.values()].map((model) => model.wrong(question)).filter(Boolean)
    if (wrong.length) await rest(25)
  } while (wrong.length && performance.now() - began < question.patience * 1000)
  const answer = { wrong, took: performance.now() - began, caught, late, notes }
  caught = []
  late = []
  notes = []
  return answer
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  console.log(JSON.stringify(asked.open ? await open(asked.open) : await judge(asked.judge)))
}
process.exit(0)
