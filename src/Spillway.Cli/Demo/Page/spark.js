// A curve of the last minute, with the limit as a dashed line.

const namespace = 'http://www.w3.org/2000/svg';
const width = 100;
const height = 28;
const span = 60_000;
const silentSteps = 4;
const pointsMost = 240; // More than its pixels on a page of this width.

export class Spark {
  #points = [];
  #limit = null;
  #area = shape('path', 'spark-area');
  #line = shape('path', 'spark-line');
  #rule = shape('path', 'spark-limit');
  #dot = shape('path', 'spark-dot');

  /** The element to place. */
  element = shape('svg', 'spark');

  constructor() {
    this.element.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.element.setAttribute('preserveAspectRatio', 'none');
    this.element.setAttribute('aria-hidden', 'true'); // The value beside it says what a reader needs.
    this.element.append(this.#area, this.#rule, this.#line, this.#dot);
  }

  add(at, value, limit) {
    this.#points.push({ at, value });
    this.#limit = limit;
    const oldest = at - span;
    let drop = Math.max(0, this.#points.length - pointsMost);
    while (this.#points[drop].at < oldest) {
      drop++;
    }
    this.#points.splice(0, drop);
  }

  draw() {
    const newest = this.#points.at(-1);
    const values = this.#points.map(point => point.value);
    let low = Math.min(...values);
    let high = Math.max(...values, this.#limit ?? -Infinity);
    const room = (high - low || Math.abs(high) || 1) * 0.12;
    low -= room;
    high += room;
    const x = at => (width - 2 - ((newest.at - at) / span) * (width - 2)).toFixed(2);
    const y = value => (height - ((value - low) / (high - low)) * height).toFixed(2);

    const curves = this.#pieces().map(points => ({
      from: x(points[0].at), to: x(points.at(-1).at), line: points.map(point => `${x(point.at)} ${y(point.value)}`).join('L'),
    }));
    this.#line.setAttribute('d', curves.map(curve => `M${curve.line}`).join(''));
    this.#area.setAttribute('d', curves.map(curve => `M${curve.from} ${height}L${curve.line}L${curve.to} ${height}Z`).join(''));
    this.#dot.setAttribute('d', `M${x(newest.at)} ${y(newest.value)}h0`);
    this.#rule.setAttribute('d', this.#limit === null ? '' : `M0 ${y(this.#limit)}H${width}`);
  }

  /** The points, divided where the sensor was silent: nobody knows what a line would claim there. */
  #pieces() {
    const step = (this.#points.at(-1).at - this.#points[0].at) / Math.max(1, this.#points.length - 1);
    const silent = Math.max(2_000, silentSteps * step);
    const pieces = [[this.#points[0]]];
    for (let index = 1; index < this.#points.length; index++) {
      if (this.#points[index].at - this.#points[index - 1].at > silent) {
        pieces.push([]);
      }
      pieces.at(-1).push(this.#points[index]);
    }
    return pieces;
  }
}

/** An SVG element with a class. */
export function shape(tag, className) {
  const element = document.createElementNS(namespace, tag);
  element.setAttribute('class', className);
  return element;
}
