// A WebSocket client that nobody here wrote, npm ws, used as it should be, and its sender used to break the rules. It judges the hub's frames by itself.
// Started by ForeignClientTests: node webSocketClient.js http://127.0.0.1:PORT. Ends with 0 and a last line "N checks".
import assert from "node:assert/strict";
import { once } from "node:events";
import WebSocket, { Sender } from "ws";

const hub = process.argv[2];
AbortSignal.timeout(60_000).addEventListener("abort", () => assert.fail("Out of time.")); // It does not keep the process alive.
let checks = 0;

function open(protocol, query = "topic=js") {
  const socket = new WebSocket(`${hub.replace("http", "ws")}/events?${query}`, protocol);
  const waiting = [];
  const received = [];
  socket.on("message", (data, isBinary) => {
    const message = isBinary ? data : JSON.parse(data.toString());
    waiting.length > 0 ? waiting.shift()(message) : received.push(message);
  });
  socket.next = () => (received.length > 0 ? received.shift() : new Promise((resolve) => waiting.push(resolve)));
  socket.ended = new Promise((resolve) => socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })));
  socket.on("error", (error) => assert.fail(error));
  return socket;
}

async function opened(...its) {
  const socket = open(...its);
  assert.equal((await socket.next()).signal, "open");
  return socket;
}

const publish = (topic, body) => fetch(`${hub}/topics/${topic}`, { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } });

async function check(what, body) {
  try {
    await body();
    checks++;
  } catch (error) {
    console.error(`${what}: ${error.stack}`);
    process.exitCode = 1;
  }
}

await check("it offers compression, and the hub declines", async () => {
  const socket = await opened("spillway.v1.json");
  assert.deepEqual([socket.protocol, socket.extensions], ["spillway.v1.json", ""]);
  await publish("js", "text");
  assert.equal((await socket.next()).payload, "text");
  socket.close(4321, "enough");
  assert.equal((await socket.ended).code, 4321);
});

await check("binary payloads come untouched", async () => {
  const socket = await opened("spillway.v1.binary");
  const payload = Buffer.from([...Array(70_000).keys()].map((i) => i % 256));
  await publish("js", payload);
  const message = await socket.next();
  assert.ok(payload.equals(message.subarray(message.readUInt16LE(2))));
  socket.terminate();
});

await check("a command in fragments, with pings and pongs between", async () => {
  const socket = await opened("spillway.v1.json");
  const command = '{"command":"ping","ref":"€"}';
  for (let cut = 0; cut <= Buffer.byteLength(command); cut++) {
    const bytes = Buffer.from(command);
    const pong = once(socket, "pong");
    socket.send(bytes.subarray(0, cut), { fin: false, binary: false });
    socket.ping(`at ${cut}`);
    socket.pong("unasked");
    socket.send(bytes.subarray(cut), { fin: true });
    assert.equal((await pong)[0].toString(), `at ${cut}`);
    assert.deepEqual(await socket.next(), { reply: "€" });
  }
  socket.close();
  assert.equal((await socket.ended).code, 1000); // It gave none.
});

const text = { opcode: 1, fin: true, mask: true, readOnly: false };
const faults = [
  ["compressed without leave", "{}", { ...text, rsv1: true }, 1002],
  ["not masked", "{}", { ...text, mask: false }, 1002],
  ["reserved opcode", "{}", { ...text, opcode: 5 }, 1002],
  ["reserved control", "", { ...text, opcode: 12 }, 1002],
  ["fragmented ping", "", { ...text, opcode: 9, fin: false }, 1002],
  ["long ping", "x".repeat(126), { ...text, opcode: 9 }, 1002],
  ["continuation of nothing", "x", { ...text, opcode: 0 }, 1002],
  ["half a close code", "\u0003", { ...text, opcode: 8 }, 1002],
  ["close code 1005", Buffer.from([3, 237]), { ...text, opcode: 8 }, 1002],
  ["close reason not UTF-8", Buffer.from([3, 232, 255]), { ...text, opcode: 8 }, 1007],
  ["binary", "x", { ...text, opcode: 2 }, 1003],
  ["not UTF-8", Buffer.from([0xed, 0xa0, 0x80]), text, 1007],
  ["too long", "x".repeat(100_000), text, 1009],
];
for (const [what, data, options, code] of faults) {
  await check(what, async () => {
    const socket = await opened("spillway.v1.json");
    for (const part of Sender.frame(Buffer.from(data), options)) {
      socket._socket.write(part);
    }
    assert.equal((await socket.ended).code, code);
  });
}

console.log(`${checks} checks`);
