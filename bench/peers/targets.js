"use strict";
// The servers that are raced: how each is built, started and addressed, and what the generator is told beside that. All of them print "listening on URL" when they are ready.
const { createHmac } = require("node:crypto");
const path = require("node:path");

const root = path.resolve(__dirname, "../..");

function dotnet(project, assembly, args, checkout = root) {
  return {
    checkout,
    build: ["dotnet", ["publish", path.join(checkout, project), "-c", "Release", "--nologo", "-v", "quiet"]],
    start: (port, extra) => ["dotnet", [path.join(checkout, "artifacts/publish", assembly, "release", `${assembly}.dll`), ...args(port), ...extra]],
  };
}

const peer = (folder) => dotnet(`bench/peers/${folder}`, `${folder}-peer`, (port) => ["--port", String(port)]);

const hub = (data, access, checkout) => dotnet("src/Spillway.Cli", "Spillway.Cli", (port) => ["serve", "--urls", `http://127.0.0.1:${port}`, "--data", data, "--access", access], checkout);

const spillway = (data, access = "open", checkout = root) => ({
  name: "spillway",
  ...hub(data, access, checkout),
  elsewhere: (other) => hub(data, access, other),
  subscribe: (topic) => `/events?topic=${topic}`,
  publish: (topic) => `/topics/${topic}`,
});

// The same hub as a Mercure hub, with tokens of 0.x as its clients have them. Its topics are addresses; a pattern, where there is one, is of each connection's own.
const secret = "!ChangeThisMercureHubJWTSecretKey!";
const token = (claim) => {
  const [head, body] = [{ alg: "HS256", typ: "JWT" }, { mercure: claim }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  return `${head}.${body}.${createHmac("sha256", secret).update(`${head}.${body}`).digest("base64url")}`;
};
const escaped = (topic, rest) => encodeURIComponent(`https://example.com/`) + topic + encodeURIComponent(rest);
const mercure = (parameter, rest) => ({
  ...dotnet("src/Spillway.Cli", "Spillway.Cli", (port) => ["serve", "--urls", `http://127.0.0.1:${port}`, "--data", "memory", "--mercure-key", secret]),
  subscribe: (topic) => `/.well-known/mercure?${parameter}=${escaped(topic, rest)}`,
  publish: () => "/.well-known/mercure",
  args: (topic) => [
    "--header", `Authorization: Bearer ${token({ subscribe: ["*"] })}`, "--publish-header", `Authorization: Bearer ${token({ publish: ["*"] })}`,
    "--publish-content-type", "application/x-www-form-urlencoded", "--publish-body", `topic=${escaped(topic, "/1")}&data={payload}`,
  ],
});

// Fifty events a request, so that what is measured is not HTTP: for subscribers with a pattern each, and with a topic each.
const batches = (topic) => [
  "--publish-content-type", "application/x-ndjson", "--publish-body", `{"topic":"https://example.com/${topic}/1","payload":"{payload}"}`, "--publish-batch", 50,
];
const open = ["--config", path.join(root, "bench/peers/open.json")];
const patterns = mercure("match_urlpattern", "/:id");
const mercureBatches = {
  ...patterns,
  start: (port, extra) => patterns.start(port, [...open, ...extra]),
  publish: () => "/events",
  args: (topic) => [...patterns.args(topic).slice(0, 2), ...batches(topic)],
};
const spillwayBatches = { ...spillway("memory"), subscribe: (topic) => `/events?topic=${escaped(topic, "/1")}`, publish: () => "/events", args: batches };

// A SignalR client without negotiation: its messages end with a record separator, and it pings every 15 s.
const signalr = (topic) => [
  "--ws-hello", String.raw`{"protocol":"json","version":1}\x1e`,
  "--ws-hello", String.raw`{"type":1,"invocationId":"1","target":"Subscribe","arguments":["${topic}"]}\x1e`,
  "--ws-record-end", String.raw`\x1e`,
  "--ws-keepalive", String.raw`{"type":6}\x1e`, "--ws-keepalive-every", 15,
];

const overWebSocket = (protocol) => ({ ...spillway("memory"), args: () => ["--transport", "ws", "--header", `Sec-WebSocket-Protocol: ${protocol}`] });

const transports = {
  sse: {
    cells: "A,B,C,idle,lone,E",
    targets: "spillway,kestrel",
    baseline: "kestrel",
    known: {
      spillway: spillway("memory"),
      mercure: mercure("match", "/1"),
      "mercure-patterns": patterns,
      "mercure-batches": mercureBatches,
      "spillway-batches": spillwayBatches,
      kestrel: { ...peer("kestrel"), subscribe: (topic) => `/sub?channel=${topic}`, publish: (topic) => `/pub?channel=${topic}` },
      floor: {
        build: ["make", ["-s", "-C", path.join(root, "bench/floor")]],
        start: (port) => [path.join(root, "artifacts/floor"), ["--port", String(port)]],
        subscribe: () => "/",
        publish: () => "/",
        isOneTopic: true,
      },
    },
  },
  ws: {
    cells: "A,B,C,idle10k",
    targets: "kestrel-websocket,spillway,signalr", // Beside the one in the middle both others run, whatever the order.
    baseline: "kestrel-websocket,signalr",
    warmup: 8, // Until then the runtime compiles: in a run of 150,000 deliveries on a busy machine that was a fifth of the figure.
    known: {
      spillway: overWebSocket("spillway.v1.json"),
      "spillway-binary": overWebSocket("spillway.v1.binary"),
      "kestrel-websocket": {
        ...peer("kestrel-websocket"),
        subscribe: (topic) => `/sub?topic=${topic}`,
        publish: (topic) => `/pub?topic=${topic}`,
        args: () => ["--transport", "ws"],
      },
      signalr: { ...peer("signalr"), subscribe: () => "/hub", publish: (topic) => `/pub?topic=${topic}`, args: (topic) => ["--transport", "ws", ...signalr(topic)] },
    },
  },
};

function chooseTransport(name) {
  if (!transports[name]) {
    throw new Error(`There is no transport "${name}"; choose from ${Object.keys(transports).join(", ")}.`);
  }
  return transports[name];
}

/** against: {checkout, commit} of a hub that takes turns with this one's, if any. */
function chooseTargets(transport, names, against) {
  const unknown = names.find((name) => !transport.known[name]);
  if (unknown !== undefined) {
    throw new Error(`There is no target "${unknown}"; choose from ${Object.keys(transport.known).join(", ")}.`);
  }
  const targets = [...new Set(names)].map((name) => ({ ...transport.known[name], name }));
  return against ? targets.flatMap((target) => (target.elsewhere ? [target, { ...target, ...target.elsewhere(against.checkout), name: `${target.name}-${against.commit}`, isBaseline: true }] : [target])) : targets;
}

module.exports = { chooseTargets, chooseTransport, spillway, root };
