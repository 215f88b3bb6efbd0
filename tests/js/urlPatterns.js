// Judges URL patterns and URLs by implementations that are not ours: urlpattern-polyfill, and the URL class of Node.
// Each line of the input is {"hub", "pattern", "topics"} or {"hub", "url"}; each line of the output answers it: "!" for a pattern that is refused,
// else a digit for each topic, 1 where it matches; for a URL its text, or "!" where it is none.
import { createInterface } from 'node:readline';

// The standard asks for flag v, which is stricter and knows sets of classes; the polyfill is older and asks for u. Node 20 takes [^] for nothing there,
// and a wildcard that repeats takes time that doubles with each character, where what it says can be said with one repetition.
function written(source) {
  return source.replaceAll('[^]', '[\\s\\S]').replaceAll(/\(\?:(\[[^\]]*\])\+\?\)([+*])/g, '(?:$1$2)');
}

const Native = globalThis.RegExp;
globalThis.RegExp = class extends Native {
  constructor(source, flags) {
    super(flags === 'u' ? written(source) : source, flags === 'u' ? 'v' : flags);
  }
};
const { URLPattern } = await import('urlpattern-polyfill/urlpattern');

function url(line) {
  try {
    return new URL(line.url, line.hub).href;
  } catch {
    return '!';
  }
}

function matches(line) {
  let pattern;
  try {
    pattern = new URLPattern(line.pattern, line.hub);
  } catch {
    return '!';
  }

  return line.topics.map((topic) => (pattern.test(topic, line.hub) ? '1' : '0')).join('');
}

for await (const text of createInterface({ input: process.stdin })) {
  const line = JSON.parse(text);
  process.stdout.write(`${line.pattern === undefined ? url(line) : matches(line)}\n`);
}
