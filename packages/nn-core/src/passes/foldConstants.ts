/**
 * Constant folding: what depends on constants alone is computed before anything runs.
 */

import { constant } from "../constant.ts";
import type { DType } from "../dtype.ts";
import { type Graph, graphOf } from "../graph.ts";
import type { OpName } from "../opAttributes.ts";
import { evaluateFloat64 } from "../reference/evaluateFloat64.ts";
import { elementCount, isStatic } from "../shape.ts";
import type { Node, Tensor } from "../tensor.ts";
import { isPlain, rewriteGraph } from "./rewriteGraph.ts";

/** Ops whose results arithmetic prescribes to the last bit, and ops that only move. Sums, products of matrices and exp are none. */
const foldable: ReadonlySet<OpName> = new Set<OpName>([
  ...(["add", "sub", "mul", "div", "neg", "abs", "sign", "sqrt", "reciprocal"] as const),
  ...(["equal", "less", "lessEqual", "logicalAnd", "logicalOr", "logicalNot", "where", "cast"] as const),
  ...(["reshape", "transpose", "broadcastTo", "concat", "split", "slice", "pad", "iota", "oneHot"] as const),
]);

/** Elements up to which a constant may be larger than what it is made of. */
const SMALL = 1024;

/**
 * `graph` with nodes on constants replaced by their results.
 *
 * Not a bit of any result changes, on any engine, in float32 or in double precision: only what IEEE arithmetic prescribes is folded,
 * and only where float32 holds operands and result exactly. So `0.5 * 4` is folded, `1 / 3` is left to the engine. Nothing large is made
 * of something small.
 */
export function foldConstants(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs, keep) => (isFoldable(node, inputs) ? folded(keep()) : keep()));
}

function isFoldable(node: Node, inputs: readonly Tensor[]): boolean {
  const { op, outputs } = node;
  if (!foldable.has(op.name) || !isPlain(node) || !inputs.every(isExactConstant)) return false;
  const given = inputs.reduce((total, { shape }) => total + elementCount(shape as readonly number[]), 0);
  return outputs.every(({ shape }) => isStatic(shape) && elementCount(shape) <= Math.max(SMALL, given));
}

/** A constant that doubles hold as float32 or the integers do. */
function isExactConstant({ source }: Tensor): boolean {
  if (source.kind !== "constant") return false;
  const { data, exact = 0 } = source;
  return Math.fround(exact) === exact && (!(data instanceof BigInt64Array) || data.every(isSafe));
}

function folded(outputs: readonly Tensor[]): readonly Tensor[] {
  const names = outputs.map((_, index) => `y${index}`);
  const values = evaluateFloat64(
    graphOf(Object.fromEntries(outputs.map((tensor, index) => [names[index], tensor]))),
    {},
  );
  const constants = outputs.map(({ shape, dtype }, index) => {
    const data = Array.from(values[names[index]].data, Number);
    return data.every(holds[dtype]) ? constant(asArray(data, dtype), shape as readonly number[], dtype) : undefined;
  });
  return constants.every((tensor) => tensor !== undefined) ? constants : outputs;
}

/** Whether a type holds a number exactly; a NaN has more than one pattern of bits. */
const holds: Readonly<Record<DType, (value: number) => boolean>> = {
  float32: (value) => Math.fround(value) === value,
  int32: (value) => value === (value | 0),
  int64: (value) => Number.isSafeInteger(value),
  bool: (value) => value === 0 || value === 1,
};

function isSafe(value: bigint): boolean {
  return Number.isSafeInteger(Number(value));
}

/** A scalar float32 as an array, too: as a number it would be one that engines round. */
function asArray(data: readonly number[], dtype: DType): readonly number[] | Float32Array {
  return dtype === "float32" ? Float32Array.from(data) : data;
}
