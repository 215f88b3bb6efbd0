import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import withoutPolicies from "../../bench/peers/without-policies.js";

const sources = fileURLToPath(new URL("../../src/Spillway", import.meta.url));

test("what bench/policy-cost takes out of a copy is found in the sources as they are", (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "spillway-test-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.cpSync(path.join(sources, "Delivery"), path.join(folder, "src/Spillway/Delivery"), { recursive: true });

  withoutPolicies.takeOut(folder);

  const visit = (of) => fs.readFileSync(path.join(of, "Delivery/DeliveryLoop.Visit.cs"), "utf8");
  assert.match(visit(sources), /Judge\(/);
  assert.doesNotMatch(visit(path.join(folder, "src/Spillway")), /Judge\(/);
});
