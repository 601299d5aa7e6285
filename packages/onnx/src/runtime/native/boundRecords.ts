/**
 * Records of values that come again at every run, bound once: a step of generation has dozens of values, of which only the numbers in
 * them change. A frozen record is such a one, where it has all its values.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import { isOf, type Kept, type NativeValues } from "./nativeValues.ts";

/** Addresses of names, and of the OrtValues, in the same order. */
export type Bound = readonly [names: BigUint64Array, values: BigUint64Array];

type ValueRecord = Readonly<Record<string, TensorValue | undefined>>;

interface Known {
  readonly bound: Bound;
  readonly values: readonly TensorValue[];
  readonly kept: readonly Kept[];
}

export class BoundRecords {
  readonly #values: NativeValues;
  /** A record keeps its values alive, and they their OrtValues. */
  readonly #known = new WeakMap<ValueRecord, Known>();

  constructor(values: NativeValues) {
    this.#values = values;
  }

  /** What `bind` gives for the record, now or the last time that it had the same data. */
  of(record: ValueRecord, bind: () => Bound): Bound {
    const known = this.#known.get(record);
    if (known !== undefined && known.kept.every((kept, index) => isOf(kept, known.values[index]))) return known.bound;
    const kept = Object.isFrozen(record) ? this.#lasting(record) : undefined;
    const bound = bind();
    if (kept !== undefined) this.#known.set(record, { bound, ...kept });
    return bound;
  }

  /** OrtValues that live as long as the values of the record; undefined where one is to be allocated, or is not what it was. */
  #lasting(record: ValueRecord): Omit<Known, "bound"> | undefined {
    const values: TensorValue[] = [];
    const kept: Kept[] = [];
    for (const value of Object.values(record)) {
      const lasting = value && this.#values.lasting(value);
      if (lasting === undefined) return undefined;
      values.push(value as TensorValue);
      kept.push(lasting);
    }
    return { values, kept };
  }
}
