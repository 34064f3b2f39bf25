// What the customer's first system was made of (reference/seed.md), as small as it can be: Express, Socket.IO, the same
// rooms and the same event. No database: a PUT has the record in memory and tells the rooms of it. Started by
// tests/bench/fanout.py: `node server.mjs`, with SECRET and RECORD (a file) in its environment; prints its port.
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import express from "express"
import jwt from "jsonwebtoken"
import { Server } from "socket.io"

const { SECRET, RECORD } = process.env
const record = JSON.parse(readFileSync(RECORD))
const app = express()
const server = createServer(app)
// Pings as often as ours, so that the idle connections cost the same.
const io = new Server(server, { pingInterval: 20000, pingTimeout: 15000 })

io.use((socket, next) => {
  try {
    socket.data.user = jwt.verify(socket.handshake.auth.token, SECRET)
    next()
  } catch (error) {
    next(error)
  }
})
io.on("connection", (socket) => {
  socket.on("subscribe:monthly-tax-data", ({ employeeId }, answer) => {
    socket.join(`monthly-tax-data:${employeeId}`)
    answer({ ok: true, room: `monthly-tax-data:${employeeId}` })
  })
})

app.use(express.json())
app.put("/bench/record", (request, response) => {
  jwt.verify(request.headers.authorization.slice("Bearer ".length), SECRET)
  const data = { ...record, version: request.body.version }
  for (const room of request.body.rooms) io.to(`monthly-tax-data:${room}`).emit("monthly-tax-data:updated", data)
  response.json({ success: true })
})
server.listen(0, "127.0.0.1", () => console.log(server.address().port))
