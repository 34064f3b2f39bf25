// A browser's Socket.IO client without the browser: `node listener.mjs URL TRANSPORT`.
// Says on standard output, a line each, when it connects and why it lost the connection.
import { io } from "../js/node_modules/socket.io-client/build/esm-debug/index.js"

const [url, transport] = process.argv.slice(2)
const socket = io(url, { transports: [transport], reconnectionDelay: 100, reconnectionDelayMax: 300 })

socket.on("connect", () => console.log("connect"))
socket.on("disconnect", (reason) => console.log(`disconnect: ${reason}`))
