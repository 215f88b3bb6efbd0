// Checks from the outside what the hub promises: every sensor numbers its readings 1, 2, 3, …, so a hole in the
// numbers is a reading that this page missed, and a number that comes again is one that it got twice.

const mostSensors = 1_200;

export class Ledger {
  #sensors = new Map();

  checked = 0;
  missing = 0;
  repeated = 0;
  /** How often a sensor began to count anew: its history was emptied, or lost with a hub that kept it in memory. */
  restarts = 0;

  /** Returns whether the reading is new. */
  see(sensor, run, number) {
    const last = this.#sensors.get(sensor);
    if (last === undefined) {
      if (this.#sensors.size < mostSensors) {
        this.#sensors.set(sensor, { run, number });
        this.checked++;
      }
      return true;
    }
    this.checked++;
    if (last.run !== run) {
      this.restarts++;
      last.run = run;
      last.number = 0;
    }
    if (number <= last.number) {
      this.repeated++;
      return false;
    }
    this.missing += number - last.number - 1;
    last.number = number;
    return true;
  }

  get sensors() {
    return this.#sensors.size;
  }
}
