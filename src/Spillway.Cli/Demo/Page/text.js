// Words and numbers as the page shows them. Everything that came over the wire reaches the page as text, never as markup.

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const integer = new Intl.NumberFormat('en-GB');
const decimals = [0, 1, 2, 3].map(digits => new Intl.NumberFormat('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const wordMost = 60;
const textMost = 240;

export function time(milliseconds) {
  return clock.format(milliseconds);
}

export function count(number, one, many = `${one}s`) {
  return `${integer.format(number)} ${number === 1 ? one : many}`;
}

export function number(value, digits = 0) {
  return decimals[digits].format(value);
}

/** 800 ms, 4.2 s, 37 s, 3 min; in whole seconds where a number runs: tenths would draw the eye. */
export function span(milliseconds, whole = false) {
  if (whole && milliseconds < 10_000) {
    return `${Math.max(1, Math.round(milliseconds / 1_000))} s`;
  }
  if (milliseconds < 1_000) {
    return `${Math.max(0, Math.round(milliseconds))} ms`;
  }
  if (milliseconds < 10_000) {
    return `${number(milliseconds / 1_000, 1)} s`;
  }
  return milliseconds < 120_000 ? `${Math.round(milliseconds / 1_000)} s` : `${Math.round(milliseconds / 60_000)} min`;
}

/** "press-3" is "Press 3". */
export function name(word) {
  const text = cut(String(word).replaceAll('-', ' '), wordMost);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function cut(text, most = textMost) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** How many decimals a value was given with, so that 71 and 71.4 of the same sensor stand below each other. */
export function digits(value) {
  return Math.min(3, (String(value).split('.')[1] ?? '').length);
}

/** Whether a value can be one of an instrument: what is longer than its column is not. */
export function isMeasure(value) {
  return Number.isFinite(value) && Math.abs(value) < 1e9;
}

/** Sets a text only when it differs: an unchanged one would be laid out, and read out, again. */
export function put(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** An element with a class and a text. */
export function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
