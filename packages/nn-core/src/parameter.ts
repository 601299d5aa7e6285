/**
 * A learned array: a leaf of the graph that carries its value.
 *
 * The value lives here, in `data`, and is read anew at every run; optimizers write it in place, and may move it to memory where
 * they are faster. A parameter has no
 * name of its own: its name is the path that leads to it from the model (see `namedParameters`).
 */

import type { Initializer } from "@llm-learning/init";
import { elementCount, formatShape } from "./shape.ts";
import { Tensor } from "./tensor.ts";

const brand = Symbol.for("@llm-learning/nn-core/Parameter");

/** How a {@link Parameter} starts, and whether it is learned. */
export interface ParameterOptions {
  /** Fills the new array. @defaultValue zeros */
  init?: Initializer;
  /** False for state that no optimizer touches, such as running statistics. @defaultValue true */
  trainable?: boolean;
}

/** A leaf that is learned: its value is `data`, its symbol in traces is `tensor`. */
export class Parameter {
  readonly shape: readonly number[];
  /** Whether an optimizer may change it; see `freeze`. */
  trainable: boolean;
  #data: Float32Array;
  /** The symbolic tensor that stands for this parameter in every trace. */
  readonly tensor: Tensor;

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** @throws RangeError if `shape` holds a dimension that is not an integer > 0. */
  constructor(shape: readonly number[], options: ParameterOptions = {}) {
    if (!shape.every((dim) => Number.isSafeInteger(dim) && dim > 0)) {
      throw new RangeError(`Parameter: expected dimensions that are integers > 0, got ${formatShape(shape)}`);
    }
    const { init, trainable = true } = options;
    this.shape = [...shape];
    this.trainable = trainable;
    this.#data = new Float32Array(elementCount(shape));
    this.tensor = new Tensor({ shape: this.shape, dtype: "float32" }, { kind: "parameter", parameter: this });
    init?.(this.#data, this.shape);
  }

  /** The values, row-major, as many as the product of `shape`; another array after `moveTo`. */
  get data(): Float32Array {
    return this.#data;
  }

  /** Number of values. */
  get elementCount(): number {
    return this.#data.length;
  }

  /**
   * Copies the values to `memory`, which is `data` from then on.
   *
   * @throws RangeError for an array of another length.
   */
  moveTo(memory: Float32Array): void {
    if (memory.length !== this.elementCount) {
      throw new RangeError(`Parameter.moveTo: expected ${this.elementCount} values, got ${memory.length}`);
    }
    memory.set(this.#data);
    this.#data = memory;
  }
}

/** Whether `value` is a Parameter, also of another copy of this package. */
export function isParameter(value: unknown): value is Parameter {
  return typeof value === "object" && value !== null && brand in value;
}
