// The connection's state and the figures.

import { count, number, put, span } from './text.js';

const quietAfter = 4_000;

export class Status {
  #find;
  #parts;
  #received = 0;
  #receivedAt = 0;

  /** What each state is called, and what the journal says when it begins. */
  words = {
    connecting: { short: 'Connecting', journal: 'Connecting.' },
    live: { short: 'Live', journal: 'Connected.' },
    switching: { short: 'Switching', journal: '' },
    reconnecting: { short: 'Reconnecting', journal: 'The connection was lost. It comes back by itself.' },
    restarting: { short: 'Hub restarting', journal: 'The hub said that it restarts, and when to come back.' },
    refused: { short: 'Refused', journal: 'The hub refused the connection. This page tries again.' },
    cut: { short: 'Cut by you', journal: 'You cut the connection. The page comes back by itself.' },
    ended: { short: 'Ended', journal: 'The hub ended the stream: its topics have ended.' },
  };

  constructor(find, parts) {
    this.#find = find;
    this.#parts = parts;
  }

  draw(now = Date.now()) {
    const { stream, ledger, flow, latency, tally, readings } = this.#parts;
    this.#drawState(stream.state, now);
    const { sensors, sites } = readings.summary;
    if (sensors > 0) {
      this.#put('tagline', `${count(sensors, 'sensor')} at ${count(sites, 'site')}, simulated, pushed by one hub`);
    }
    this.#put('rate', number(flow.rate(now), 0));
    this.#put('received', `${number(tally.received)} received`);
    this.#drawLatency(latency.read(now));
    this.#drawMissing(ledger, tally);
    const reconnects = Math.max(0, tally.opens - 1 - tally.switches);
    this.#put('reconnects', number(reconnects));
    this.#put('reconnects-note', reconnects > 0 ? `last after ${span(tally.lastOutage)}` : 'since page load');
    this.#put('gaps', number(tally.gaps));
    this.#put('gaps-note', tally.gaps === 0 ? 'told by the hub' : `${count(tally.told, 'event')} not delivered`);
    this.#find('gaps-figure').classList.toggle('bad', tally.gaps > 0);
    this.#put('cursor', stream.cursor === '' ? '–' : stream.cursor);
    this.#put('cursor-note', stream.connection === '' ? 'where a resume begins' : `on ${stream.connection}`);
  }

  #drawState(state, now) {
    const { tally } = this.#parts;
    if (tally.received !== this.#received) {
      this.#received = tally.received;
      this.#receivedAt = now;
    }
    const heard = Math.max(this.#receivedAt, state.since);
    let text = this.words[state.name].short;
    if (state.until !== null) {
      const left = Math.ceil((state.until - now) / 1_000);
      text += left > 0 ? ` · back in ${left} s` : ' · trying now';
    } else if (state.name === 'reconnecting' || state.name === 'restarting') {
      text += ` · for ${span(now - state.since, true)}`;
    } else if (state.name === 'live' && now - heard > quietAfter) {
      text += ` · quiet for ${span(now - heard, true)}`;
    }
    this.#find('state').dataset.state = state.name;
    this.#put('state-text', text);
    this.#put('cut', state.name === 'cut' ? 'Reconnect now' : 'Cut my connection');
  }

  #drawLatency(read) {
    this.#put('latency', read === null ? '–' : tell(read.median));
    this.#put('latency-note', read === null ? 'sensor to this page' : `worst ${tell(read.worst)} in 10 s`);
  }

  #drawMissing(ledger, tally) {
    const untold = Math.max(0, ledger.missing - tally.told);
    this.#put('missing', number(ledger.missing));
    this.#find('missing-figure').classList.toggle('bad', ledger.missing > 0);
    this.#find('missing-figure').classList.toggle('good', ledger.missing === 0 && ledger.checked > 0);
    const twice = ledger.repeated === 0 ? '' : `, ${number(ledger.repeated)} twice`;
    if (ledger.missing === 0) {
      this.#put('missing-note', ledger.checked === 0 ? 'no reading checked yet' : `of ${number(ledger.checked)} readings${twice}`);
    } else {
      this.#put('missing-note', (untold === 0 ? 'all told as gaps' : `${number(untold)} not told`) + twice);
    }
  }

  #put(id, text) {
    put(this.#find(id), text);
  }
}

function tell(milliseconds) {
  return milliseconds < 1 ? 'under 1 ms' : span(milliseconds);
}
