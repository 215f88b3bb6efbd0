// The hub's bytes, read by a parser that nobody here wrote: npm eventsource-parser. The fixtures are written, and kept true,
// by SseFixtureTests in tests/Spillway.Tests, so this needs no .NET.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createParser } from "eventsource-parser";

const fixtures = new URL("fixtures/", import.meta.url);
const names = readdirSync(fixtures).filter((name) => name.endsWith(".sse")).map((name) => name.slice(0, -".sse".length));

/** Reads pieces of a stream as a client does: bytes to text, text to events. */
function read(pieces) {
  const seen = { events: [], retries: [], comments: 0, errors: [] };
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ id, event, data }) => seen.events.push({ id: id ?? null, event: event ?? null, data }),
    onRetry: (milliseconds) => seen.retries.push(milliseconds),
    onComment: () => seen.comments++,
    onError: (error) => seen.errors.push(error.message),
  });
  for (const piece of pieces) {
    parser.feed(decoder.decode(piece, { stream: true }));
  }
  return seen;
}

test("there are fixtures", () => assert.deepEqual(names.sort(), ["json", "quiet", "raw"]));

for (const name of names) {
  const bytes = readFileSync(new URL(`${name}.sse`, fixtures));
  const expected = { ...JSON.parse(readFileSync(new URL(`${name}.json`, fixtures), "utf8")), errors: [] };

  test(`${name}: whole`, () => assert.deepEqual(read([bytes]), expected));

  test(`${name}: cut in two at every offset`, () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      assert.deepEqual(read([bytes.subarray(0, cut), bytes.subarray(cut)]), expected, `cut at ${cut}`);
    }
  });

  test(`${name}: in pieces of every size up to 64`, () => {
    for (let size = 1; size <= 64; size++) {
      const pieces = [];
      for (let at = 0; at < bytes.length; at += size) {
        pieces.push(bytes.subarray(at, at + size));
      }
      assert.deepEqual(read(pieces), expected, `pieces of ${size}`);
    }
  });
}
