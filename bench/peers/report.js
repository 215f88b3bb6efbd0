"use strict";
// Turns the generator's JSON outputs into one Markdown page.

// Faults other than missing and duplicated events. Each must be nought, or is named in the report.
const faults = {
  "out of order": (r) => r.deliveries.out_of_order,
  stale: (r) => r.deliveries.stale,
  misrouted: (r) => r.deliveries.misrouted,
  "bad framing": (r) => r.deliveries.bad_framing,
  "publish refused": (r) => r.publish.planned - r.publish.accepted,
  "closed by the server": (r) => r.connect.closed_by_server,
  "failed connects": (r) => r.connect.failed_tries,
};

const figures = {
  load: [
    { title: "CPU µs/delivery", of: (r) => r.cpu.server_us_per_delivery, digits: 2 },
    { title: "p50 ms", of: (r) => r.latency.p50_ms, digits: 2 },
    { title: "p99 ms", of: (r) => r.latency.p99_ms, digits: 2 },
    { title: "max ms", of: (r) => r.latency.max_ms, digits: 1 },
    { title: "deliveries/s", of: (r) => r.deliveries.per_second, digits: 0 },
    { title: "RSS MiB at the end", of: (r) => r.memory.server_rss_end / 1048576, digits: 0 },
  ],
  idle: [
    { title: "RSS B/connection", of: (r) => r.memory.server_rss_per_connection, digits: 0 },
    { title: "Pss B/connection", of: (r) => r.memory.server_pss_per_connection, digits: 0 },
    { title: "RSS MiB before", of: (r) => r.memory.server_rss_before / 1048576, digits: 0 },
    { title: "kernel B/connection, both ends", of: (r) => r.memory.slab_per_connection + r.memory.tcp_mem_per_connection, digits: 0 },
    { title: "connects/s", of: (r) => r.connect.per_second, digits: 0 },
  ],
};

// What is compared pair by pair, and only that: of the rest a ratio says nothing. Of servers that run at once it is the first alone: who waits for the processor waits for all of them.
const compared = {
  load: ["CPU µs/delivery", "p50 ms", "p99 ms", "RSS MiB at the end"],
  idle: ["RSS B/connection"],
};

/** runs: [{cell, target, repeat, result, others, disturbed}]; a failed run has `error` instead of `result`. */
function writeReport({ header, cells, targets, runs, baselines, limit, atOnce = false }) {
  const sections = cells.map((cell) => writeCell(cell, targets, runs.filter((run) => run.cell === cell.name), baselines, atOnce));
  return [
    header,
    `Figures are least..greatest of the runs. A ratio is that of two runs of one turn: median (least..greatest). "others" is the processor time, in cores, that neither`,
    `server nor generator used; a run above ${limit} was made again, and is marked \\* where it stayed disturbed.`,
    ...(atOnce ? ["", "The servers of a turn ran **at the same time**, each with a generator of its own and an even share of the connections: their processor times are of the same seconds. Their latencies are of all of them together, and are not compared."] : []),
    "",
    ...sections,
  ].join("\n");
}

function writeCell(cell, targets, runs, baselines, atOnce) {
  const kind = cell.idle ? "idle" : "load";
  const columns = figures[kind];
  const titles = ["", "runs", ...columns.map((column) => column.title), ...(cell.idle ? [] : ["missing", "duplicated"]), "others"];
  const rows = targets.map((target) => writeRow(cell, target, columns, runs.filter((run) => run.target === target)));
  const raced = targets.filter((target) => !baselines.includes(target));
  const ratios = raced.flatMap((target) => baselines.flatMap((baseline) => writeRatios(atOnce ? compared[kind].slice(0, 1) : compared[kind], columns, target, baseline, runs)));
  return [`## ${cell.name}: ${cell.title}`, "", table(titles, rows), "", ...ratios, ...writeNotes(runs), ...cell.commands.map((command) => `    loadgen ${command}`), ""].join("\n");
}

function writeRow(cell, target, columns, runs) {
  const good = runs.filter((run) => run.result);
  const sum = (of) => String(good.reduce((total, run) => total + of(run.result), 0));
  const marks = good.some((run) => run.disturbed) ? " \\*" : "";
  const cellsOfRow = good.length === 0
    ? columns.map(() => "–")
    : columns.map((column) => range(good.map((run) => column.of(run.result)), column.digits));
  const lost = cell.idle ? [] : [sum((r) => r.deliveries.missing), sum((r) => r.deliveries.duplicated)];
  const others = good.length === 0 ? "–" : range(good.map((run) => run.others), 2) + marks;
  return [target, `${good.length}`, ...cellsOfRow, ...lost, others];
}

function writeRatios(titles, all, target, baseline, runs) {
  const columns = all.filter((column) => titles.includes(column.title));
  const pairs = pairUp(runs, target, baseline);
  if (pairs.length === 0) {
    return [];
  }
  const rows = columns.map((column) => `${column.title} ${spread(pairs.map(([one, other]) => column.of(one.result) / column.of(other.result)))}`);
  return [`**${target} ÷ ${baseline}** over ${pairs.length} pairs: ${rows.join(" · ")}`, ""];
}

function pairUp(runs, target, baseline) {
  const of = (name, repeat) => runs.find((run) => run.target === name && run.repeat === repeat && run.result);
  const repeats = [...new Set(runs.map((run) => run.repeat))];
  return repeats.map((repeat) => [of(target, repeat), of(baseline, repeat)]).filter(([one, other]) => one && other);
}

function writeNotes(runs) {
  const notes = runs.flatMap((run) => run.result
    ? Object.entries(faults).filter(([, of]) => of(run.result) > 0).map(([name, of]) => `- ${run.target}, run ${run.repeat}: ${of(run.result)} ${name}`)
    : [`- ${run.target}, run ${run.repeat}: failed. ${run.error}`]);
  return notes.length === 0 ? [] : [...notes, ""];
}

function table(titles, rows) {
  const line = (texts) => `| ${texts.join(" | ")} |`;
  return [line(titles), `|${titles.map((_, at) => (at === 0 ? "---" : "--:")).join("|")}|`, ...rows.map(line)].join("\n");
}

function range(values, digits) {
  const [least, greatest] = [Math.min(...values), Math.max(...values)].map((value) => format(value, digits));
  return least === greatest ? least : `${least}..${greatest}`;
}

function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return `${format(median, 2)} (${format(sorted[0], 2)}..${format(sorted.at(-1), 2)})`;
}

function format(value, digits) {
  return value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
}

module.exports = { writeReport };
