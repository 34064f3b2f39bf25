// The official client, as a program would use it: node listen.mjs URL TOKEN EMPLOYEE [transports] [since]
// Prints what happens, one JSON array a line, until it is ended.

import { io } from "socket.io-client"

const [url, token, employeeId, transports = "", since = ""] = process.argv.slice(2)
const options = transports ? { transports: transports.split(",") } : {}
const socket = io(url, { auth: { token }, reconnectionDelay: 200, ...options })
const tell = (...what) => console.log(JSON.stringify(what))

socket.on("connect", () => {
  tell("connect", socket.io.engine.transport.name)
  const asked = { employeeId, ...(since && { since: Number(since) }) }
  socket.emit("subscribe:monthly-tax-data", asked, (answer) => tell("subscribed", answer))
})
socket.on("connect_error", (error) => tell("connect_error", error.data ?? error.message))
socket.on("disconnect", (reason) => tell("disconnect", reason))
socket.onAny((event, data) => tell(event, data))
