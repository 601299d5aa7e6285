/**
 * An output limited to its last tokens, as many as an input says: who continues a prompt wants the scores behind its end alone, and the
 * output layer is a good part of the work.
 *
 * What is done to each token by itself may as well be done to the last ones only. So, going back from the output, tokens are left
 * out before the first such operation: right behind the last one that lets tokens hear each other, or the last one that something else
 * needs all tokens of.
 */

import type { Graph, Node, OpName, Tensor } from "@llm-learning/nn-core";
import type { OnnxTensor } from "../format/tensor.ts";
import type { OnnxValueInfo } from "../format/valueInfo.ts";
import type { GraphBuilder } from "./graphBuilder.ts";

/** Which output is limited, and by which input. */
export interface LastTokensOptions {
  /** Name of an output of the graph, [B, T, ...]. */
  readonly output: string;
  /**
   * Name of a further input, an int64 scalar: how many of the last tokens are wanted, 0 for all. In the file it has the value 0, so
   * that it need not be given.
   */
  readonly count: string;
}

/** Where tokens are left out, and what the model needs for it. */
export interface LastTokens {
  /** The tensor that is read in part. */
  readonly cut: Tensor;
  /** The node that reads its last tokens alone; undefined where that is the output itself. */
  readonly reader: Node | undefined;
  readonly input: OnnxValueInfo;
  /** The value of the input where it is not given. */
  readonly initializer: OnnxTensor;
  /** The last tokens of `value`. */
  select(value: string): string;
}

/** Ops that work on the last axis, or on each element, where their other operands are leaves. */
const tokenwise: ReadonlySet<OpName> = new Set<OpName>(["tap", "linear", "layerNorm", "rmsNorm", "add", "mul", "tanh"]);

/** @throws RangeError if the graph has no such output with an axis of tokens, or has an input of that name. */
export function lastTokens(graph: Graph, builder: GraphBuilder, { output, count }: LastTokensOptions): LastTokens {
  const tensor = graph.outputs.get(output);
  if (tensor === undefined || tensor.rank < 2 || graph.inputs.has(count)) {
    throw new RangeError(
      `lowerGraph: expected lastTokens of an output [B, T, ...] by an input of another name than the graph's, ` +
        `got ${JSON.stringify(output)} by ${JSON.stringify(count)}`,
    );
  }
  const name = builder.claim(count);
  const data = new Uint8Array(BigInt64Array.BYTES_PER_ELEMENT);
  return {
    ...cutBefore(graph, tensor),
    input: { name, dataType: "int64", shape: [] },
    initializer: { name, dataType: "int64", dims: [], data },
    select: (value) => {
      const start = builder.node("Neg", [builder.node("Unsqueeze", [name, builder.int64s([0])])]);
      return builder.node("Slice", [value, start, builder.int64s([Number.MAX_SAFE_INTEGER]), builder.int64s([1])]);
    },
  };
}

function cutBefore(graph: Graph, output: Tensor): Pick<LastTokens, "cut" | "reader"> {
  const uses = new Map<Tensor, number>();
  for (const tensor of [...graph.outputs.values(), ...graph.nodes.flatMap(({ inputs }) => inputs)]) {
    uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  }
  let cut = output;
  let reader: Node | undefined;
  while (cut.source.kind === "node" && uses.get(cut) === 1) {
    const { node } = cut.source;
    const { op, inputs } = node;
    const [x, ...others] = inputs;
    const isAlone = others.every(({ source, rank }) => source.kind !== "node" && (rank <= 1 || op.name === "linear"));
    if (!tokenwise.has(op.name) || !isAlone || x.rank < 3) break;
    cut = x;
    reader = node;
  }
  return { cut, reader };
}
