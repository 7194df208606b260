// Moonlock over Socket.IO, written from the names of the events alone. One line of JSON for each thing heard.
//   MOONLOCK_TOKEN="$(moonlock token)" node client.mjs
// In a browser there is no token: the page's origin stands in Moonlock's setting allowed_origins instead.
import { io } from "socket.io-client";

const url = process.env.MOONLOCK_URL ?? "http://127.0.0.1:3001";
const token = process.env.MOONLOCK_TOKEN;
const origin = process.env.MOONLOCK_ORIGIN; // what a browser sends by itself
const transports = process.env.MOONLOCK_TRANSPORTS?.split(",");

const socket = io(url, {
  extraHeaders: {
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(origin && { Origin: origin }),
  },
  ...(transports && { transports }),
});

const say = (line) => console.log(JSON.stringify(line));
const events = [
  "session:start",
  "session:tokens",
  "session:tool",
  "session:objective",
  "session:complete",
  "session:error",
  "quota:update",
  "context:update",
];

socket.on("connect", () => say({ event: "connect" }));
socket.on("hello", ({ epoch, seq }) => say({ event: "hello", epoch, seq }));
for (const event of events) {
  socket.on(event, (data) => say({ event, ...data }));
}
socket.on("connect_error", () => {
  say({ event: "refused" });
  socket.close();
  process.exitCode = 1;
});
