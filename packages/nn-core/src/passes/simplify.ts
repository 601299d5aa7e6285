/**
 * Algebraic identities that hold to the last bit.
 */

import type { Graph } from "../graph.ts";
import type { OpAttributes, OpName } from "../opAttributes.ts";
import { reshape } from "../ops/reshape.ts";
import { transpose } from "../ops/transpose.ts";
import { sameShape } from "../shape.ts";
import type { Node, Tensor } from "../tensor.ts";
import { isPlain, rewriteGraph } from "./rewriteGraph.ts";

/**
 * `graph` without nodes that give back what they were given.
 *
 *     x * 1, x / 1, x - 0, -(-x), not(not(b))                   x, x, x, x, b
 *     a reshape of a reshape, a transpose of a transpose        one of them, or none
 *     a cast, stretch, slice, join or split that changes nothing  its operand
 *
 * Not a bit of any result changes, on any engine. `x + 0` is none of these: it makes 0 of -0. Neither is `x * 0`: x may be infinite.
 */
export function simplify(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs, keep) => {
    if (!isPlain(node)) return keep();
    const rule = identities[node.op.name] as Identity<OpName> | undefined;
    const same = rule?.(inputs, node.attributes, node.outputs);
    return same === undefined ? keep() : [same];
  });
}

/** What a node's only output is equal to; undefined where nothing simpler is known. */
type Identity<K extends OpName> = (
  inputs: readonly Tensor[],
  attributes: OpAttributes[K],
  outputs: readonly Tensor[],
) => Tensor | undefined;

const unchanged: Identity<OpName> = ([x], _, outputs) =>
  outputs.length === 1 && sameShape(x.shape, outputs[0].shape) && x.dtype === outputs[0].dtype ? x : undefined;

const identities: { readonly [K in OpName]?: Identity<K> } = {
  mul: ([a, b], _, [y]) => (isNumber(b, 1) ? same(a, y) : isNumber(a, 1) ? same(b, y) : undefined),
  div: ([a, b], _, [y]) => (isNumber(b, 1) ? same(a, y) : undefined),
  sub: ([a, b], _, [y]) => (isNumber(b, 0) ? same(a, y) : undefined),
  neg: ([x]) => operandOf(x, "neg"),
  logicalNot: ([x]) => operandOf(x, "logicalNot"),
  cast: unchanged,
  broadcastTo: unchanged,
  // A slice or a join that keeps the shape keeps everything, but for a step backwards.
  slice: ([x], { step }, [y]) => (step === 1 ? same(x, y) : undefined),
  concat: (inputs, _, [y]) => (inputs.length === 1 ? same(inputs[0], y) : undefined),
  split: unchanged,
  reshape: ([x], { shape }) => {
    const before = operandOf(x, "reshape");
    if (before !== undefined) return reshape(before, shape);
    return sameShape(x.shape, shape) ? x : undefined;
  },
  transpose: ([x], { permutation }) => {
    const before = operandOf(x, "transpose");
    if (before === undefined) return undefined;
    const { permutation: first } = nodeOf(x)!.attributes as OpAttributes["transpose"];
    return transpose(
      before,
      permutation.map((axis) => first[axis]),
    );
  },
};

/** `x`, where it has the type of `y`: an operand that was stretched has not. */
function same(x: Tensor, { shape, dtype }: Tensor): Tensor | undefined {
  return sameShape(x.shape, shape) && x.dtype === dtype ? x : undefined;
}

/** Whether every element of a tensor is `value`; -0 is not 0. */
function isNumber({ source }: Tensor, value: number): boolean {
  if (source.kind !== "constant") return false;
  const { data, exact = value } = source;
  return (
    exact === value && data.length > 0 && data.every((element: number | bigint) => Object.is(Number(element), value))
  );
}

/** The operand of the op `name` that made `x`; undefined where another did. */
function operandOf(x: Tensor, name: OpName): Tensor | undefined {
  const node = nodeOf(x);
  return node?.op.name === name && isPlain(node) ? node.inputs[0] : undefined;
}

function nodeOf({ source }: Tensor): Node | undefined {
  return source.kind === "node" ? source.node : undefined;
}
