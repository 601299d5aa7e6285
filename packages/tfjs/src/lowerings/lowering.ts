/**
 * What a lowering is: how one op runs on TensorFlow.js.
 *
 * Only operations that every backend has are used, `wasm` being the one that has the fewest: no Einsum, no segment sums, no gradient of a
 * convolution by its kernel, no log-softmax.
 */

import type { Dim, OpAttributes, OpName } from "@llm-learning/nn-core";
import type { TensorFlow, TfTensor } from "../tensorFlow.ts";

/** One application of an op, as its lowering sees it. */
export interface LoweringContext<K extends OpName> {
  readonly tf: TensorFlow;
  readonly inputs: readonly TfTensor[];
  readonly attributes: OpAttributes[K];
  /** Size of a dimension in this run. */
  resolve(dim: Dim): number;
  /** Whether anything reads output `index`; a lowering need not compute what is not. */
  isUsed(index: number): boolean;
  /** The tensor that `make` gives, made once for the program and kept until it is disposed of; the same `key`, the same tensor. */
  constant(key: string, make: () => TfTensor): TfTensor;
}

/** Computes the op's outputs, which may be its inputs; undefined stands for one that is not used. What else it makes is freed. */
export type Lowering<K extends OpName> = (context: LoweringContext<K>) => TfTensor | readonly (TfTensor | undefined)[];

/** Lowerings of the ops `K`. */
export type Lowerings<K extends OpName = OpName> = { readonly [Name in K]: Lowering<Name> };
