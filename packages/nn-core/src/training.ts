/**
 * Training mode.
 *
 * A forward pass in training differs from one in use: it draws dropout masks. A `Training` object, passed to `forward`,
 * switches this on and gathers what the trace needs from outside; without one, a forward pass is inference. So the two modes
 * cannot be confused, and no layer holds a flag.
 *
 * Masks are inputs of the graph. `draw` fills them from a seeded generator before each step, so every engine sees the same
 * ones, and a step's masks depend on nothing but the generator given for it.
 */

import { fillBernoulliMask, type Rng } from "@llm-learning/init";
import { allocate } from "./dtype.ts";
import type { Feeds } from "./engine.ts";
import { elementCount, formatShape, isStatic, type Shape } from "./shape.ts";
import { input, type Tensor } from "./tensor.ts";

interface Mask {
  readonly name: string;
  readonly data: Uint8Array;
  readonly keepProbability: number;
}

/**
 * What one trace in training draws from: make a new one for each trace, since every mask asked of it is an input to be fed.
 *
 * @example
 * ```ts
 * const training = new Training();
 * const graph = trace({ x: { shape: [8, 4] } }, ({ x }) => ({ y: new Dropout(0.1).forward(x, training) }));
 * await program.run({ x, ...training.draw(rng) });
 * ```
 */
export class Training {
  readonly #masks: Mask[] = [];

  /**
   * A random bool tensor, true with `keepProbability`, drawn anew by each `draw`.
   *
   * @throws RangeError for named dimensions: the mask's buffer is allocated now.
   */
  bernoulli(shape: Shape, keepProbability: number): Tensor {
    if (!isStatic(shape)) {
      throw new RangeError(
        `Training.bernoulli: expected a static shape, got ${formatShape(shape)}; trace training graphs with numbers`,
      );
    }
    const name = `random.${this.#masks.length}`;
    this.#masks.push({ name, data: allocate("bool", elementCount(shape)), keepProbability });
    return input(name, shape, "bool");
  }

  /** Fills every mask from `rng` and returns the feeds; the arrays are reused by the next call. */
  draw(rng: Rng): Feeds {
    for (const { data, keepProbability } of this.#masks) fillBernoulliMask(data, keepProbability, rng);
    return Object.fromEntries(this.#masks.map(({ name, data }) => [name, data]));
  }
}
