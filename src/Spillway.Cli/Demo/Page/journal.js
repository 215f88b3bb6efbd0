// What happened to the stream, newest first: losses of the connection, resumes, gaps.

import { count, make, put, time } from './text.js';

const keep = 30;

const reasons = {
  overflow: 'this connection was too slow',
  retention: 'they were older than what the hub keeps',
  lost: 'the cursor belongs to a history that the hub no longer has',
  corrupt: 'the hub found damage in its files',
  expired: 'they were too old to be of use',
  shed: 'the hub was overloaded',
};

export class Journal {
  #list;

  constructor(list) {
    this.#list = list;
  }

  /** Adds an entry and returns what changes its text. kind: good, plain, bad. */
  add(kind, text, at = Date.now()) {
    const entry = make('li', `entry ${kind}`);
    const words = make('span', 'entry-text', text);
    entry.append(make('time', 'entry-time', time(at)), words);
    this.#list.prepend(entry);
    while (this.#list.children.length > keep) {
      this.#list.lastElementChild.remove();
    }
    return { say: changed => put(words, changed) };
  }
}

/** A gap in words: how many events, and why. */
export function describeGap(gap) {
  const reason = Object.hasOwn(reasons, gap?.reason) ? reasons[gap.reason] : 'the hub gave no reason that this page knows';
  const many = Number.isFinite(gap?.count) ? `${gap.exact === false ? 'about ' : ''}${count(gap.count, 'event')}` : 'an unknown number of events';
  return `Gap: ${many} not delivered; ${reason}.`;
}
