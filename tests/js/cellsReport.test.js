import assert from "node:assert/strict";
import { test } from "node:test";
import cellsOfBench from "../../bench/peers/cells.js";
import targetsOfBench from "../../bench/peers/targets.js";
import report from "../../bench/peers/report.js";

const B = { name: "B", title: "a load", commands: ["--url URL"] };

test("ratios are of the runs of one pair, and the median is said with its spread", () => {
  const runs = [
    run("ours", 1, { cpu: 5 }), run("yardstick", 1, { cpu: 10 }), // 0.50
    run("ours", 2, { cpu: 18 }), run("yardstick", 2, { cpu: 20 }), // 0.90
    run("ours", 3, { cpu: 24 }), run("yardstick", 3, { cpu: 30 }), // 0.80
  ];

  const text = write(runs);

  assert.match(text, /\*\*ours ÷ yardstick\*\* over 3 pairs: CPU µs\/delivery 0\.80 \(0\.50\.\.0\.90\)/);
  assert.match(text, /\| ours \| 3 \| 5\.00\.\.24\.00 \|/);
});

test("a pair with a failed run has no ratio, and the failure is named", () => {
  const runs = [run("ours", 1, { cpu: 5 }), { cell: "B", target: "yardstick", repeat: 1, error: "it was not ready" }];

  const text = write(runs);

  assert.doesNotMatch(text, /÷/);
  assert.match(text, /- yardstick, run 1: failed\. it was not ready/);
  assert.match(text, /\| yardstick \| 0 \| – \|/);
});

test("losses are summed, other faults are named, disturbed runs are marked", () => {
  const runs = [run("ours", 1, { missing: 1_000 }), run("ours", 2, { missing: 234, duplicated: 7, outOfOrder: 3, others: 0.51 })];

  const text = write(runs);

  assert.match(text, /\| 1234 \| 7 \| 0\.10\.\.0\.51 \\\* \|/);
  assert.match(text, /- ours, run 2: 3 out of order/);
  assert.doesNotMatch(text, /run 1: /);
});

test("large figures are grouped, their decimals are not", () => {
  const text = write([run("ours", 1, { cpu: 1_234.5678 })]);

  assert.match(text, /\| 1,234\.57 \|/);
});

test("a group of cells stands for its cells, each once", () => {
  assert.deepEqual(cellsOfBench.chooseCells(["idle", "B", "idle19k"]).map((cell) => cell.name), ["idle10k", "idle19k", "B"]);
  assert.throws(() => cellsOfBench.chooseCells(["Z"]), /There is no cell "Z"; choose from A, B, /);
});

test("the hub of another checkout takes turns with this one's, and is what it is compared with", () => {
  const transport = targetsOfBench.chooseTransport("sse");

  const chosen = targetsOfBench.chooseTargets(transport, ["kestrel", "spillway", "floor"], { checkout: "/other", commit: "abc" });

  assert.deepEqual(chosen.map((target) => [target.name, target.isBaseline ?? false]), [["kestrel", false], ["spillway", false], ["spillway-abc", true], ["floor", false]]);
  assert.match(chosen[2].start(1, [])[1][0], /^\/other\//);
  assert.deepEqual(chosen[2].start(1, ["x"])[1].slice(1), chosen[1].start(1, ["x"])[1].slice(1));
});

test("servers that run at once share a cell's connections, and only their CPU is compared", () => {
  const [shared] = cellsOfBench.chooseCells(["B"], undefined, 4);

  const text = write([run("ours", 1, { cpu: 5 }), run("yardstick", 1, { cpu: 10 })], true);

  assert.equal(shared.args[shared.args.indexOf("--connections") + 1], 2_500);
  assert.match(text, /ran \*\*at the same time\*\*/);
  assert.match(text, /\*\*ours ÷ yardstick\*\* over 1 pairs: CPU µs\/delivery 0\.50 \(0\.50\.\.0\.50\)$/m);
});

function write(runs, atOnce) {
  return report.writeReport({ header: "# Cells", cells: [B], targets: ["ours", "yardstick"], runs, baselines: ["yardstick"], limit: 0.2, atOnce });
}

function run(target, repeat, { cpu = 10, missing = 0, duplicated = 0, outOfOrder = 0, others = 0.1 } = {}) {
  const result = {
    connect: { closed_by_server: 0, failed_tries: 0, per_second: 5_000 },
    cpu: { server_us_per_delivery: cpu },
    deliveries: { missing, duplicated, out_of_order: outOfOrder, stale: 0, misrouted: 0, bad_framing: 0, per_second: 100 },
    latency: { p50_ms: 1, p99_ms: 2, max_ms: 3 },
    memory: { server_rss_end: 2 ** 20 },
    publish: { planned: 10, accepted: 10 },
  };
  return { cell: "B", target, repeat, result, others, disturbed: others > 0.2 };
}
