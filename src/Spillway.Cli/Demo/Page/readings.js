// The readings, by site and machine: one table a site, one row a sensor.

import { Spark } from './spark.js';
import { cut, digits, isMeasure, make, name, number, put } from './text.js';

const mostSensors = 1_200;
const order = new Intl.Collator('en', { numeric: true });
const columns = ['Sensor', 'Last minute', 'Now'];

export class Readings {
  #root;
  #empty;
  #sites = new Map();
  #machines = new Map();
  #sensors = new Map();
  #changed = new Set();

  constructor(root, empty) {
    this.#root = root;
    this.#empty = empty;
  }

  /** Takes a reading; draw() shows it. Returns false for what is not a reading of a plant. */
  take(topic, reading, at) {
    const [plant, site, machine, kind] = topic.split('/');
    if (plant !== 'plant' || !kind || !isMeasure(reading?.value)) {
      return false;
    }
    const sensor = this.#sensors.get(topic) ?? this.#place(topic, site, machine, kind);
    if (sensor === null) {
      return false;
    }
    const limit = isMeasure(reading.limit) ? reading.limit : null;
    sensor.value = reading.value;
    sensor.over = limit !== null && reading.value >= limit;
    sensor.digits = Math.max(sensor.digits, digits(reading.value));
    sensor.unit = cut(String(reading.unit ?? ''), 8);
    sensor.spark.add(at, reading.value, limit);
    this.#changed.add(sensor);
    return true;
  }

  /** Marks the sensor of an alert until the alert ends. */
  mark(topic, active) {
    const sensor = this.#sensors.get(topic);
    if (sensor !== undefined) {
      sensor.alert = active;
      this.#changed.add(sensor);
    }
  }

  draw() {
    for (const sensor of this.#changed) {
      put(sensor.number, number(sensor.value, sensor.digits));
      put(sensor.unitText, sensor.unit);
      sensor.row.classList.toggle('hot', sensor.alert || sensor.over);
      sensor.spark.draw();
    }
    this.#changed.clear();
  }

  get summary() {
    return { sensors: this.#sensors.size, sites: this.#sites.size };
  }

  #place(topic, site, machine, kind) {
    if (this.#sensors.size >= mostSensors) {
      return null; // Whoever may publish may name new sensors without end.
    }
    this.#empty.hidden = true;
    const body = this.#machine(site, machine);
    const row = make('tr', 'sensor');
    const head = make('th', 'sensor-name');
    head.scope = 'row';
    head.append(make('span', 'mark', '▲'), make('span', '', name(kind)));
    const curve = make('td', 'sensor-curve');
    const value = make('td', 'sensor-value');
    const sensor = {
      row, spark: new Spark(), number: make('span', 'number'), unitText: make('span', 'unit'),
      value: 0, digits: 0, unit: '', over: false, alert: false,
    };
    curve.append(sensor.spark.element);
    value.append(sensor.number, ' ', sensor.unitText);
    row.append(head, curve, value);
    place(body, row, kind, 1);
    this.#sensors.set(topic, sensor);
    return sensor;
  }

  #machine(site, machine) {
    const key = `${site}/${machine}`;
    let body = this.#machines.get(key);
    if (body === undefined) {
      body = make('tbody');
      const row = make('tr', 'machine');
      const head = make('th', '', name(machine));
      head.scope = 'rowgroup';
      head.colSpan = columns.length;
      row.append(head);
      body.append(row);
      place(this.#site(site), body, machine, 2);
      this.#machines.set(key, body);
    }
    return body;
  }

  #site(site) {
    let table = this.#sites.get(site);
    if (table === undefined) {
      const panel = make('section', 'panel site');
      table = make('table');
      const caption = make('caption', '', name(site));
      const head = make('thead', 'hidden');
      const row = make('tr');
      for (const column of columns) {
        const cell = make('th', '', column);
        cell.scope = 'col';
        row.append(cell);
      }
      head.append(row);
      table.append(caption, head);
      panel.append(table);
      place(this.#root, panel, site, 0);
      this.#sites.set(site, table);
    }
    return table;
  }
}

/** Puts an element among its siblings by name, 2 before 10, behind the first ones that have no name. */
function place(parent, element, called, first) {
  element.dataset.name = called;
  const next = [...parent.children].slice(first).find(sibling => order.compare(sibling.dataset.name, called) > 0);
  parent.insertBefore(element, next ?? null);
}
