// The stream's last minute and a half, a bar a second: what came live, what was replayed, and below it a red floor
// where there was no connection. A replay fills the bars above the floor: that is what a resume without loss looks like.

import { seconds } from './meters.js';
import { shape } from './spark.js';

const height = 40;
const floor = 5;
const kinds = ['history', 'replayed', 'live']; // From the floor up.

export class Chart {
  #columns;
  #drawn = '';

  constructor(root) {
    this.#columns = Array.from({ length: seconds }, (_, index) => {
      const bars = [...kinds, 'down', 'gap'].map(kind => {
        const bar = shape('rect', `bar-${kind}`);
        bar.setAttribute('x', String(index + 0.14));
        bar.setAttribute('width', '0.72');
        return bar;
      });
      root.append(...bars);
      return bars;
    });
  }

  draw(flow, now) {
    const buckets = flow.recent(now);
    const key = JSON.stringify(buckets);
    if (key === this.#drawn) {
      return;
    }
    this.#drawn = key;
    const most = Math.max(1, ...buckets.map(bucket => kinds.reduce((sum, kind) => sum + (bucket?.[kind] ?? 0), 0)));
    const scale = (height - floor) / most;
    for (const [index, bars] of this.#columns.entries()) {
      const bucket = buckets[index];
      let top = height - floor;
      for (const [at, kind] of kinds.entries()) {
        const tallness = (bucket?.[kind] ?? 0) * scale;
        top -= tallness;
        place(bars[at], top, tallness);
      }
      place(bars.at(-2), height - floor + 1, bucket?.down ? floor - 1 : 0);
      place(bars.at(-1), 0, bucket?.gap ? height : 0);
    }
  }
}

function place(bar, top, tallness) {
  bar.setAttribute('y', top.toFixed(2));
  bar.setAttribute('height', tallness.toFixed(2));
}
