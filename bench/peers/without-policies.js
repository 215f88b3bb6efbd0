"use strict";
// What policy code is on the way of a delivery to a connection that keeps up: this takes it out of a copy of the sources, for bench/policy-cost to measure without it.
// Each edit is [what is there, what stands there instead] and must be found exactly once: where the code has changed, mend the edits.
const fs = require("node:fs");
const path = require("node:path");

const edits = {
  "src/Spillway/Delivery/DeliveryLoop.Visit.cs": [
    [/CatchUpPlan\? plan = null;\n        var isJudged = [^]*?\n        }\n\n(?=        _gatherer\.Bounds)/, "CatchUpPlan? plan = null;\n"],
    [/isJudged \|= _gatherer\.HasSkipped;\n                if \(!isJudged [^]*?\n                }\n/, "SendRun(connection, ref hot, run, head);\n"],
    [/ *\/\/\/ <summary><paramref name="isJudged"\/>[^\n]*\n/, ""],
    ["in Run run, long head, bool isJudged)", "in Run run, long head)"],
    [/if \(\(hot\.Flags & \(ConnectionFlags\.Slow \| ConnectionFlags\.ToldExpired\)\) != 0\)\n        {[^]*?\n        }\n/, ""],
    ["else if (isJudged)\n        {\n            PassSkipped(ref hot);\n        }\n\n        if (isJudged)\n        {\n            CountSuperseded(ref hot);\n        }\n", ""],
    ["if (isJudged && !run.More)\n            {\n                CaughtUp(connection, ref hot, head); // It has everything again: the next burst is not judged by what was.\n            }\n", ""],
  ],
  "src/Spillway/Delivery/Gatherer.cs": [
    [/_number = number;\n        if \(HasSkipped\)[^]*?\n        }\n\n(?=        _walker)/, ""],
    ["contributing.Length == 1 && !overflow && plan is null && TrySingle", "contributing.Length == 1 && !overflow && TrySingle"],
    ["var shared = !direct && !overflow && plan is null && Bounds is null;", "var shared = !direct && !overflow && Bounds is null;"],
    ["if (shared && _expired.Last == 0 && buffer.Count > 0)", "if (shared && buffer.Count > 0)"],
    [" || header.Expires < Now)\n        {\n            return false;", ")\n        {\n            return false;"],
    [/var fate = plan\?\.Of\(slot, header\)[^]*?case Fate\.Superseded:[^]*?return true;\n        }\n/, ""],
  ],
  "src/Spillway/Delivery/RunBuffer.cs": [
    ["_expires = Math.Min(_expires, expires);", ""],
  ],
};

function takeOut(folder) {
  for (const [file, changes] of Object.entries(edits)) {
    const name = path.join(folder, file);
    let text = fs.readFileSync(name, "utf8");
    for (const [from, to] of changes) {
      const parts = text.split(from);
      if (parts.length !== 2) {
        throw new Error(`${file} has changed: ${parts.length - 1} places look like ${from}; mend bench/peers/without-policies.js.`);
      }
      text = parts.join(to);
    }
    fs.writeFileSync(name, text);
  }
}

module.exports = { takeOut };
