// The wire: one socket per tab, subscribing and catching up in one step on every connect, never giving up.
// Where Socket.IO cannot pass, it asks over HTTP every 15 s; the page always says which it is.

import { io } from "socket.io"

const SLOW_AFTER = 8000
const SLOW_EVERY = 15000
const CONFIRM_EVERY = 120000
const TICK = 5000
const ANSWER_WITHIN = 10000
const EVENTS = { updated: "monthly-tax-data:updated", removed: "monthly-tax-data:removed", settled: "table:settled", expired: "auth:expired" }

const ears = [] // [event, fn] of other modules, which may ask before the line is open
let wire = null

/** Start listening. `table()` gives what is on screen; `on`: { record, removed, settled, view, reset, state, signedOut }. */
export function listen(table, on) {
  wire = new Wire(table, on)
  wire.start()
  return wire
}

/** Hear an event of the page's one socket. Each answered subscription is told as `bmu:subscribed` on the document. */
export function hear(event, fn) {
  ears.push([event, fn])
  wire?.socket.on(event, fn)
}

/** Say something over the socket; the server's answer, or null when there is none to be had. */
export function tell(event, data) {
  if (!wire?.socket.connected) return Promise.resolve(null)
  return new Promise((done) => wire.socket.timeout(ANSWER_WITHIN).emit(event, data, (fault, answer) => done(fault ? null : answer)))
}

export const isLive = () => wire?.state === "live"

class Wire {
  constructor(table, on) {
    const now = Date.now()
    Object.assign(this, { table, on, state: "connecting", seq: 0, person: null, asking: null, refusals: 0 })
    Object.assign(this, { touched: now, ticked: now, confirmed: now, slowTimer: 0, renewTimer: 0 })
  }

  start() {
    this.socket = io({ transports: ["websocket", "polling"], tryAllTransports: true, reconnectionDelay: 400, reconnectionDelayMax: 8000, randomizationFactor: 0.6, timeout: 8000 })
    this.socket.on("connect", () => this.subscribe())
    this.socket.on("disconnect", (reason) => this.lost(reason))
    this.socket.on("connect_error", (error) => this.refused(error))
    this.socket.on(EVENTS.updated, (data) => this.on.record(data))
    this.socket.on(EVENTS.removed, (data) => this.on.removed(data))
    // Before our subscription is answered it speaks of the list we showed before.
    this.socket.on(EVENTS.settled, (data) => this.table()?.dataset.live === "true" && this.on.settled(data))
    this.socket.on(EVENTS.expired, (data) => this.expired(data))
    for (const [event, fn] of ears) this.socket.on(event, fn)
    this.slowTimer = setTimeout(() => this.slow(), SLOW_AFTER)
    setInterval(() => this.tick(), TICK)
    addEventListener("online", () => this.awake())
    addEventListener("offline", () => this.say("offline"))
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.awake())
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => (this.touched = Date.now()), { passive: true, capture: true })
    addEventListener("pagehide", () => this.socket.disconnect())
    addEventListener("pageshow", (event) => event.persisted && this.socket.connect())
  }

  say(state) {
    this.state = state
    const shown = this.table()
    if (shown) shown.dataset.live = String(state === "live")
    this.on.state(state)
  }

  /** Join the room and hear what was missed since the page was rendered, or since we last knew. */
  subscribe({ fresh = false } = {}) {
    if (fresh) this.seq = 0
    const shown = this.table()
    // What was asked while the line was silently dead is sent with the next connection: not twice.
    if (!shown || !this.socket.connected || this.asking === shown) return
    const { listen: person, table, lang, view } = shown.dataset
    if (this.person !== null && this.person !== person) this.socket.emit("unsubscribe:monthly-tax-data", { employeeId: this.person })
    this.person = person
    if (!person) return this.say("live") // somebody without an employee id has no records
    const since = Math.max(this.seq, Number(shown.dataset.seq))
    this.asking = shown
    this.socket.timeout(ANSWER_WITHIN).emit("subscribe:monthly-tax-data", { employeeId: person, table, lang, view, since }, (fault, answer) => {
      if (this.asking === shown) this.asking = null
      if (shown === this.table()) this.answered(fault, answer)
    })
  }

  answered(fault, answer) {
    if (fault || !answer.ok) {
      if (answer?.error.code === "unauthorized") return this.expired({ reason: "expired" })
      if (this.socket.connected) this.deaf("reconnecting")
      // No answer: a server that has much to do is not asked by all at the same moment again.
      return void setTimeout(() => this.subscribe(), fault ? (Math.random() * ANSWER_WITHIN) / 2 : ANSWER_WITHIN)
    }
    this.refusals = 0
    clearTimeout(this.slowTimer)
    this.renewBefore(answer.expires_at)
    if (this.caughtUp(answer)) this.say("live")
    else setTimeout(() => this.subscribe(), ANSWER_WITHIN) // should reading anew fail: until it does not
  }

  /** Show what was missed. False when it was too much, and the page has to be read anew before it is right again. */
  caughtUp(answer) {
    const { seq, missed, reset, view } = answer
    if (reset) return this.on.reset(), false
    this.seq = seq // confirmed by the log; events alone do not move it, so that a lost one is caught up with
    this.confirmed = Date.now()
    for (const item of missed) item.removed ? this.on.removed(item) : this.on.record(item)
    if (view) this.on.view(view, missed)
    document.dispatchEvent(new CustomEvent("bmu:subscribed", { detail: answer }))
    return true
  }

  /** Every few seconds: did the machine sleep? And now and then: did we miss anything? */
  tick() {
    const slept = Date.now() - this.ticked > 3 * TICK
    this.ticked = Date.now()
    if (document.visibilityState !== "visible") return
    if (slept) this.awake()
    else if (this.state === "live" && Date.now() - this.confirmed > CONFIRM_EVERY) this.subscribe()
  }

  /** Back from sleep, from another tab, from no network: now, whatever the back-off says. */
  awake() {
    if (this.closing) return
    this.ticked = Date.now()
    if (this.socket.connected) this.subscribe()
    else this.socket.disconnect().connect()
  }

  lost(reason) {
    if (this.closing) return
    this.deaf(navigator.onLine ? "reconnecting" : "offline")
    // The server showed us out (its restart is a transport close, and reconnects by itself): sign in anew, or come back.
    if (reason === "io server disconnect") this.comeBack()
  }

  /** Not live, for the reason `state`: should it last, ask over HTTP. */
  deaf(state) {
    this.say(state)
    clearTimeout(this.slowTimer)
    this.slowTimer = setTimeout(() => this.slow(), SLOW_AFTER)
  }

  refused(error) {
    // A network that swallows websockets answers nothing at all: begin with what passes everywhere.
    if (error.message === "timeout") this.socket.io.opts.transports = ["polling", "websocket"]
    if (!this.socket.active) this.comeBack()
    else if (this.state !== "slow") this.say(navigator.onLine ? "reconnecting" : "offline")
  }

  expired({ reason }) {
    this.say("reconnecting")
    if (reason === "signed_out") this.leave()
    else if (reason === "role_changed") location.reload() // what this page shows and offers may no longer be ours
    else this.comeBack()
  }

  /** To the door again with a fresh token, ever more slowly, until it opens or our sign-in is over. */
  async comeBack() {
    if (this.coming) return
    this.coming = true
    await this.renew()
    const wait = Math.min(20000, 300 * 2 ** this.refusals++) * (1 + Math.random())
    setTimeout(() => {
      this.coming = false
      if (!this.closing) this.socket.connect()
    }, wait)
  }

  /** A fresh token for a session that lives; whoever was not at the desk for the idle time is not kept signed in. */
  async renew() {
    if (Date.now() - this.touched > Number(this.table()?.dataset.idle ?? 120) * 60000) return this.leave()
    this.renewing ??= fetch("/api/auth/refresh", { method: "POST", headers: { "X-CSRF-TOKEN": cookie("csrf_refresh_token"), "X-Background": "1" } })
      .then((answer) => (answer.status === 401 || answer.status === 403 ? this.leave() : answer.ok))
      .catch(() => false)
      .finally(() => setTimeout(() => (this.renewing = null), 1000))
    return this.renewing
  }

  /** A minute before the token ends. A clock that is wrong by more than that waits until the server says so. */
  renewBefore(expires) {
    clearTimeout(this.renewTimer)
    const left = new Date(expires) - Date.now()
    if (!(left > 0)) return
    const wait = Math.min(left > 120000 ? left - 60000 : left / 2, 2 ** 31 - 1)
    this.renewTimer = setTimeout(async () => {
      if (await this.renew()) this.socket.disconnect().connect()
    }, wait)
  }

  leave() {
    this.closing = true
    clearTimeout(this.slowTimer)
    clearTimeout(this.renewTimer)
    this.socket.disconnect()
    this.say("offline")
    this.on.signedOut()
    return false
  }

  async slow() {
    clearTimeout(this.slowTimer)
    const shown = this.table()
    if (this.closing || this.state === "live" || !shown) return
    try {
      const found = await this.askChanges(shown)
      if (found && shown === this.table() && this.state !== "live") {
        this.caughtUp(found)
        this.say("slow")
      }
    } catch {
      if (this.state !== "live") this.say("offline")
    }
    if (this.state !== "live" && !this.closing) this.slowTimer = setTimeout(() => this.slow(), SLOW_EVERY * (0.8 + Math.random() * 0.4))
  }

  /** What the acknowledgement of a subscription would have said, over HTTP; null when it is not to be had now. */
  async askChanges({ dataset }) {
    const query = new URLSearchParams({ since: Math.max(this.seq, Number(dataset.seq)), table: dataset.table, view: dataset.view })
    if (dataset.listen === "*") query.set("everybody", "true")
    const answer = await fetch(`/api/monthly-tax-data/changes?${query}`, { headers: { Accept: "application/json", "X-Background": "1" }, signal: AbortSignal.timeout(ANSWER_WITHIN) })
    if (answer.status === 401) await this.renew()
    return answer.ok ? (await answer.json()).data : null
  }
}

export function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))
  return found ? decodeURIComponent(found.slice(name.length + 1)) : ""
}
