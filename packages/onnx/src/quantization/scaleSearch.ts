/**
 * The scale and zero point of a block of weights: w is about (q - zeroPoint) * scale with q an integer from 0 to 2^bits - 1.
 *
 * The usual choice stretches the grid over the whole block, so that nothing is clipped and every other weight pays for the
 * largest. Here that is one candidate among a fixed set, and the one of least squared error wins:
 *
 * 1. Symmetric (zero point 2^(bits-1)): the weight of largest magnitude comes to lie `divisor` steps from zero, for divisors
 *    from 2^(bits-1) - 1 upward by quarters to 2^(bits-1) + 4; on the side of 2^(bits-1) steps and on the other, of one fewer.
 * 2. The winner's scale is refined: with the integers held, the best scale is sum(w * (q - z)) / sum((q - z)^2); with that
 *    scale the integers are chosen anew, as long as the error falls.
 * 3. Asymmetric: the same answer competes with scales that stretch 2^bits - 1 steps and up to 5 more, by halves, over the
 *    block's range, which is taken to include 0, each with the three zero points around the one that keeps its lower end.
 *    Refined as in 2.
 *
 * So the result is never worse than that of the usual choice, symmetric or not, and asymmetric never worse than symmetric.
 * Errors are those of float32 dequantization, summed in float64 in order: the same block gives the same answer everywhere.
 * The least-squares step is that of Lloyd's method; llama.cpp searches around the largest weight in the same spirit.
 */

/** What a search is for. */
export interface ScaleSearchOptions {
  readonly bits: 4 | 8;
  readonly symmetric: boolean;
  /** Rounds a scale to what the file can hold. */
  readonly roundScale: (scale: number) => number;
}

/** More steps than any block has been seen to need; each must lower the error, so it would end without. */
const maxRefinements = 16;

/** Finds the grid of one block after the other; the last answer stands in its fields. */
export class ScaleSearch {
  /** The distance of neighbouring levels, of either sign; 0 where every weight is best taken as 0. */
  scale = 0;
  /** The level that means 0. */
  zeroPoint = 0;
  /** The sum of squared differences between the weights and what they are stored as. */
  error = 0;
  readonly #half: number;
  readonly #top: number;
  readonly #symmetric: boolean;
  readonly #roundScale: (scale: number) => number;

  constructor({ bits, symmetric, roundScale }: ScaleSearchOptions) {
    this.#half = 2 ** (bits - 1);
    this.#top = 2 ** bits - 1;
    this.#symmetric = symmetric;
    this.#roundScale = roundScale;
  }

  /** Searches for `weights[start]` to `weights[end - 1]`, which are finite. */
  search(weights: Float32Array, start: number, end: number): void {
    let lowest = 0;
    let highest = 0;
    let squares = 0;
    for (let i = start; i < end; i++) {
      const weight = weights[i];
      if (weight < lowest) lowest = weight;
      if (weight > highest) highest = weight;
      squares += weight * weight;
    }
    this.scale = 0;
    this.zeroPoint = this.#half;
    this.error = squares;
    if (lowest === highest) return;

    const extreme = highest > -lowest ? highest : lowest;
    for (let divisor = this.#half - 1; divisor <= this.#half + 4; divisor += 0.25) {
      this.#try(weights, start, end, extreme / -divisor, this.#half);
      this.#try(weights, start, end, extreme / divisor, this.#half);
    }
    this.#refine(weights, start, end);
    if (this.#symmetric) return;

    for (let steps = this.#top; steps <= this.#top + 5; steps += 0.5) {
      const scale = this.#roundScale((highest - lowest) / steps);
      if (scale === 0) continue;
      const zeroPoint = Math.min(Math.round(-lowest / scale), this.#top);
      for (let near = Math.max(zeroPoint - 1, 0); near <= Math.min(zeroPoint + 1, this.#top); near++) {
        this.#try(weights, start, end, scale, near);
      }
    }
    this.#refine(weights, start, end);
  }

  /** The level nearest to `weight` in the grid found last. */
  levelOf(weight: number): number {
    return this.scale === 0 ? this.zeroPoint : nearestLevel(weight, 1 / this.scale, this.zeroPoint, this.#top);
  }

  #refine(weights: Float32Array, start: number, end: number): void {
    for (let i = 0; i < maxRefinements; i++) {
      let products = 0;
      let squares = 0;
      for (let j = start; j < end; j++) {
        const steps = this.levelOf(weights[j]) - this.zeroPoint;
        products += weights[j] * steps;
        squares += steps * steps;
      }
      const before = this.error;
      // All levels may mean 0, then there is nothing to refine.
      if (squares > 0) this.#try(weights, start, end, products / squares, this.zeroPoint);
      if (this.error === before) return;
    }
  }

  /** Takes a grid as the answer where it has a smaller error than the one so far. */
  #try(weights: Float32Array, start: number, end: number, wanted: number, zeroPoint: number): void {
    const scale = this.#roundScale(wanted);
    if (scale === 0 || !Number.isFinite(scale)) return;
    const inverse = 1 / scale;
    const best = this.error;
    const top = this.#top;
    let error = 0;
    for (let i = start; i < end; i++) {
      const weight = weights[i];
      const steps = nearestLevel(weight, inverse, zeroPoint, top) - zeroPoint;
      const difference = weight - Math.fround(steps * scale);
      error += difference * difference;
      if (error >= best) return;
    }
    this.scale = scale;
    this.zeroPoint = zeroPoint;
    this.error = error;
  }
}

function nearestLevel(weight: number, inverse: number, zeroPoint: number, top: number): number {
  const level = Math.floor(weight * inverse + zeroPoint + 0.5);
  return level < 0 ? 0 : level > top ? top : level;
}
