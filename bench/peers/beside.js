"use strict";
// Figures of bench/engine: what others have to wait while something heavy is going on. In the form of figures.js.
const http = require("node:http");
const { sleep } = require("./hub.js");
const page = require("./page.js");
const { startGenerator } = require("./run.js");

const seconds = 20;
const probesPerSecond = 50; // Of each kind.

// ---- requests beside broadcasts, and beside clients that read nothing

const situations = {
  nothing: { title: "nothing else", start: () => undefined },
  broadcast: {
    title: "an event to everybody, 4 times a second",
    start: (hub, file, options) => startGenerator([
      "--url", `${hub.url}/events?topic=a`, "--connections", options.connections - 500, "--ramp", options.ramp, "--publish-url", `${hub.url}/topics/a`, "--size", 100, "--settle", 1, "--warmup", 0, "--rate", 4, "--duration", seconds + 4,
    ], `${file}.all`),
  },
  stalled: {
    title: "2,000 that read nothing of 50 events of 1 KB a second",
    start: (hub, file) => {
      const deaf = startGenerator(["--url", `${hub.url}/events?topic=a`, "--connections", 2_000, "--deaf", "--idle", seconds + 8], `${file}.deaf`);
      const load = deaf.opened.then(() => startGenerator([
        "--url", `${hub.url}/events?topic=a`, "--connections", 1, "--publish-url", `${hub.url}/topics/a`, "--size", 1_000, "--settle", 0, "--warmup", 0, "--rate", 50, "--duration", seconds + 4,
      ], `${file}.load`));
      return { opened: load.then(({ opened }) => opened), ended: Promise.all([deaf.ended, load.then(({ ended }) => ended)]) };
    },
  },
};

const beside = {
  title: "Other requests meanwhile",
  goal: "p99 of accepts, publishes and other endpoints below 50 ms",
  says: (options) => `${probesPerSecond} requests of each kind a second, for ${seconds} s, by the clock and whether or not earlier ones are answered: a subscription on a connection of its own, from before connecting to its opening block; an event to a topic that nobody has, on a connection that is kept; \`GET /health/live\` on one of its own.`
    + ` From when each was due. ${page.say(options.connections - 500)} connections take part in the broadcasts, the generator and the probes share the cores with the hub; the first row says what the probes see when there is nothing else.`,
  settings: {},
  rowTitle: "beside",
  columns: [
    ...["subscribe", "publish", "health"].flatMap((kind) => [[`${kind} p50 ms`, (row) => row[kind].p50, 2], [`p99 ms`, (row) => row[kind].p99, 1], ["max ms", (row) => row[kind].max, 1]]),
    ["failed", (row) => row.failed, 0],
  ],
  parts: () => Object.values(situations).map(({ title }) => title),
  measure: measureBeside,
};

async function measureBeside(hub, file, options, part) {
  await probe(hub, 2); // Compiles.
  const load = Object.values(situations).find(({ title }) => title === part).start(hub, file, options);
  await load?.opened;
  await sleep(2_000);
  const row = await probe(hub, seconds);
  await load?.ended;
  return [{ part, ...row }];
}

/** Sends requests of each kind, and gives {kind: {p50, p99, max}, failed}, in milliseconds. */
async function probe(hub, length) {
  const kept = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const kinds = {
    subscribe: () => ask(`${hub.url}/events?topic=probe`, { agent: false }, true),
    publish: () => ask(`${hub.url}/topics/nobody`, { agent: kept, method: "POST" }, false),
    health: () => ask(`${hub.url}/health/live`, { agent: false }, false),
  };
  const took = { subscribe: [], publish: [], health: [] };
  let failed = 0;
  const begin = performance.now();
  const all = [];
  for (let i = 0; i < length * probesPerSecond; i++) {
    const due = begin + (i * 1000) / probesPerSecond;
    await sleep(Math.max(0, due - performance.now()));
    for (const [kind, send] of Object.entries(kinds)) {
      all.push(send().then(() => took[kind].push(performance.now() - due), () => failed++));
    }
  }
  await Promise.all(all);
  kept.destroy();
  return { ...Object.fromEntries(Object.entries(took).map(([kind, list]) => [kind, summary(list)])), failed };
}

function ask(url, options, isStream) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { ...options, headers: { "content-type": "text/plain" }, timeout: 10_000 }, (response) => {
      if (response.statusCode >= 300) {
        reject(new Error(String(response.statusCode)));
      }
      response.once("data", () => {
        if (isStream) {
          resolve();
          request.destroy();
        }
      });
      response.once("end", resolve);
      response.once("error", reject);
    });
    request.once("timeout", () => request.destroy(new Error("timeout")));
    request.once("error", reject);
    request.end(options.method === "POST" ? "x" : undefined);
  });
}

function summary(list) {
  list.sort((a, b) => a - b);
  const at = (share) => list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

// ---- clients that come back from long ago

const old = { events: 4_000, size: 1_000 };
const alone = "nobody comes back";

const resumes = {
  title: "Clients that come back from long ago",
  goal: "live delivery does not stall, memory does not grow",
  says: (options) => `A history in files has ${page.say(old.events)} events of ${page.say(old.size)} B that have left the window (\`Delivery:WindowEvents\` 1,024). 1,000 clients follow another topic, 10 events/s of 100 B; ${page.say(options.resumes)} more come, 500 a second, and want everything from the oldest event on: together`
    + ` ${page.say((old.events * old.size * options.resumes) / 2 ** 30, 1)} GiB. Latency is that of the followers while they come and read; RSS is the hub's, from before they come to its most. Beside it the same without them.`,
  settings: { Delivery: { WindowEvents: 1_024 } },
  isDurable: true,
  rowTitle: "beside",
  columns: [
    ["p50 ms", (row) => row.live.latency.p50_ms, 2],
    ["p99 ms", (row) => row.live.latency.p99_ms, 1],
    ["max ms", (row) => row.live.latency.max_ms, 1],
    ["missing", (row) => row.live.deliveries.missing, 0],
    ["all have all after s", (row) => row.caughtUp, 1],
    ["old events delivered", (row) => row.delivered, 0],
    ["RSS before MiB", (row) => row.before / 2 ** 20, 0],
    ["RSS at most MiB", (row) => row.most / 2 ** 20, 0],
  ],
  parts: (options) => [alone, `${page.say(options.resumes)} come back`],
  measure: measureResumes,
};

async function measureResumes(hub, file, options, part) {
  const lines = Array.from({ length: old.events / 100 }, (_, batch) => Array.from({ length: 100 }, (__, i) => JSON.stringify({ topic: "old", payload: `${batch * 100 + i}:`.padEnd(old.size, "x") })).join("\n"));
  for (const body of lines) {
    const answer = await fetch(`${hub.url}/events`, { method: "POST", headers: { "content-type": "application/x-ndjson" }, body });
    await answer.text();
    if (!answer.ok) {
      throw new Error(`Publishing was answered with ${answer.status}.`);
    }
  }
  await startGenerator(["--url", `${hub.url}/events?topic=live`, "--connections", 100, "--publish-url", `${hub.url}/topics/live`, "--rate", 100, "--size", 100, "--settle", 0, "--warmup", 0, "--duration", 4], `${file}.warm-up`).ended;
  await startGenerator(["--url", `${hub.url}/events?topic=old&earliest`, "--connections", 20, "--settle", 0, "--idle", 2], `${file}.warm-up-2`).ended;
  const live = startGenerator([
    "--url", `${hub.url}/events?topic=live`, "--connections", 1_000, "--publish-url", `${hub.url}/topics/live`, "--rate", 10, "--size", 100, "--settle", 1, "--warmup", 1, "--duration", seconds,
  ], `${file}.live`);
  await live.opened;
  await sleep(2_000);
  const before = hub.memory().rss;
  const [bytes, begin] = [(await hub.metrics()).spillway_delivery_written_bytes_total, performance.now()];
  const back = part === alone ? undefined : startGenerator(["--url", `${hub.url}/events?topic=old&earliest`, "--connections", options.resumes, "--ramp", 500, "--settle", 0, "--idle", seconds], `${file}.back`);
  let [most, caughtUp, isOver] = [before, 0, false];
  const result = live.ended.finally(() => (isOver = true));
  result.catch(() => {}); // It is awaited below.
  while (!isOver) {
    most = Math.max(most, hub.memory().rss);
    const written = (await hub.metrics()).spillway_delivery_written_bytes_total - bytes;
    if (back !== undefined && caughtUp === 0 && written > old.events * old.size * options.resumes) {
      caughtUp = (performance.now() - begin) / 1000;
    }
    await sleep(250);
  }
  const measured = await result;
  const delivered = back === undefined ? 0 : (await hub.metrics()).spillway_delivery_delivered_events_total;
  await back?.stop();
  return [{ part, live: measured, before, most, caughtUp, delivered }];
}

module.exports = { beside, resumes };
