/**
 * What a lowering is: how one op becomes ONNX nodes.
 */

import type { OpAttributes, OpName, Tensor, TensorType } from "@llm-learning/nn-core";
import type { GraphBuilder } from "./graphBuilder.ts";

/** One application of an op, as its lowering sees it. */
export interface LoweringContext<K extends OpName> {
  readonly graph: GraphBuilder;
  /** Names of the input values. */
  readonly inputs: readonly string[];
  readonly inputTypes: readonly TensorType[];
  /** The inputs in the graph of nn-core, where a lowering can look at what they come from. */
  readonly operands: readonly Tensor[];
  readonly outputTypes: readonly TensorType[];
  readonly attributes: OpAttributes[K];
  /** Name of the value of a tensor on which the operands depend. */
  valueOf(tensor: Tensor): string;
  /** Whether anything reads output `index`; a lowering need not build what is not. */
  isUsed(index: number): boolean;
}

/** Adds the op's nodes to the graph and names its outputs; "" stands for one that is not used. */
export type Lowering<K extends OpName> = (context: LoweringContext<K>) => string | readonly string[];

/** Lowerings of the ops `K`. */
export type Lowerings<K extends OpName = OpName> = { readonly [Name in K]: Lowering<Name> };

/** Lowering to one standard operator with the same operands and no attributes. */
export function sameAs(opType: string): Lowering<OpName> {
  return ({ graph, inputs }) => graph.node(opType, inputs);
}
