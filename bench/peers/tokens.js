"use strict";
// Tokens for the harnesses: an issuer of the run's own, a token and a subject for each connection, and an operator who may read metrics.
const crypto = require("node:crypto");
const fs = require("node:fs");

const operator = "spk_0000000000000000000000000operator"; // Of a hub on loopback that ends with the run.
const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });

/** What the hub has to be told, of the section Spillway. */
const settings = {
  Access: {
    Mode: "tokens",
    Issuers: [{ Issuer: "https://issuer.example", Algorithms: ["ES256"], Keys: [{ Pem: publicKey.export({ type: "spki", format: "pem" }) }] }],
    ApiKeys: [{ Id: "operator", Sha256: crypto.createHash("sha256").update(operator).digest("hex"), Admin: true }],
  },
};

const headers = { Authorization: `Bearer ${operator}` };

const encode = (object) => Buffer.from(JSON.stringify(object)).toString("base64url");

/** A token for an hour, as an issuer would make it: with subject, id, times and grants. */
function mint(subject, subscribe) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: "https://issuer.example", sub: subject, jti: crypto.randomUUID(), iat: now, exp: now + 3_600, spillway: { subscribe } };
  const signed = `${encode({ alg: "ES256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${crypto.sign("sha256", signed, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

/** Writes a header for each of so many connections, whose subjects are named by their numbers; gives the file. */
function writeHeaders(file, count, subjectOf) {
  const lines = Array.from({ length: count }, (_, i) => `Authorization: Bearer ${mint(subjectOf(i), [`users/${subjectOf(i)}/**`, "news"])}`);
  fs.writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

module.exports = { headers, settings, writeHeaders };
