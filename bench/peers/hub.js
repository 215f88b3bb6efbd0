"use strict";
// A hub with a file of rules, for the harnesses that measure hubs alone: started fresh for every run, looked at while it runs.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { freePort, startServer, stop } = require("./run.js");
const { root, spillway } = require("./targets.js");

/** Builds the generator, and the hub of each checkout; gives the folder for what runs leave behind. */
function prepare(name, checkouts = [root]) {
  execFileSync("make", ["-s", "-C", path.join(root, "bench/loadgen"), "all"], { stdio: ["ignore", 2, 2] });
  for (const checkout of checkouts) {
    execFileSync(...spillway("memory", "open", checkout).build, { cwd: checkout, stdio: ["ignore", 2, 2] });
  }
  const folder = path.join(root, "bench/results/raw", `${name}-${new Date().toISOString().slice(0, 19).replace(/:/g, "")}`);
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Starts a hub with these settings (of the section Spillway), and runs `act(hub)` on it: {url, pid, metrics(), memory(), cpu(), collect()}. The last one needs the setting Serve:DebugEndpoints.
 * Its history is in memory, or in a directory (of a run behind which nothing is kept). The headers are for a hub that asks who reads its metrics; the checkout is where it was built.
 */
async function withHub(settings, file, act, { data = "memory", headers = {}, checkout = root } = {}) {
  fs.writeFileSync(`${file}.config.json`, JSON.stringify({ Spillway: settings }));
  const server = await startServer(spillway(data, settings.Access?.Mode, checkout), await freePort(), ["--config", `${file}.config.json`], `${file}.server.log`);
  try {
    const { pid } = server.child;
    return await act({
      url: server.url, pid, metrics: () => readMetrics(server.url, headers), memory: () => readMemory(pid), cpu: () => readCpu(pid), collect: () => collect(server.url, pid, headers),
    });
  } finally {
    await stop(server.child);
    if (data !== "memory") {
      fs.rmSync(data, { recursive: true, force: true });
    }
  }
}

/** Sums over tags: {name: value}. */
async function readMetrics(url, headers) {
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  const sums = {};
  for (const [, name, value] of text.matchAll(/^([a-z_0-9]+)(?:\{[^}]*\})? (\S+)$/gm)) {
    sums[name] = (sums[name] ?? 0) + Number(value);
  }
  return sums;
}

/** Bytes: what the process has resident, and what the kernel holds for all TCP sockets of the machine. */
function readMemory(pid) {
  const rss = Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;
  const tcp = Number(/^TCP:.* mem (\d+)/m.exec(fs.readFileSync("/proc/net/sockstat", "utf8"))[1]) * 4096;
  return { rss, tcp };
}

/** Seconds of processor time that the process has taken. */
function readCpu(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100; // utime and stime, in ticks: USER_HZ is 100 on every Linux.
}

/** What the process holds after a full collection: {managed, committed, rss}, in bytes. */
async function collect(url, pid, headers) {
  const answer = await fetch(`${url}/debug/collect`, { method: "POST", headers });
  if (!answer.ok) {
    throw new Error(`POST /debug/collect was answered with ${answer.status}.`);
  }
  const { managedBytes, committedBytes } = await answer.json();
  return { managed: managedBytes, committed: committedBytes, rss: readMemory(pid).rss };
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

module.exports = { prepare, sleep, withHub };
