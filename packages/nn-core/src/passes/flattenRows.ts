/**
 * Rows of one axis: what is computed on each row of `[B, T, C]` alike is computed on `[B * T, C]`.
 *
 * Products of matrices take rows of one axis, models speak of texts and tokens. Between the two, a graph is full of reshapes: they move
 * nothing, but each is an operator to run.
 */

import type { Graph } from "../graph.ts";
import { apply } from "../op.ts";
import type { OpName, Reduction } from "../opAttributes.ts";
import { reshape } from "../ops/reshape.ts";
import { isStatic, product, sameShape, type Shape } from "../shape.ts";
import type { Node, Tensor } from "../tensor.ts";
import { rewriteGraph } from "./rewriteGraph.ts";

/** Ops that do the same to every element, their operands stretched. */
const elementwise: ReadonlySet<OpName> = new Set<OpName>([
  ...(["add", "sub", "mul", "div", "pow", "maximum", "minimum", "where", "cast", "dropout"] as const),
  ...(["equal", "less", "lessEqual", "logicalAnd", "logicalOr", "logicalNot"] as const),
  ...(["neg", "abs", "sign", "exp", "log", "sqrt", "reciprocal", "sin", "cos"] as const),
  ...(["erf", "tanh", "sigmoid", "relu", "gelu", "silu"] as const),
]);

/** Ops that do the same to every row of their first operand; the others are vectors. */
const rowwise: ReadonlySet<OpName> = new Set<OpName>(["layerNorm", "rmsNorm", "softmax", "logSoftmax"]);

/**
 * `graph` with elementwise ops, normalizations, linear layers and sums applied to rows of one axis where their operands are such rows
 * under another shape. Left are the reshapes around what tells the axes apart.
 *
 * For engines that compile the graph: taps are gone, and values lose gradients of their own. Results are the same to the bit where an
 * engine adds up several axes at once as it does one.
 */
export function flattenRows(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs, keep) => {
    const { op, outputs } = node;
    const isPassedOn = op.name === "tap" || (op.name === "reshape" && sameShape(inputs[0].shape, outputs[0].shape));
    if (isPassedOn) return [inputs[0]];
    const operands = operandsOfRows(node, inputs);
    if (operands === undefined) return keep();
    const flat = apply(op, operands, attributesOfRows(node));
    return flat.map((tensor, index) => reshape(tensor, outputs[index].shape));
  });
}

/** What a node on rows of one axis takes; undefined where it gains nothing by them, or needs the axes. */
function operandsOfRows({ op, attributes, outputs }: Node, inputs: readonly Tensor[]): readonly Tensor[] | undefined {
  const [x, ...others] = inputs;
  if (x === undefined || !inputs.every(({ shape }) => isStatic(shape))) return undefined;
  if (op.name === "linear") return x.rank > 2 ? [rowsOf(x), ...others] : undefined;
  if (rowwise.has(op.name)) return isOfRows(x) ? [rowsOf(x), ...others] : undefined;
  if (op.name === "sum" || op.name === "mean") {
    return isOfRows(x) && axesOfRows(x, attributes as Reduction) !== undefined ? [rowsOf(x)] : undefined;
  }
  if (!elementwise.has(op.name) || !inputs.some(isOfRows)) return undefined;
  const { shape } = outputs[0];
  const operands = inputs.map((input) => stretchedOverRows(input, shape));
  return operands.every((operand) => operand !== undefined) ? operands : undefined;
}

function attributesOfRows({ op, inputs: [x], attributes }: Node): Node["attributes"] {
  if (op.name !== "sum" && op.name !== "mean") return attributes;
  return { ...attributes, axes: axesOfRows(x, attributes as Reduction) } as Node["attributes"];
}

/** The axes of `[rows, C]` that are reduced: the last, the rows or both; undefined where some of the leading axes stay. */
function axesOfRows({ rank }: Tensor, { axes, keepDims }: Reduction): readonly number[] | undefined {
  const last = axes.includes(rank - 1) ? [1] : [];
  const leading = axes.length - last.length;
  if (leading === 0) return keepDims ? last : undefined;
  return leading === rank - 1 && !keepDims ? [0, ...last] : undefined;
}

/** Whether `x` is a matrix of rows under a shape of more axes. */
function isOfRows({ shape, source }: Tensor): boolean {
  if (source.kind !== "node" || source.node.op.name !== "reshape" || shape.length < 3) return false;
  const before = source.node.inputs[0].shape;
  return before.length === 2 && before[1] === shape.at(-1);
}

/** `[..., C]` as `[rows, C]`. */
function rowsOf(x: Tensor): Tensor {
  const { source, shape } = x;
  if (isOfRows(x) && source.kind === "node") return source.node.inputs[0];
  return reshape(x, [product(shape.slice(0, -1)), shape.at(-1)!]);
}

/** An operand of an elementwise op whose result is `shape`, to be stretched over rows; undefined where that depends on their axes. */
function stretchedOverRows(x: Tensor, shape: Shape): Tensor | undefined {
  if (x.rank <= 1) return x;
  const leading = x.shape.slice(0, -1);
  if (leading.every((dim) => dim === 1)) return reshape(x, [x.shape.at(-1)!]);
  return sameShape(leading, shape.slice(0, -1)) ? rowsOf(x) : undefined;
}
