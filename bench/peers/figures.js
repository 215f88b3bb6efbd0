"use strict";
// What bench/engine measures. A figure is {title, goal, says, settings, columns, measure(hub, file, options)}: measure gives rows of numbers, columns say what is read from them.
const { execFile } = require("node:child_process");
const { promisify } = require("node:util");
const { sleep } = require("./hub.js");
const page = require("./page.js");
const { beside, resumes } = require("./beside.js");
const { startGenerator } = require("./run.js");
const tokens = require("./tokens.js");

const settle = 2_000; // Milliseconds in which what opening connections left to do is done.
const debug = { Serve: { DebugEndpoints: true } };

// ---- memory of connections that get nothing

function memory(title, goal, query, { settings = {}, headers, more = () => [] } = {}) {
  return {
    title,
    goal,
    says: (options) => `${page.say(fewOf(options))} connections are opened and closed, three times, so that the code that serves them is compiled; then as many again, and ${page.say(options.connections - fewOf(options))} more, all of which stay. Before each of these two readings`
      + " `POST /debug/collect`. What the hub's resident memory grew by between them, for each of the later ones. Of it, what the collector has committed, and what live objects take.",
    settings: { ...debug, ...settings },
    headers,
    columns: [
      ["B a connection", (row) => row.rss, 0],
      ["committed by the collector", (row) => row.committed, 0],
      ["live objects", (row) => row.managed, 0],
      ["RSS MiB at the end", (row) => row.end / 2 ** 20, 0],
    ],
    measure: (hub, file, options) => measureMemory(hub, file, options, query, more),
  };
}

const fewOf = (options) => Math.max(1, Math.round((options.connections * 5) / 19));

async function measureMemory(hub, file, options, query, more) {
  const { connections, ramp } = options;
  const few = fewOf(options);
  const idle = (count, name) => startGenerator(["--url", `${hub.url}/events?${query(name)}`, "--connections", count, "--ramp", ramp, "--idle", 120, ...more(`${file}.${name}`, count, name)], `${file}.${name}`);
  const open = [];
  const read = async (count, name) => {
    open.push(idle(count, name));
    await open.at(-1).opened;
    await sleep(settle);
    return hub.collect();
  };
  try {
    for (const name of ["warm1", "warm2", "warm3"]) {
      await read(few, name);
      await open.pop().stop();
    }
    const before = await read(few, "few");
    const after = await read(connections - few, "many");
    const there = (await hub.metrics()).spillway_delivery_connections;
    if (there !== connections) {
      throw new Error(`${there} connections are open, not ${connections}.`);
    }
    const slope = (key) => (after[key] - before[key]) / (connections - few);
    return [{ rss: slope("rss"), committed: slope("committed"), managed: slope("managed"), end: after.rss }];
  } finally {
    await Promise.all(open.map((generator) => generator.stop()));
  }
}

// ---- the kernel's memory of connections that do not read

const unread = {
  title: "Kernel memory of a client that never reads",
  goal: "at most 48 KB, at its most",
  says: (options) => `${page.say(options.deaf)} clients read nothing after the head of their response, default settings of hub and kernel; ${options["unread-rate"]} events/s of 1,000 B go to them and to one that reads, for ${options["unread-seconds"]} s. Each second \`ss -tm\``
    + " is asked for the sockets at the hub's end: received, sent, queued, reserved, options and backlog of `skmem` together.",
  settings: {},
  columns: [
    ["greatest socket, KB", (row) => row.most / 1000, 1],
    ["mean at its most, KB", (row) => row.mean / 1000, 1],
    ["closed by the hub", (row) => row.closed, 0],
    ["missing at the one that reads", (row) => row.missing, 0],
  ],
  measure: measureUnread,
};

async function measureUnread(hub, file, options) {
  const seconds = options["unread-seconds"];
  const deaf = startGenerator(["--url", `${hub.url}/events?topic=a`, "--connections", options.deaf, "--deaf", "--idle", seconds + 30], `${file}.deaf`);
  await deaf.opened;
  const load = startGenerator([
    "--url", `${hub.url}/events?topic=a`, "--connections", 1, "--publish-url", `${hub.url}/topics/a`, "--rate", options["unread-rate"], "--size", 1000, "--settle", 1, "--warmup", 0, "--duration", seconds,
  ], `${file}.load`);
  let [ended, most, mean] = [false, 0, 0];
  const result = load.ended.finally(() => (ended = true));
  result.catch(() => {}); // It is awaited below.
  while (!ended) {
    const sockets = (await socketsOf(hub)).slice(0, options.deaf);
    most = Math.max(most, sockets[0] ?? 0);
    mean = Math.max(mean, sockets.reduce((sum, bytes) => sum + bytes, 0) / options.deaf);
    await sleep(1_000);
  }
  const { missing } = (await result).deliveries;
  const left = (await hub.metrics()).spillway_delivery_connections; // The one that reads may still be among them.
  await deaf.stop();
  return [{ most, mean, closed: Math.max(0, options.deaf - left), missing }];
}

// Bytes of memory of each TCP socket at the hub's port, the greatest first.
async function socketsOf(hub) {
  const { stdout } = await promisify(execFile)("ss", ["-tmnOH", "sport", "=", `:${new URL(hub.url).port}`], { maxBuffer: 64 * 2 ** 20 });
  const sockets = [...stdout.matchAll(/skmem:\(([^)]*)\)/g)].map(([, fields]) => {
    const bytes = Object.fromEntries([...fields.matchAll(/([a-z]+)(\d+)/g)].map(([, name, value]) => [name, Number(value)]));
    return bytes.r + bytes.t + bytes.f + bytes.w + bytes.o + bytes.bl;
  });
  return sockets.sort((a, b) => b - a);
}

// ---- one event to everybody

const broadcast = {
  title: "One event to everybody",
  goal: "first to last at most 250 ms; no collection during ten of them",
  says: (options) => `${page.say(options.connections)} connections to one topic; after a full collection ten events of 100 B, one every two seconds. First to last: from the end of the first read that brought an event to that of the last, by the generator, which shares the cores. Collections are the hub's,`
    + " from before the first event to behind the last; requests that publish and two that read metrics are in them.",
  settings: debug,
  columns: [
    ["first to last p50 ms", (row) => row.result.broadcast_first_to_last.p50_ms, 1],
    ["max ms", (row) => row.result.broadcast_first_to_last.max_ms, 1],
    ["complete max ms", (row) => row.result.broadcast_complete.max_ms, 1],
    ["µs of the hub's CPU a delivery", (row) => row.result.cpu.server_us_per_delivery, 2],
    ["collections", (row) => row.collections, 0],
    ["missing", (row) => row.result.deliveries.missing, 0],
    ["others, cores", (row) => row.result.cpu.foreign_cores, 2],
  ],
  measure: measureBroadcast,
};

async function measureBroadcast(hub, file, { connections, ramp }) {
  const publish = ["--publish-url", `${hub.url}/topics/a`, "--size", 100, "--server-pid", hub.pid];
  const url = ["--url", `${hub.url}/events?topic=a`];
  await startGenerator([...url, "--connections", 200, ...publish, "--settle", 0, "--warmup", 0, "--rate", 50, "--duration", 4], `${file}.warm-up`).ended;
  const all = startGenerator([...url, "--connections", connections, "--ramp", ramp, ...publish, "--settle", 5, "--warmup", 0, "--rate", 0.5, "--duration", 20], `${file}.all`);
  await all.opened;
  await sleep(settle);
  await hub.collect();
  const collections = async () => (await hub.metrics()).dotnet_gc_collections_total;
  const before = await collections();
  const result = await all.ended;
  return [{ result, collections: (await collections()) - before }];
}

// ---- as many deliveries as there can be

const fanout = {
  title: "Saturated fan-out, published in batches",
  goal: "at least 2,500,000 deliveries/s, p99 below 50 ms, nothing missing",
  says: (options) => `${page.say(options.fanout)} connections to one topic, events of 100 B, published in a hundred NDJSON requests a second, four of which may be under way; all events of a request are due when it is. Each rate has a fresh hub.`,
  settings: {},
  rowTitle: "events/s",
  columns: [
    ["deliveries/s", (row) => row.result.deliveries.per_second, 0],
    ["p50 ms", (row) => row.result.latency.p50_ms, 2],
    ["p99 ms", (row) => row.result.latency.p99_ms, 1],
    ["max ms", (row) => row.result.latency.max_ms, 1],
    ["missing", (row) => row.result.deliveries.missing, 0],
    ["refused", (row) => row.result.publish.planned - row.result.publish.accepted, 0],
    ["the hub's cores", (row) => row.result.cpu.server_cores, 2],
    ["others, cores", (row) => row.result.cpu.foreign_cores, 2],
  ],
  parts: (options) => options.rates,
  measure: measureFanout,
};

async function measureFanout(hub, file, options, rate) {
  const batch = Math.max(1, Math.round(rate / 100));
  const result = await startGenerator([
    "--url", `${hub.url}/events?topic=a`, "--connections", options.fanout, "--publish-url", `${hub.url}/events`, "--publish-content-type", "application/x-ndjson",
    "--publish-body", String.raw`{"topic":"a","payload":"{payload}"}`, "--publish-batch", batch, "--publish-pipeline", 4, "--rate", rate, "--size", 100, "--settle", 1, "--warmup", 4, "--duration", options.seconds, "--server-pid", hub.pid,
  ], file).ended;
  return [{ part: rate, result }];
}

// ---- coming

const accept = {
  title: "Accepting",
  goal: "accept, handshake and park at least 12,000 connections/s",
  says: (options) => `${page.say(options.connections)} connections to one topic, opened as fast as they are answered, at most 1,000 under way; 1,000 others came and went before. From the first connect to the last response head. Generator and hub share the cores.`,
  settings: {},
  columns: [
    ["connections/s", (row) => row.result.connect.per_second, 0],
    ["time p50 ms", (row) => row.result.connect.time.p50_ms, 1],
    ["p99 ms", (row) => row.result.connect.time.p99_ms, 1],
    ["µs of the hub's CPU each", (row) => row.cpu, 1],
    ["failed tries", (row) => row.result.connect.failed_tries, 0],
  ],
  measure: measureAccept,
};

async function measureAccept(hub, file, { connections }) {
  const come = (count, name) => startGenerator(["--url", `${hub.url}/events?topic=a`, "--connections", count, "--ramp", 1_000_000, "--max-pending", 1_000, "--settle", 0, "--idle", 1], `${file}.${name}`);
  await come(Math.min(connections, 1_000), "warm-up").ended;
  const before = hub.cpu();
  const all = come(connections, "all");
  await all.opened;
  const cpu = ((hub.cpu() - before) / connections) * 1e6;
  return [{ result: await all.ended, cpu }];
}

// ---- credentials that are taken back

const revoke = {
  title: "The end of streams whose credential is taken back",
  goal: "within a second",
  says: (options) => `${page.say(options.connections)} connections, each with a token of its own; every second one is of one subject. \`POST /admin/revocations\` for that subject: how long until the answer, and until the hub has ended them all, as \`/metrics\` tells.`,
  settings: tokens.settings,
  headers: tokens.headers,
  columns: [
    ["answered after ms", (row) => row.answered, 0],
    ["all ended after ms", (row) => row.ended, 0],
    ["streams ended", (row) => row.count, 0],
    ["streams left", (row) => row.left, 0],
  ],
  measure: measureRevocation,
};

async function measureRevocation(hub, file, { connections, ramp }) {
  const headers = tokens.writeHeaders(`${file}.headers`, connections, (i) => (i % 2 === 0 ? "everybody" : `user-${i}`));
  const all = startGenerator(["--url", `${hub.url}/events?topic=news`, "--connections", connections, "--ramp", ramp, "--idle", 60, "--header-lines", headers], `${file}.all`);
  try {
    await all.opened;
    await sleep(settle);
    const open = async () => (await hub.metrics()).spillway_delivery_connections;
    const wanted = connections - Math.ceil(connections / 2);
    const began = performance.now();
    const answer = await fetch(`${hub.url}/admin/revocations`, { method: "POST", headers: { ...tokens.headers, "Content-Type": "application/json" }, body: JSON.stringify({ subject: "everybody" }) });
    const answered = performance.now() - began;
    let left = await open();
    while (left > wanted && performance.now() - began < 30_000) {
      left = await open();
    }
    if (answer.status !== 204 || left !== wanted) {
      throw new Error(`The revocation was answered with ${answer.status}, and ${left} connections were left, not ${wanted}.`);
    }
    return [{ answered, ended: performance.now() - began, count: connections - left, left }];
  } finally {
    await all.stop();
  }
}

const figures = {
  one: memory("Memory of an idle connection, one topic for all", "at most 256 B", () => "topic=a"),
  own: memory("Memory of an idle connection, a topic of its own each", "at most 600 B", (name) => `topic=own/${name}/{i}`),
  mixed: memory("Memory of an idle connection, two shared topics and one of its own each", "at most 700 B", (name) => `topic=all&topic=some&topic=own/${name}/{i}`),
  tokens: memory("Memory of an idle connection, one topic for all, each with a token and a subject of its own", "at most 800 B", () => "topic=news", {
    settings: tokens.settings,
    headers: tokens.headers,
    more: (file, count, name) => ["--header-lines", tokens.writeHeaders(`${file}.headers`, count, (i) => `${name}-user-${i}`)],
  }),
  revoke,
  unread,
  broadcast,
  fanout,
  accept,
  beside,
  resumes,
};

function chooseFigures(text) {
  const names = text === undefined ? Object.keys(figures) : text.split(",");
  const unknown = names.find((name) => !figures[name]);
  if (unknown !== undefined) {
    throw new Error(`There is no figure "${unknown}"; choose from ${Object.keys(figures).join(", ")}.`);
  }
  return [...new Set(names)].map((name) => ({ name, parts: () => [undefined], ...figures[name] }));
}

module.exports = { chooseFigures };
