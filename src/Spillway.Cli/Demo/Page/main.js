// The page: joins the stream to what shows it. Rules: the connection's state is always current; readings and alerts
// stand still while the page is paused; nothing is drawn more often than the eye can use.

import { Alerts } from './alerts.js';
import { Chart } from './chart.js';
import { describeGap, Journal } from './journal.js';
import { Ledger } from './ledger.js';
import { Flow, Latency } from './meters.js';
import { Readings } from './readings.js';
import { Status } from './status.js';
import { Stream } from './stream.js';
import { count, number, put, span } from './text.js';
import { transports } from './transports.js';

const address = '/events?pattern=plant/**&pattern=alerts/**&format=json';
const start = 'last=4500'; // The chart's 90 seconds at the default rate: nothing is empty at first.
const cutFor = 5_000;
const pausedMost = 20_000;

const find = id => document.getElementById(id);
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const ledger = new Ledger();
const flow = new Flow();
const latency = new Latency();
const chart = new Chart(find('flow'));
const journal = new Journal(find('journal'));
const readings = new Readings(find('sites'), find('readings-empty'));
const alerts = new Alerts({ list: find('alert-list'), empty: find('alerts-empty'), count: find('alerts-count'), more: find('alerts-more') });
const tally = { received: 0, told: 0, gaps: 0, lastGap: '', opens: 0, switches: 0, lastOutage: 0 };
const choice = find('transport');
const stream = new Stream({
  address, start, types: ['reading', 'alert', 'message'], transport: choice.querySelector(':checked').value, heard: hear, changed: stateChanged,
});
const status = new Status(find, { stream, ledger, flow, latency, tally, readings });

const outage = new Set(); // What the journal already says of the present loss of the connection.
let openedAt = 0; // What was measured before this moment is history or replay.
let resume = null; // The journal's entry of the last connection, while its replay still goes on.
let paused = null; // What came while the page is paused.
let drawing = false;
let drawTime = 0;

function hear(event) {
  if (event.type === 'spillway-gap') {
    hearGap(event.data);
  } else if (!event.type.startsWith('spillway-')) {
    hearEvent(event.data);
  }
}

function hearEvent(told) {
  if (typeof told?.topic !== 'string') {
    return;
  }
  const now = Date.now();
  const stamp = Date.parse(told.payload?.time ?? told.time);
  const at = Number.isNaN(stamp) ? now : stamp;
  const replayed = at < openedAt;
  tally.received++;
  flow.add(!replayed ? 'live' : tally.opens > 1 ? 'replayed' : 'history', at, now);
  if (!replayed) {
    latency.add(now - at, now);
  }
  const { run, seq } = told.payload ?? {};
  const isNew = !Number.isSafeInteger(seq) || typeof run !== 'string' || !told.topic.startsWith('plant/') || ledger.see(told.topic, run, seq);
  tellResume(replayed);
  if (!isNew) {
    return;
  }
  if (paused === null) {
    show(told, at, replayed);
    draw();
  } else {
    paused.push([told, at]);
    if (paused.length > pausedMost) {
      paused.shift();
    }
  }
}

function show(told, at, quietly) {
  if (!told.topic.startsWith('alerts/')) {
    readings.take(told.topic, told.payload, at);
    return;
  }
  const words = alerts.take(told.topic, told.payload ?? '', at);
  if (typeof told.payload?.sensor === 'string') {
    readings.mark(`plant/${told.payload.sensor}`, told.payload.state === 'raised');
  }
  if (words !== null && !quietly) {
    say(words);
  }
}

function hearGap(gap) {
  tally.gaps++;
  tally.told += Number.isFinite(gap?.count) ? gap.count : 0;
  tally.lastGap = describeGap(gap);
  flow.gap(Date.now());
  journal.add('bad', tally.lastGap);
  say(tally.lastGap);
  status.draw();
}

function stateChanged(state) {
  if (state.name === 'live') {
    openedAt = Date.now();
    const downFor = stream.downSince === null ? 0 : openedAt - stream.downSince;
    const isFirst = tally.opens++ === 0;
    const isSwitch = outage.size === 1 && outage.has('switching');
    const words = isFirst ? 'Connected' : isSwitch ? `Switched to ${transports[stream.transport].name}` : `Connected again after ${span(downFor)}`;
    if (isSwitch) {
      tally.switches++;
    } else {
      tally.lastOutage = downFor;
    }
    resume = { entry: journal.add('good', ''), words, isFirst, replayed: 0, missing: ledger.missing, until: openedAt + 10_000 };
    tellResume(false);
    say(`${words}.`);
    outage.clear();
  } else if (!outage.has(state.name) && (state.name !== 'reconnecting' || outage.size === Number(outage.has('switching')))) {
    outage.add(state.name);
    const words = status.words[state.name].journal;
    if (words !== '') {
      journal.add(state.name === 'cut' ? 'plain' : 'bad', words);
      say(words);
    }
  }
  status.draw();
}

/** Keeps the journal's last connection current until its replay is over. */
function tellResume(replayed) {
  if (resume === null) {
    return;
  }
  resume.replayed += replayed ? 1 : 0;
  const missed = ledger.missing - resume.missing;
  resume.entry.say(`${resume.words}: ${count(resume.replayed, 'event')} ${resume.isFirst ? 'of history' : 'replayed'}, ${count(missed, 'reading')} missing.`);
  if (Date.now() > resume.until) {
    resume = null;
  }
}

/**
 * Draws soon, and not more often than ten times a second; once a second for whoever asked for less motion; and less often
 * where drawing a large plant takes long, so that four fifths of the time are left for the events.
 */
function draw() {
  if (drawing) {
    return;
  }
  drawing = true;
  setTimeout(() => requestAnimationFrame(() => {
    drawing = false;
    if (paused === null) {
      const began = performance.now();
      readings.draw();
      alerts.draw();
      drawTime = performance.now() - began;
    }
  }), Math.max(calm.matches ? 1_000 : 100, 4 * drawTime));
}

function say(words) {
  put(find('announce'), words);
}

function tick() {
  const now = Date.now();
  if (stream.state.name !== 'live' && stream.state.name !== 'switching' && tally.opens > 0) {
    flow.down(now);
  }
  status.draw(now);
  chart.draw(flow, now);
  put(find('pause'), paused === null ? 'Pause the page' : `Go on · ${number(paused.length)} waiting`);
  if (paused === null && !drawing) {
    alerts.draw(now); // How long an alert lasts grows without an event.
  }
}

find('pause').addEventListener('click', () => {
  const waiting = paused;
  paused = waiting === null ? [] : null;
  document.body.classList.toggle('paused', paused !== null);
  for (const [told, at] of waiting ?? []) {
    show(told, at, true);
  }
  draw();
  tick();
});

find('cut').addEventListener('click', () => {
  if (stream.state.name === 'cut') {
    stream.open();
  } else {
    stream.cut(cutFor);
  }
});

choice.addEventListener('change', event => stream.use(event.target.value));

// A page kept for the back button must not hold a connection, and takes up its cursor when it comes back.
addEventListener('pagehide', () => stream.close());
addEventListener('pageshow', event => event.persisted && stream.open());

put(find('line-publish'), `curl -H 'Content-Type: text/plain' -H 'Spillway-Type: alert' -d 'Visitor at the gate' ${location.origin}/topics/alerts/north`);
put(find('line-subscribe'), `curl -N '${location.origin}/events?pattern=alerts/**'`);
stream.open();
setInterval(tick, 250);
tick();
