// Three ways to the same events. Each opens one connection to an address, from a starting point, tells what it hears and, once, that it is lost; what follows from that is for stream.js.
//   heard({ type, id, data })   an event or a signal (spillway-…); id '' where it names no position
//   lost({ byItself, refused, ended, retry })   byItself: the browser comes back without us; refused: the hub said no; retry: when it wants us back, in milliseconds

const signals = ['spillway-open', 'spillway-cursor', 'spillway-gap', 'spillway-slow', 'spillway-drain', 'spillway-end'];
const pollFor = 25; // Seconds.
const pollPatience = 12_500; // What an answer may be late.

export const transports = {
  sse: { name: 'Server-Sent Events', open: openEventSource },
  ws: { name: 'WebSocket', open: openWebSocket },
  poll: { name: 'long polling', open: openPolls },
};

/** The value of a JSON text, or undefined: whoever may publish may publish anything. */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The browser's own: it comes back by itself, as the hub tells it. */
function openEventSource({ address, from, types, heard, lost }) {
  const source = new EventSource(`${address}&${from}`);
  for (const type of [...types, ...signals]) {
    source.addEventListener(type, event => heard({ type: event.type, id: event.lastEventId, data: parse(event.data) }));
  }
  // EventSource fires "error" of its own; the hub refuses events of that type.
  source.addEventListener('error', () => {
    const closed = source.readyState === EventSource.CLOSED;
    lost({ byItself: !closed, refused: closed });
  });
  return { close: () => source.close() };
}

/** One message an event. A page is told nothing of the hub's pings, so it asks for signs of life itself. */
function openWebSocket({ address, from, types, heard, lost }) {
  const url = new URL(`${address}&${from}`, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url, 'spillway.v1.json');
  let ping = 0;
  let silent = 0;
  const close = () => {
    clearInterval(ping);
    socket.onmessage = null;
    socket.onclose = null;
    if (socket.readyState === WebSocket.CONNECTING) {
      socket.onopen = () => socket.close(); // At once, the browser would complain.
    } else {
      socket.close();
    }
  };
  socket.onmessage = message => {
    silent = 0;
    const told = parse(message.data);
    if (told?.signal === 'open') {
      ping = setInterval(() => {
        if (silent++ === 2) {
          close();
          lost({});
        } else {
          socket.send('{"command":"ping"}');
        }
      }, (told.keepAlive ?? 15) * 1_000);
    }
    hear(told, types, heard);
  };
  socket.onclose = event => {
    clearInterval(ping);
    const retry = /retry=(\d+)/.exec(event.reason);
    lost({ ended: event.code === 4_000, retry: retry === null ? null : Number(retry[1]) });
  };
  return { close };
}

/** Requests one after the other, each of which waits until there is something to tell. */
function openPolls({ address, from, types, heard, lost }) {
  const stop = new AbortController();
  const ask = async wait => {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(wait * 1_000 + pollPatience)]);
    return await fetch(`${address}&${from}&wait=${wait}`, { headers: { Accept: 'application/json' }, cache: 'no-store', signal });
  };
  const take = async (response, first) => {
    const answer = await response.json();
    if (stop.signal.aborted) {
      return;
    }
    if (first) {
      heard({ type: 'spillway-open', id: '', data: {} });
    }
    for (const told of answer.entries) {
      hear(told, types, heard);
    }
    heard({ type: 'spillway-cursor', id: answer.cursor, data: {} });
    from = `cursor=${encodeURIComponent(answer.cursor)}`;
    return answer;
  };
  const run = async () => {
    let wait = 0; // At first only to learn whether the hub is there.
    while (!stop.signal.aborted) {
      const response = await ask(wait);
      if (!response.ok) {
        lost({ refused: response.status < 500, retry: seconds(response.headers.get('Retry-After')) });
        return;
      }
      const answer = response.status === 204 ? null : await take(response, wait === 0);
      if (answer === null || Number.isFinite(answer?.retry)) {
        lost({ ended: answer === null, retry: answer?.retry });
        return;
      }
      wait = pollFor;
    }
  };
  run().catch(() => stop.signal.aborted || lost({}));
  return { close: () => stop.abort() };
}

/** What an object of spillway.v1.json is, as EventSource would tell it. */
function hear(told, types, heard) {
  if (typeof told?.signal === 'string') {
    heard({ type: `spillway-${told.signal}`, id: String(told.id ?? ''), data: told });
  } else if (typeof told?.topic === 'string' && types.includes(told.type ?? 'message')) {
    heard({ type: told.type ?? 'message', id: String(told.id ?? ''), data: told });
  }
}

function seconds(text) {
  const value = Number(text);
  return text === null || !Number.isFinite(value) ? null : value * 1_000;
}
