/**
 * Training mode.
 *
 * A forward pass in training differs from one in use: it draws dropout masks, and normalizes by the statistics of its batch. A
 * `Training` object, passed to `forward`, switches this on and gathers what the trace needs from outside and leaves behind;
 * without one, a forward pass is inference. So the two modes cannot be confused, and no layer holds a flag.
 *
 * Masks are inputs of the graph. `draw` fills them from a seeded generator before each step, so every engine sees the same
 * ones, and a step's masks depend on nothing but the generator given for it.
 *
 * Running statistics change with every forward pass in training. A layer announces their new values with `update`; whoever
 * compiles the graph makes them outputs, and copies them into the parameters once a step is taken.
 *
 * Where a part of a model is traced a second time, to be computed again (`checkpoint`), it is to see the same masks and has nothing new to
 * announce: `recorded` traces the first time, and what it returns replays.
 */

import { fillBernoulliMask, type Rng } from "@llm-learning/init";
import { allocate } from "./dtype.ts";
import type { Feeds } from "./engine.ts";
import type { Parameter } from "./parameter.ts";
import { elementCount, formatShape, isStatic, sameShape, type Shape } from "./shape.ts";
import { input, type Tensor } from "./tensor.ts";

interface Mask {
  readonly name: string;
  readonly data: Uint8Array;
  readonly keepProbability: number;
}

/** Options of {@link Training}. */
export interface TrainingOptions {
  /**
   * Whether models keep the inputs of their blocks only, and compute the rest again for the backward pass (see `checkpoint`); one without
   * blocks takes no notice. @defaultValue false
   */
  checkpointing?: boolean;
}

/** The masks that a body asked for, and how to trace one with the same. */
export interface Recorded<T> {
  readonly value: T;
  /** Calls `again`, which asks for as many masks of the same shapes, and is given these; what it announces is passed over. */
  readonly replay: <U>(again: () => U) => U;
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
  readonly #updates = new Map<Parameter, Tensor>();
  /** Where the masks go that are asked for now. */
  readonly #records: Tensor[][] = [];
  /** Masks to be given once more. */
  #replayed: Tensor[] | undefined;
  /** Whether models compute their blocks again for the backward pass. */
  readonly checkpointing: boolean;

  constructor({ checkpointing = false }: TrainingOptions = {}) {
    this.checkpointing = checkpointing;
  }

  /**
   * A random bool tensor, true with `keepProbability`, drawn anew by each `draw`.
   *
   * @param keepProbability - In `[0, 1]`.
   * @throws RangeError for another probability, or named dimensions: the mask's buffer is allocated now.
   */
  bernoulli(shape: Shape, keepProbability: number): Tensor {
    if (!isStatic(shape)) {
      throw new RangeError(
        `Training.bernoulli: expected a static shape, got ${formatShape(shape)}; trace training graphs with numbers`,
      );
    }
    if (!(keepProbability >= 0 && keepProbability <= 1)) {
      throw new RangeError(`Training.bernoulli: expected a keepProbability in [0, 1], got ${keepProbability}`);
    }
    const mask = this.#replayed === undefined ? this.#newMask(shape, keepProbability) : this.#replayed.shift();
    if (mask === undefined || !sameShape(mask.shape, shape)) {
      throw new Error(
        `Training.bernoulli: expected a trace that asks for the masks that it asked for the first time, got ${formatShape(shape)} ` +
          `instead of ${mask === undefined ? "none" : formatShape(mask.shape)}`,
      );
    }
    for (const record of this.#records) record.push(mask);
    return mask;
  }

  #newMask(shape: readonly number[], keepProbability: number): Tensor {
    const name = `random.${this.#masks.length}`;
    this.#masks.push({ name, data: allocate("bool", elementCount(shape)), keepProbability });
    return input(name, shape, "bool");
  }

  /** Calls `body`, and remembers which masks it asks for. */
  recorded<T>(body: () => T): Recorded<T> {
    const record: Tensor[] = [];
    this.#records.push(record);
    try {
      return { value: body(), replay: (again) => this.#replay(record, again) };
    } finally {
      this.#records.splice(this.#records.indexOf(record), 1);
    }
  }

  #replay<U>(masks: readonly Tensor[], again: () => U): U {
    const outer = this.#replayed;
    const left = [...masks];
    this.#replayed = left;
    try {
      const value = again();
      if (left.length === 0) return value;
      throw new Error(
        `Training.recorded: expected a trace that asks for the ${masks.length} masks that it asked for the first time, got ` +
          `${masks.length - left.length}`,
      );
    } finally {
      this.#replayed = outer;
    }
  }

  /** Whether the trace asked for masks, which must be fed. */
  get isRandom(): boolean {
    return this.#masks.length > 0;
  }

  /** Fills every mask from `rng` and returns the feeds; the arrays are reused by the next call. */
  draw(rng: Rng): Feeds {
    for (const { data, keepProbability } of this.#masks) fillBernoulliMask(data, keepProbability, rng);
    return Object.fromEntries(this.#masks.map(({ name, data }) => [name, data]));
  }

  /**
   * Announces the value that `parameter` has after this pass.
   *
   * @throws RangeError if the parameter is learned, the value has another shape or dtype, or it was announced before: a layer that
   * keeps statistics can be applied once in a trace.
   */
  update(parameter: Parameter, value: Tensor): void {
    if (parameter.trainable) {
      throw new RangeError(
        "Training.update: expected a parameter that is not trainable, got one that an optimizer changes",
      );
    }
    if (value.dtype !== "float32" || !sameShape(value.shape, parameter.shape)) {
      throw new RangeError(
        `Training.update: expected float32 ${formatShape(parameter.shape)}, got ${value.dtype} ${formatShape(value.shape)}`,
      );
    }
    if (this.#replayed !== undefined) return;
    if (this.#updates.has(parameter)) {
      throw new RangeError(
        "Training.update: expected one new value of a parameter in a trace, got a second: a layer that keeps statistics was applied twice",
      );
    }
    this.#updates.set(parameter, value);
  }

  /** The new values that layers announced, in the order of the forward pass. */
  get updates(): ReadonlyMap<Parameter, Tensor> {
    return this.#updates;
  }
}
