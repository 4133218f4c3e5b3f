/** How a log grew, and where it failed: at most 512 points, whatever its size. */
import { TILE_WIDTH } from '@assent/verifier';

export type GrowthPoint = {
  /** `logged_at` of the last entry that could be read, in milliseconds; -1 if none could. */
  readonly time: number;
  readonly entries: number;
  readonly failures: number;
};

const MOST_POINTS = 512;

export class Growth {
  /** Entries of a point; the last one may have fewer. */
  #width: number;
  #points: GrowthPoint[];

  constructor(width = TILE_WIDTH, points: readonly GrowthPoint[] = []) {
    this.#width = width;
    this.#points = [...points];
  }

  get width(): number {
    return this.#width;
  }

  get points(): readonly GrowthPoint[] {
    return this.#points;
  }

  /** Takes the next entries, at most 256 of them; fewer only at the end. */
  add({ time, entries, failures }: GrowthPoint): void {
    const last = this.#points.at(-1);
    if (last !== undefined && last.entries < this.#width) {
      this.#points[this.#points.length - 1] = merged(last, { time, entries, failures });
      return;
    }
    this.#points.push({ time, entries, failures });
    if (this.#points.length <= MOST_POINTS) return;
    this.#width *= 2;
    const halved: GrowthPoint[] = [];
    for (let i = 0; i < this.#points.length; i += 2) {
      const [a, b] = [this.#points[i]!, this.#points[i + 1]];
      halved.push(b === undefined ? a : merged(a, b));
    }
    this.#points = halved;
  }

  /** A failure that was found later. */
  addFailure(index: number): void {
    const place = Math.floor(index / this.#width);
    const point = this.#points[place];
    if (point !== undefined) this.#points[place] = { ...point, failures: point.failures + 1 };
  }
}

function merged(a: GrowthPoint, b: GrowthPoint): GrowthPoint {
  const time = b.time < 0 ? a.time : b.time;
  return { time, entries: a.entries + b.entries, failures: a.failures + b.failures };
}
