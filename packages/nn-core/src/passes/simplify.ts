/**
 * Algebraic identities that hold to the last bit.
 */

import type { Graph } from "../graph.ts";
import { apply } from "../op.ts";
import type { OpAttributes, OpName } from "../opAttributes.ts";
import { reshape } from "../ops/reshape.ts";
import { transpose } from "../ops/transpose.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import type { Node, Tensor } from "../tensor.ts";
import { isPlain, rewriteGraph } from "./rewriteGraph.ts";

/**
 * `graph` without nodes that give back what they were given.
 *
 *     x * 1, x / 1, x - 0, -(-x), not(not(b))                   x, x, x, x, b
 *     a reshape of a reshape, a transpose of a transpose        one of them, or none
 *     a cast, stretch, slice, join or split that changes nothing  its operand
 *     x * stretched(y), where x has the shape already           x * y, and so for every op that stretches its operands itself
 *
 * Not a bit of any result changes, on any engine. `x + 0` is none of these: it makes 0 of -0. Neither is `x * 0`: x may be infinite.
 */
export function simplify(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs, keep) => {
    if (!isPlain(node)) return keep();
    const rule = identities[node.op.name] as Identity<OpName> | undefined;
    const same = rule?.(inputs, node.attributes, node.outputs);
    if (same !== undefined) return [same];
    const bare = broadcasting.has(node.op.name) ? unstretched(inputs, node.outputs[0]) : inputs;
    return bare === inputs ? keep() : apply(node.op, bare, node.attributes);
  });
}

/** Ops that stretch their operands themselves. */
const broadcasting: ReadonlySet<OpName> = new Set<OpName>([
  ...(["add", "sub", "mul", "div", "pow", "maximum", "minimum", "where"] as const),
  ...(["equal", "less", "lessEqual", "logicalAnd", "logicalOr"] as const),
]);

/** Operands without the stretching that the others ask for anyway; themselves where there is none. */
function unstretched(inputs: readonly Tensor[], { shape }: Tensor): readonly Tensor[] {
  return inputs.reduce((operands, _, index) => {
    for (let at = operands; ;) {
      const before = stretchedOperand(at[index]);
      if (before === undefined) return at;
      const shorter = at.with(index, before);
      if (!sameShape(broadcastShapes("simplify", ...shorter.map((operand) => operand.shape)), shape)) return at;
      at = shorter;
    }
  }, inputs);
}

/** What `x` stretches, or puts axes of 1 in front of. */
function stretchedOperand(x: Tensor): Tensor | undefined {
  const reshaped = operandOf(x, "reshape");
  if (reshaped === undefined) return operandOf(x, "broadcastTo");
  const lead = x.rank - reshaped.rank;
  const isLonger = lead > 0 && x.shape.every((dim, axis) => dim === (axis < lead ? 1 : reshaped.shape[axis - lead]));
  return isLonger ? reshaped : undefined;
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
