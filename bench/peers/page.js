"use strict";
// What the reports of the harnesses have in common: head, tables, spreads, and the 95 % interval of a ratio.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { parseArgs } = require("node:util");
const { root } = require("./targets.js");

// Two-sided 95 % quantiles of Student's t, by degrees of freedom.
const student = [NaN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086];

/** The commit of a checkout, and whether what is measured differs from it. */
function commitOf(checkout) {
  const git = (...args) => execFileSync("git", args, { cwd: checkout, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--", "src", "bench", ":!bench/results") === "" ? "" : " with uncommitted changes";
  return `${git("rev-parse", "--short=12", "HEAD")}${changed}`;
}

/** Another checkout of this repository, by its folder: {checkout, commit}; nothing if there is to be none. */
function checkoutOf(folder) {
  if (folder === undefined) {
    return undefined;
  }
  const checkout = path.resolve(folder);
  if (!fs.existsSync(path.join(checkout, "src/Spillway.Cli")) || !fs.existsSync(path.join(checkout, ".git"))) {
    throw new Error(`--against is "${folder}", which is no checkout of this repository.`);
  }
  return { checkout, commit: commitOf(checkout) };
}

function describe(title, command) {
  const sdk = execFileSync("dotnet", ["--list-runtimes"], { encoding: "utf8" }).match(/Microsoft\.NETCore\.App (\S+)/g).at(-1).split(" ")[1];
  return [
    `# ${title}, ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
    "",
    `- Commit ${commitOf(root)}`,
    `- Machine: ${os.cpus()[0].model.trim()}, ${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release().split(".").slice(0, 2).join(".")}, .NET ${sdk}`,
    `- Command: \`${command}\``,
    "",
  ].join("\n");
}

function table(titles, rows) {
  const line = (texts) => `| ${texts.join(" | ")} |`;
  return [line(titles), `|${titles.map((_, at) => (at === 0 ? "---" : "--:")).join("|")}|`, ...rows.map(line)].join("\n");
}

function say(value, digits = 0) {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Least..greatest. */
function spread(values, digits = 0) {
  const [least, greatest] = [Math.min(...values), Math.max(...values)].map((value) => say(value, digits));
  return least === greatest ? least : `${least}..${greatest}`;
}

/** The mean ratio of pairs and its 95 % interval: ratios multiply, so that of their logarithms. */
function interval(ratios) {
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1));
  const half = ((student[logs.length - 1] ?? 1.96) * deviation) / Math.sqrt(logs.length);
  return { ratio: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) };
}

function sayInterval(ratios) {
  const { ratio, low, high } = interval(ratios);
  return `${ratio.toFixed(3)} (${low.toFixed(3)}..${high.toFixed(3)})`;
}

/** Options that are numbers with a range, texts, and --out; `numbers` is {name: [default, least, greatest]}, `words` {name: (text or undefined) => value}. Ends the process where they are wrong. */
function readOptions(name, usage, numbers, words = {}) {
  try {
    const texts = Object.fromEntries(Object.keys({ ...numbers, ...words }).map((key) => [key, { type: "string" }]));
    const { values } = parseArgs({ options: { ...texts, out: { type: "string" }, help: { type: "boolean", short: "h" } } });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const read = Object.entries(numbers).map(([key, [normal, least, greatest]]) => {
      const value = Number(values[key] ?? normal);
      if (!(value >= least && value <= greatest)) {
        throw new Error(`--${key} is "${values[key]}"; use a number from ${least} to ${greatest}.`);
      }
      return [key, value];
    });
    const taken = Object.entries(words).map(([key, take]) => [key, take(values[key])]);
    return { ...Object.fromEntries([...read, ...taken]), out: values.out };
  } catch (error) {
    console.error(`${name}: ${error.message}\n${usage}`);
    process.exit(2);
  }
}

function write(out, report) {
  if (out) {
    fs.writeFileSync(out, report);
    console.error(`report: ${path.relative(process.cwd(), path.resolve(out))}`);
  } else {
    process.stdout.write(report);
  }
}

function commandLine(name) {
  return [name, ...process.argv.slice(2)].join(" ");
}

module.exports = { checkoutOf, commandLine, commitOf, describe, interval, readOptions, say, sayInterval, spread, table, write };
