// The connection: the browser's own EventSource, and beside it what EventSource does not tell a page:
// why there is no connection, since when, and when the next try comes.

const signals = ['spillway-open', 'spillway-cursor', 'spillway-gap', 'spillway-slow', 'spillway-drain', 'spillway-end'];
const refusedFirst = 5_000; // An EventSource that got an error status never tries again by itself: we do, less and less often.
const refusedMost = 60_000;

export class Stream {
  #address;
  #start;
  #types;
  #heard;
  #changed;
  #source = null;
  #timer = 0;
  #refusals = 0;
  #delay = null; // How long the browser waits before a try, as far as the hub said or earlier tries showed.
  #failedAt = null;
  #drain = null;

  /** The last id, from which a resume begins. */
  cursor = '';
  /** name: connecting, live, reconnecting, restarting, refused, cut, ended. until: when the next try comes, if that is known. */
  state = { name: 'connecting', since: Date.now(), until: null };
  /** When the connection was lost, or null while it is there. */
  downSince = null;
  connection = '';

  /**
   * @param address the subscription, without a starting point
   * @param start the starting point of a page that has no cursor yet
   * @param types the event types to hear
   * @param heard called with every event and signal
   * @param changed called when the state has changed
   */
  constructor({ address, start, types, heard, changed }) {
    this.#address = address;
    this.#start = start;
    this.#types = types;
    this.#heard = heard;
    this.#changed = changed;
  }

  open() {
    this.#stop();
    const from = this.cursor === '' ? this.#start : `cursor=${encodeURIComponent(this.cursor)}`;
    const source = new EventSource(`${this.#address}&${from}`);
    for (const type of [...this.#types, ...signals]) {
      source.addEventListener(type, event => this.#hear(event));
    }
    // EventSource fires "error" of its own; the hub refuses events of that type.
    source.addEventListener('error', () => this.#lost(source));
    this.#source = source;
    if (this.state.name !== 'connecting') {
      this.#become('reconnecting');
    }
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

  #hear(event) {
    if (event.lastEventId !== '') {
      this.cursor = event.lastEventId;
    }
    if (event.type === 'spillway-open') {
      this.#opened(parse(event.data));
    } else if (event.type === 'spillway-drain') {
      this.#drain = parse(event.data) ?? {};
    } else if (event.type === 'spillway-end') {
      this.close(); // The next try would be answered with 204.
      this.#become('ended');
    }
    this.#heard(event);
  }

  #opened(said) {
    this.connection = String(said?.connection ?? '');
    this.#delay = milliseconds(said?.retry) ?? this.#delay;
    this.#failedAt = null;
    this.#drain = null;
    this.#refusals = 0;
    this.#become('live');
    this.downSince = null; // After the change was told: its listener reads how long it lasted.
  }

  #lost(source) {
    if (source !== this.#source) {
      return;
    }
    const now = Date.now();
    this.downSince ??= now;
    if (source.readyState === EventSource.CLOSED) {
      const wait = Math.min(refusedMost, refusedFirst * 2 ** this.#refusals++) * (0.75 + Math.random() / 2);
      this.#stop();
      this.#become('refused', now + wait);
      this.#timer = setTimeout(() => this.open(), wait);
      return;
    }
    if (this.#failedAt !== null) {
      this.#delay = now - this.#failedAt; // The hub is not there: a try fails at once, so the time between two is the wait.
    }
    this.#failedAt = now;
    const delay = milliseconds(this.#drain?.retry) ?? this.#delay;
    const name = this.#drain?.reason === 'shutdown' ? 'restarting' : 'reconnecting';
    this.#become(name, delay === null ? null : now + delay);
    if (this.#drain !== null) {
      this.#delay = milliseconds(this.#drain.retry) ?? this.#delay;
      this.#drain.retry = undefined;
    }
  }

  #become(name, until = null) {
    this.state = { name, since: this.state.name === name ? this.state.since : Date.now(), until };
    this.#changed(this.state);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    this.#failedAt = null;
  }
}

/** The value of a JSON text, or undefined: whoever may publish may publish anything. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function milliseconds(value) {
  return Number.isFinite(value) && value >= 0 ? value : null;
}
