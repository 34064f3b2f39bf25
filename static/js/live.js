// The wire: one socket per tab, subscribing and catching up in one step on every connect, never giving up.
// Where Socket.IO cannot pass, it asks over HTTP every 15 s; the page always says which it is.

import { io } from "socket.io"

const SLOW_AFTER = 8000
const SLOW_EVERY = 15000
const CONFIRM_EVERY = 120000
const EVENTS = { updated: "monthly-tax-data:updated", removed: "monthly-tax-data:removed", settled: "table:settled", expired: "auth:expired" }

/** Start listening. `table()` gives the table on screen; `on`: { record, removed, settled, view, reset, state, signedOut }. */
export function listen(table, on) {
  const wire = new Wire(table, on)
  wire.start()
  return wire
}

class Wire {
  constructor(table, on) {
    Object.assign(this, { table, on, seq: 0, person: null, down: Date.now(), touched: Date.now(), slowTimer: 0, renewTimer: 0 })
  }

  start() {
    this.socket = io({ transports: ["websocket", "polling"], tryAllTransports: true, reconnectionDelay: 400, reconnectionDelayMax: 8000, randomizationFactor: 0.6, timeout: 8000 })
    this.socket.on("connect", () => this.subscribe())
    this.socket.on("disconnect", (reason) => this.lost(reason))
    this.socket.on("connect_error", (error) => this.refused(error))
    this.socket.on(EVENTS.updated, (data) => this.on.record(data))
    this.socket.on(EVENTS.removed, (data) => this.on.removed(data))
    this.socket.on(EVENTS.settled, (data) => this.on.settled(data))
    this.socket.on(EVENTS.expired, (data) => this.expired(data))
    this.slowTimer = setTimeout(() => this.slow(), SLOW_AFTER)
    setInterval(() => this.confirm(), CONFIRM_EVERY)
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
    const shown = this.table()
    if (!shown || !this.socket.connected) return
    const { listen: person, table, lang, view } = shown.dataset
    if (fresh) this.seq = 0
    if (this.person !== null && this.person !== person) this.socket.emit("unsubscribe:monthly-tax-data", { employeeId: this.person })
    this.person = person
    if (!person) return this.say("live") // somebody without an employee id has no records
    const since = Math.max(this.seq, Number(shown.dataset.seq))
    this.socket.timeout(10000).emit("subscribe:monthly-tax-data", { employeeId: person, table, lang, view, since }, (fault, answer) => {
      if (shown !== this.table()) return
      if (fault) return this.socket.connected && this.subscribe()
      if (!answer.ok) return answer.error.code === "unauthorized" ? this.expired({ reason: "expired" }) : this.say("offline")
      this.caughtUp(answer)
      this.say("live")
      this.stopSlow()
      this.renewBefore(answer.expires_at)
    })
  }

  caughtUp({ seq, missed, reset, view }) {
    this.seq = seq // confirmed by the log; events alone do not move it, so that a lost one is caught up with
    for (const item of missed) item.removed ? this.on.removed(item) : this.on.record(item)
    if (reset) this.on.reset()
    else if (view) this.on.view(view)
  }

  confirm() {
    if (this.state === "live" && document.visibilityState === "visible") this.subscribe()
  }

  awake() {
    if (this.socket.connected) this.subscribe()
    else this.socket.connect()
  }

  lost(reason) {
    if (this.closing) return
    this.say(navigator.onLine ? "reconnecting" : "offline")
    clearTimeout(this.slowTimer)
    this.slowTimer = setTimeout(() => this.slow(), SLOW_AFTER)
    // The server showed us out (its restart is a transport close, and reconnects by itself): sign in anew, or come back.
    if (reason === "io server disconnect") this.renew().then((good) => good && this.socket.connect())
  }

  async refused(error) {
    if (this.socket.active) return this.state === "slow" || this.say(navigator.onLine ? "reconnecting" : "offline")
    if (await this.renew()) setTimeout(() => this.socket.connect(), 300 + Math.random() * 700)
    else if (error.data?.code !== "unauthorized") setTimeout(() => this.socket.connect(), 4000 + Math.random() * 4000)
  }

  expired({ reason }) {
    this.say("reconnecting")
    if (reason === "signed_out") return this.leave()
    if (reason === "role_changed") return location.reload() // what this page shows and offers may no longer be ours
    this.renew().then((good) => good && this.socket.connect())
  }

  /** A fresh token for a session that lives; whoever was not at the desk for the idle time is not kept signed in. */
  async renew() {
    if (Date.now() - this.touched > Number(this.table()?.dataset.idle ?? 120) * 60000) return this.leave()
    if (this.renewing) return this.renewing
    this.renewing = fetch("/api/auth/refresh", { method: "POST", headers: { "X-CSRF-TOKEN": cookie("csrf_refresh_token"), "X-Background": "1" } })
      .then((answer) => (answer.status === 401 || answer.status === 403 ? this.leave() : answer.ok))
      .catch(() => false)
      .finally(() => setTimeout(() => (this.renewing = null), 1000))
    return this.renewing
  }

  renewBefore(expires) {
    clearTimeout(this.renewTimer)
    const left = new Date(expires) - Date.now() - 60000
    if (Number.isNaN(left) || left > 2 ** 31 - 1) return
    this.renewTimer = setTimeout(async () => {
      if (await this.renew()) this.socket.disconnect().connect()
    }, Math.max(left, 5000))
  }

  leave() {
    this.closing = true
    clearTimeout(this.slowTimer)
    this.socket.disconnect()
    this.say("offline")
    this.on.signedOut()
    return false
  }

  async slow() {
    clearTimeout(this.slowTimer)
    const shown = this.table()
    if (this.closing || this.socket.connected || !shown) return
    const query = new URLSearchParams({ since: Math.max(this.seq, Number(shown.dataset.seq)), table: shown.dataset.table, view: shown.dataset.view })
    if (shown.dataset.listen === "*") query.set("everybody", "true")
    try {
      const answer = await fetch(`/api/monthly-tax-data/changes?${query}`, { headers: { Accept: "application/json", "X-Background": "1" }, signal: AbortSignal.timeout(10000) })
      if (answer.status === 401) await this.renew()
      else if (answer.ok && shown === this.table()) {
        this.caughtUp((await answer.json()).data)
        if (!this.socket.connected) this.say("slow")
      }
    } catch {
      if (!this.socket.connected) this.say("offline")
    }
    if (!this.socket.connected && !this.closing) this.slowTimer = setTimeout(() => this.slow(), SLOW_EVERY * (0.8 + Math.random() * 0.4))
  }

  stopSlow() {
    clearTimeout(this.slowTimer)
  }
}

export function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))
  return found ? decodeURIComponent(found.slice(name.length + 1)) : ""
}
