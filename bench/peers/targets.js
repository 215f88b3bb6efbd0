"use strict";
// The servers that are raced: how each is built, started and addressed. All of them print "listening on URL" when they are ready.
const path = require("node:path");

const root = path.resolve(__dirname, "../..");

function dotnet(project, assembly, args) {
  return {
    build: ["dotnet", ["publish", path.join(root, project), "-c", "Release", "--nologo", "-v", "quiet"]],
    start: (port, extra) => ["dotnet", [path.join(root, "artifacts/publish", assembly, "release", `${assembly}.dll`), ...args(port), ...extra]],
  };
}

const spillway = (data) => ({
  name: "spillway",
  ...dotnet("src/Spillway.Cli", "Spillway.Cli", (port) => ["serve", "--urls", `http://127.0.0.1:${port}`, "--data", data, "--access", "open"]),
  subscribe: (topic) => `/events?topic=${topic}`,
  publish: (topic) => `/topics/${topic}`,
});

const targets = {
  spillway: spillway("memory"),
  kestrel: {
    ...dotnet("bench/peers/kestrel", "kestrel-peer", (port) => ["--port", String(port)]),
    subscribe: (topic) => `/sub?channel=${topic}`,
    publish: (topic) => `/pub?channel=${topic}`,
  },
};

function chooseTargets(names) {
  const unknown = names.find((name) => !targets[name]);
  if (unknown !== undefined) {
    throw new Error(`There is no target "${unknown}"; choose from ${Object.keys(targets).join(", ")}.`);
  }
  return [...new Set(names)].map((name) => ({ name, ...targets[name] }));
}

module.exports = { chooseTargets, spillway, root };
