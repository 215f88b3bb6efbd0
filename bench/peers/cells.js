"use strict";
// The loads a server is put under: what is given to bench/loadgen, apart from the addresses.
// A cell is {title, args} or, where the topic differs per connection, {title, args, topic: '{t}'}.

function publishing(title, connections, rate, size, { topics = 1, warmup = 3, duration = 10, more = [] } = {}) {
  const args = ["--connections", connections, "--rate", rate, "--size", size, "--warmup", warmup, "--duration", duration, ...more];
  return { title, args: topics > 1 ? [...args, "--topics", topics] : args, topic: topics > 1 ? "{t}" : "a" };
}

function idle(connections) {
  return { title: `${grouped(connections)} idle connections of a fresh server`, args: ["--connections", connections, "--idle", 3], topic: "a", idle: true };
}

function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

// A, B, C, D and E are those of the tables in bench/results. An event is published by a request of its own.
const cells = {
  A: publishing("10,000 connections × 1 event/s × 100 B", 10_000, 1, 100),
  B: publishing("10,000 connections × 10 events/s × 100 B", 10_000, 10, 100),
  B5: publishing("10,000 connections × 5 events/s × 100 B", 10_000, 5, 100),
  C: publishing("1,000 connections × 100 events/s × 1,000 B", 1_000, 100, 1_000),
  D: publishing("1,000 connections × 2 events/s × 50 KB", 1_000, 2, 50_000),
  // Sixteen requests under way: a publisher that waits for each answer could not keep 1,000 a second on busy cores.
  E: publishing("5,000 connections, each with a topic of its own × 0.2 events/s × 100 B", 5_000, 1_000, 100, { topics: 5_000, more: ["--publish-pipeline", 16] }),
  P: publishing("1,000 connections, each with a topic or pattern of its own × 10 events/s × 100 B", 1_000, 10_000, 100, { topics: 1_000, more: ["--publish-conns", 4, "--publish-pipeline", 32] }),
  lone: publishing("1 connection × 5 events/s × 100 B, nothing else to do", 1, 5, 100, { warmup: 5, duration: 60 }),
  idle10k: idle(10_000),
  idle19k: idle(19_000),
};

// A word of the command line may stand for several cells.
const groups = { idle: ["idle10k", "idle19k"] };

/** warmup: seconds, or undefined: each cell's own. shares: among how many servers, that run at once, the connections are divided. */
function chooseCells(words, warmup, shares = 1) {
  const names = words.flatMap((word) => groups[word] ?? [word]);
  const unknown = names.find((name) => !cells[name]);
  if (unknown !== undefined) {
    throw new Error(`There is no cell "${unknown}"; choose from ${[...Object.keys(cells), ...Object.keys(groups)].join(", ")}.`);
  }
  return [...new Set(names)].map((name) => ({ name, ...cells[name], args: divide(warmUp(cells[name].args, warmup), shares) }));
}

function divide(args, shares) {
  const at = args.indexOf("--connections") + 1;
  return args.with(at, Math.max(1, Math.floor(args[at] / shares)));
}

function warmUp(args, seconds) {
  const at = args.indexOf("--warmup");
  return at < 0 || seconds === undefined ? args : args.with(at + 1, seconds);
}

module.exports = { chooseCells, grouped };
