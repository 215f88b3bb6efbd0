"use strict";
// One run: a fresh server, the generator against it, the generator's JSON.
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");
const { root } = require("./targets.js");

const generator = path.join(root, "bench/loadgen/loadgen");
const startLimit = 30_000;
const stopLimit = 10_000;
const runLimit = 300_000; // The longest cell takes 75 s; a generator that hangs must not hang the rest.

// Server and generator share two cores wherever this runs, or figures of two machines could not be laid side by side.
const pinned = os.cpus().length > 2 ? ["taskset", "-c", "0,1"] : [];

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Runs a cell on servers that share the machine, mostly one. Gives what each generator found: {result}, or {error}. files: [{target, file}]. */
async function runTogether(cell, files, argsOf) {
  const servers = [];
  try {
    for (const { target, file } of files) {
      servers.push(await startServer(target, await freePort(), argsOf(target), `${file}.server.log`)); // One after the other: the next port is free as long as the one before is taken.
    }
    return await Promise.all(files.map(({ target, file }, at) => measure(cell, target, servers[at], file)));
  } finally {
    await Promise.all(servers.map((server) => stop(server.child)));
  }
}

async function measure(cell, target, server, file) {
  try {
    await runGenerator(generatorArgs(cell, target, server.url, server.child.pid, `${file}.json`), `${file}.loadgen.log`);
    return { result: JSON.parse(fs.readFileSync(`${file}.json`, "utf8")) };
  } catch (error) {
    return { error: error.message };
  }
}

function generatorArgs(cell, target, url, pid, json) {
  const publishing = cell.idle ? [] : ["--publish-url", url + target.publish(cell.topic)];
  return ["--url", url + target.subscribe(cell.topic), ...(target.args?.(cell.topic) ?? []), ...publishing, ...cell.args, "--server-pid", pid, "--json", json].map(String);
}

async function startServer(target, port, extra, log) {
  const [command, args] = target.start(port, extra);
  const child = start(command, args, log, "pipe");
  const url = await new Promise((resolve, reject) => {
    let text = "";
    const limit = setTimeout(() => reject(new Error(`${target.name} was not ready after ${startLimit / 1000} s; see ${path.relative(root, log)}.`)), startLimit);
    child.on("error", reject);
    child.on("exit", (status) => reject(new Error(`${target.name} ended with ${status} before it was ready; see ${path.relative(root, log)}.`)));
    child.stdout.on("data", (chunk) => {
      fs.appendFileSync(log, chunk);
      text = (text + chunk).slice(-10_000);
      const ready = /listening on (http:\/\/[^\s/]+)\/?\s/i.exec(text);
      if (ready) {
        clearTimeout(limit);
        resolve(ready[1]);
      }
    });
  }).catch(async (error) => {
    await stop(child);
    throw error;
  });
  return { child, url };
}

async function runGenerator(args, log, onStart) {
  const child = start(generator, args, log, fs.openSync(log, "a"));
  onStart?.(child);
  const limit = setTimeout(() => child.kill("SIGKILL"), runLimit);
  const status = await ended(child);
  clearTimeout(limit);
  if (status !== 0) {
    throw new Error(`loadgen ended with ${status}: ${fs.readFileSync(log, "utf8").trim().split("\n").slice(-3).join(" / ")}`);
  }
}

function start(command, args, log, stdout) {
  const [first, ...rest] = [...pinned, command, ...args];
  fs.writeFileSync(log, `$ ${[first, ...rest].join(" ")}\n`);
  const child = spawn(first, rest, { cwd: root, stdio: ["ignore", stdout, fs.openSync(log, "a")] });
  running.add(child);
  child.on("exit", () => running.delete(child));
  return child;
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const limit = setTimeout(() => child.kill("SIGKILL"), stopLimit);
  child.kill("SIGTERM");
  await ended(child);
  clearTimeout(limit);
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (status, signal) => resolve(signal ?? status));
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// Starts a generator beside others. `opened` comes when all its connections are open; `ended` gives its JSON; `stop()` ends it before its time, and then there is no JSON.
function startGenerator(args, file) {
  let child;
  const ended = runGenerator([...args, "--json", `${file}.json`].map(String), `${file}.log`, (started) => (child = started)).then(() => JSON.parse(fs.readFileSync(`${file}.json`, "utf8")));
  const opened = new Promise((resolve, reject) => {
    const look = setInterval(() => {
      if (fs.readFileSync(`${file}.log`, "utf8").includes("connections open in")) {
        clearInterval(look);
        resolve();
      }
    }, 50);
    ended.catch((error) => {
      clearInterval(look);
      reject(error);
    });
  });
  opened.catch(() => {}); // Whoever waits for the end is told, too.
  const halt = () => {
    ended.catch(() => {}); // That it was ended is no fault.
    return stop(child);
  };
  return { opened, ended, stop: halt };
}

module.exports = { runTogether, startGenerator, startServer, stop, freePort, generatorArgs };
