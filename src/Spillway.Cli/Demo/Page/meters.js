// Events per second, one bucket a second, and the latency of the last ten seconds.

export const seconds = 90;
const rateOver = 5;
const latencyOver = 10_000;
const latencyMost = 5_000;

export class Flow {
  #buckets = new Map();

  /** Counts an event in the second it was measured in: a replay fills the seconds that were missed. kind: live, replayed, history. */
  add(kind, at, now) {
    if (second(at) > second(now) - seconds && at <= now + 1_000) {
      this.#bucket(at, now)[kind]++;
    }
  }

  /** Notes that there is no connection at this moment. */
  down(now) {
    this.#bucket(now, now).down = true;
  }

  /** Notes that a gap was told at this moment. */
  gap(now) {
    this.#bucket(now, now).gap = true;
  }

  /** Events per second over the last whole seconds, by the time they were measured. */
  rate(now) {
    const current = second(now);
    let sum = 0;
    for (let at = current - rateOver; at < current; at++) {
      const bucket = this.#buckets.get(at);
      sum += bucket === undefined ? 0 : bucket.live + bucket.replayed + bucket.history;
    }
    return sum / rateOver;
  }

  /** The last seconds, oldest first; the one that is still under way is left out. */
  recent(now) {
    const current = second(now);
    return Array.from({ length: seconds }, (_, index) => this.#buckets.get(current - seconds + index) ?? null);
  }

  #bucket(at, now) {
    let bucket = this.#buckets.get(second(at));
    if (bucket === undefined) {
      bucket = { live: 0, replayed: 0, history: 0, gap: false, down: false };
      this.#buckets.set(second(at), bucket);
      for (const old of this.#buckets.keys()) {
        if (old < second(now) - seconds) {
          this.#buckets.delete(old);
        }
      }
    }
    return bucket;
  }
}

export class Latency {
  #samples = [];

  add(milliseconds, now) {
    this.#samples.push({ milliseconds, now });
    if (this.#samples.length > latencyMost) {
      this.#samples.splice(0, latencyMost / 2);
    }
  }

  /** Median and worst of the last ten seconds, or null. */
  read(now) {
    this.#samples = this.#samples.filter(sample => sample.now >= now - latencyOver);
    if (this.#samples.length === 0) {
      return null;
    }
    const sorted = this.#samples.map(sample => sample.milliseconds).sort((a, b) => a - b);
    return { median: sorted[Math.floor(sorted.length / 2)], worst: sorted.at(-1) };
  }
}

function second(now) {
  return Math.floor(now / 1_000);
}
