// The stream: one connection after the other, each behind the last cursor, over the transport that is chosen; and what none of them tells a page:
// why there is no connection, since when, and when the next try comes.

import { transports } from './transports.js';

const refusedFirst = 5_000; // Who was refused tries again, less and less often.
const refusedMost = 60_000;
const failedFirst = 1_000; // So does who finds nobody.
const failedMost = 8_000;

export class Stream {
  #address;
  #start;
  #types;
  #heard;
  #changed;
  #connection = null;
  #timer = 0;
  #refusals = 0;
  #failures = 0;
  #delay = null; // How long to wait before a try, as far as the hub said or the browser's earlier tries showed.
  #failedAt = null;
  #drain = null;

  /** The last id, from which a resume begins. */
  cursor = '';
  /** name: connecting, live, switching, reconnecting, restarting, refused, cut, ended. until: when the next try comes, if that is known. */
  state = { name: 'connecting', since: Date.now(), until: null };
  /** When the connection was lost, or null while it is there. */
  downSince = null;
  connection = '';
  /** sse, ws or poll. */
  transport;

  /**
   * @param address the subscription, without a starting point
   * @param start the starting point of a page that has no cursor yet
   * @param types the event types to hear
   * @param transport sse, ws or poll
   * @param heard called with every event and signal
   * @param changed called when the state has changed
   */
  constructor({ address, start, types, transport = 'sse', heard, changed }) {
    this.#address = address;
    this.#start = start;
    this.#types = types;
    this.#heard = heard;
    this.#changed = changed;
    this.transport = transport;
  }

  open() {
    this.#connect();
    if (this.state.name !== 'connecting') {
      this.#become('reconnecting');
    }
  }

  /** Goes on over another transport, behind what came last: nothing is missed, nothing comes twice. */
  use(transport) {
    if (transport === this.transport) {
      return;
    }
    this.transport = transport;
    if (this.state.name === 'cut' || this.state.name === 'ended') {
      return; // It is for the next connection, if there is one.
    }
    this.downSince ??= Date.now();
    this.#refusals = 0;
    this.#failures = 0;
    this.#connect();
    this.#become('switching');
  }

  /** Lets the connection go, and comes back by itself. */
  cut(milliseconds) {
    this.#stop();
    this.downSince = Date.now();
    this.#become('cut', this.downSince + milliseconds);
    this.#timer = setTimeout(() => this.open(), milliseconds);
  }

  /** Lets the connection go for good. */
  close() {
    this.#stop();
    this.downSince ??= Date.now();
  }

  #connect() {
    this.#stop();
    const from = this.cursor === '' ? this.#start : `cursor=${encodeURIComponent(this.cursor)}`;
    let connection = null; // A transport tells nothing before it has returned.
    const ifCurrent = act => told => connection !== null && connection === this.#connection && act(told);
    connection = transports[this.transport].open({
      address: this.#address,
      from,
      types: this.#types,
      heard: ifCurrent(event => this.#hear(event)),
      lost: ifCurrent(loss => this.#lost(loss)),
    });
    this.#connection = connection;
  }

  #hear(event) {
    if (event.id !== '') {
      this.cursor = event.id;
    }
    if (event.type === 'spillway-open') {
      this.#opened(event.data);
    } else if (event.type === 'spillway-retry') {
      this.#delay = milliseconds(event.data?.retry) ?? this.#delay;
    } else if (event.type === 'spillway-drain') {
      this.#drain = event.data ?? {};
    } else if (event.type === 'spillway-end') {
      this.#ended();
    }
    this.#heard(event);
  }

  #opened(said) {
    this.connection = String(said?.connection ?? '');
    this.#delay = milliseconds(said?.retry) ?? this.#delay;
    this.#failedAt = null;
    this.#drain = null;
    this.#refusals = 0;
    this.#failures = 0;
    this.#become('live');
    this.downSince = null; // After the change was told: its listener reads how long it lasted.
  }

  #lost({ byItself = false, refused = false, ended = false, retry = null }) {
    if (ended) {
      this.#ended();
      return;
    }
    const now = Date.now();
    this.downSince ??= now;
    if (refused) {
      this.#stop();
      const wait = milliseconds(retry) ?? spread(refusedFirst, refusedMost, this.#refusals++);
      this.#become('refused', now + wait);
      this.#timer = setTimeout(() => this.open(), wait);
      return;
    }
    const usual = this.#nextDelay(byItself, now);
    const delay = milliseconds(retry) ?? milliseconds(this.#drain?.retry) ?? usual;
    this.#become(this.#drain?.reason === 'shutdown' ? 'restarting' : 'reconnecting', delay === null ? null : now + delay);
    if (this.#drain !== null) {
      this.#delay = milliseconds(this.#drain.retry) ?? this.#delay;
      this.#drain.retry = undefined;
    }
    if (!byItself) {
      this.#stop();
      this.#failures++;
      this.#timer = setTimeout(() => this.#connect(), delay);
    }
  }

  /** Of a browser that comes back by itself it is not always known. */
  #nextDelay(byItself, now) {
    if (!byItself) {
      return this.#failures === 0 && this.#delay !== null ? this.#delay : spread(failedFirst, failedMost, this.#failures);
    }
    if (this.#failedAt !== null) {
      this.#delay = now - this.#failedAt; // The hub is not there: a try fails at once, so the time between two is the wait.
    }
    this.#failedAt = now;
    return this.#delay;
  }

  #ended() {
    this.close(); // The next try would be answered with 204.
    this.#become('ended');
  }

  #become(name, until = null) {
    this.state = { name, since: this.state.name === name ? this.state.since : Date.now(), until };
    this.#changed(this.state);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#connection?.close();
    this.#connection = null;
    this.#failedAt = null;
  }
}

/** A wait that doubles with each failure in a row, and is not the same for all who failed together. */
function spread(first, most, failures) {
  return Math.min(most, first * 2 ** failures) * (0.75 + Math.random() / 2);
}

function milliseconds(value) {
  return Number.isFinite(value) && value >= 0 ? value : null;
}
