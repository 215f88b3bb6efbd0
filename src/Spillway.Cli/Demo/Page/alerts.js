// The alerts, newest first. An alert of a sensor is one row from its beginning to its end; what else is published
// under alerts/** is a row with its text.

import { cut, digits, isMeasure, make, name, number, put, span, time } from './text.js';

const keep = 60;
const shown = 6;

export class Alerts {
  #list;
  #empty;
  #count;
  #more;
  #rows = [];
  #open = new Map();
  #all = false;

  constructor({ list, empty, count: counter, more }) {
    this.#list = list;
    this.#empty = empty;
    this.#count = counter;
    this.#more = more;
    more.addEventListener('click', () => {
      this.#all = !this.#all;
      this.draw();
    });
  }

  /** Takes an alert. Returns what to say of it aloud, or null. */
  take(topic, told, at) {
    const about = sensorAlert(topic, told);
    if (about === null) {
      return this.#takeText(topic, told, at);
    }
    const before = this.#open.get(about.key);
    if (about.raised) {
      const row = this.#add();
      Object.assign(row, about, { since: at, until: null, peak: about.value });
      if (before !== undefined) {
        before.until = at; // Its end was never told.
      }
      this.#open.set(about.key, row);
      return `Alert: ${about.title}, ${about.site}, ${about.amount}.`;
    }
    if (before === undefined) {
      return null; // It began before this page did.
    }
    this.#open.delete(about.key);
    before.until = at;
    before.peak = Math.max(before.peak, about.peak);
    return null;
  }

  draw(now = Date.now()) {
    this.#empty.hidden = this.#rows.length > 0;
    put(this.#count, this.#open.size === 0 ? 'none active' : `${this.#open.size} active`);
    this.#count.classList.toggle('active', this.#open.size > 0);
    this.#more.hidden = this.#rows.length <= shown;
    this.#more.setAttribute('aria-expanded', String(this.#all));
    put(this.#more, this.#all ? `Show only the newest ${shown}` : `Show older (${this.#rows.length - shown})`);
    for (const [index, row] of this.#rows.entries()) {
      row.element.hidden = !this.#all && index >= shown;
      if (!row.element.hidden) {
        draw(row, now);
      }
    }
  }

  #takeText(topic, told, at) {
    const row = this.#add();
    const text = cut(typeof told === 'string' ? told : JSON.stringify(told) ?? '');
    Object.assign(row, { title: text === '' ? '(empty)' : text, site: cut(topic, 60), since: at, until: at, amount: '', message: true });
    return `Alert on ${row.site}: ${row.title}`;
  }

  #add() {
    const element = make('li', 'alert');
    const row = { element, title: make('span', 'alert-title'), at: make('time', 'alert-time'), detail: make('p', 'alert-detail') };
    const head = make('p', 'alert-head');
    head.append(row.title, row.at);
    element.append(head, row.detail);
    element.hidden = true; // Until it is drawn.
    const kept = { element, parts: row };
    this.#rows.unshift(kept);
    this.#list.prepend(element);
    for (const old of this.#rows.splice(keep)) {
      old.element.remove();
      if (this.#open.get(old.key) === old) {
        this.#open.delete(old.key);
      }
    }
    return kept;
  }
}

function sensorAlert(topic, told) {
  if (typeof told?.sensor !== 'string' || !isMeasure(told.value) || !['raised', 'cleared'].includes(told.state)) {
    return null;
  }
  const [site, machine, kind] = told.sensor.split('/');
  const places = Math.max(digits(told.value), digits(told.limit));
  const unit = cut(String(told.unit ?? ''), 8);
  return {
    key: `${topic} ${told.sensor}`,
    raised: told.state === 'raised',
    title: `${name(machine ?? '')} ${cut(kind ?? '', 40)}`,
    site: name(site),
    value: told.value,
    peak: isMeasure(told.peak) ? told.peak : told.value,
    amount: isMeasure(told.limit) ? `${number(told.value, places)} ${unit}, limit ${number(told.limit, digits(told.limit))}` : `${number(told.value, places)} ${unit}`,
    format: value => `${number(value, places)} ${unit}`,
  };
}

function draw(row, now) {
  const active = row.until === null;
  row.element.classList.toggle('active', active);
  row.element.classList.toggle('message', row.message === true);
  put(row.parts.title, row.title);
  put(row.parts.at, time(row.since));
  if (row.message) {
    put(row.parts.detail, row.site);
  } else if (active) {
    put(row.parts.detail, `${row.site} · ${row.amount} · for ${span(now - row.since, true)}`);
  } else {
    put(row.parts.detail, `${row.site} · peak ${row.format(row.peak)} · lasted ${span(row.until - row.since, true)}`);
  }
}
