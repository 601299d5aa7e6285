/**
 * Ops that move or make elements without computing on them.
 */

import { isStatic, sameShape, type Shape, type TensorType } from "@llm-learning/nn-core";
import { int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";
import type { Lowerings } from "./lowering.ts";

export const shapeOps: Lowerings<
  "reshape" | "transpose" | "broadcastTo" | "concat" | "split" | "slice" | "pad" | "iota" | "barrier"
> = {
  reshape: ({ graph, inputs: [x], inputTypes, attributes: { shape } }) => reshape(graph, x, inputTypes[0].shape, shape),

  transpose: ({ graph, inputs: [x], attributes: { permutation } }) => graph.transpose(x, permutation),

  broadcastTo: ({ graph, inputs: [x], inputTypes, attributes: { shape } }) =>
    sameShape(inputTypes[0].shape, shape) ? x : graph.node("Expand", [x, graph.dims.shape(shape)]),

  concat: ({ graph, inputs, inputTypes, outputTypes, attributes: { axis, dim } }) => {
    const joined = graph.node("Concat", inputs, { axis: int(axis) });
    graph.dims.bind(joined, outputTypes[0].shape);
    graph.dims.bindSum(
      dim,
      inputTypes.map(({ shape }) => shape[axis]),
    );
    return joined;
  },

  split: ({ graph, inputs: [x], attributes: { axis, sizes } }) =>
    sizes.length === 1 ? [x] : graph.nodeOutputs("Split", [x, graph.int64s(sizes)], { axis: int(axis) }, sizes.length),

  slice: ({ graph, inputs: [x], attributes: { axis, start, end = Number.MAX_SAFE_INTEGER, step } }) =>
    graph.node("Slice", [x, ...[start, end, axis, step].map((value) => graph.int64s([value]))]),

  pad: ({ graph, inputs: [x], inputTypes, attributes: { axis, before, after, value } }) =>
    graph.node("Pad", [
      x,
      graph.int64s([before, after]),
      graph.scalar(value, inputTypes[0].dtype),
      graph.int64s([axis]),
    ]),

  iota: ({ graph, attributes: { dim, dtype } }) => graph.range(dim, dtype),

  barrier: ({ graph, inputs: [x, ...after], inputTypes: [{ dtype, shape }, ...types] }) => {
    // A reshape to the shape it has moves nothing; that this is computed from what is waited for, no runtime sees through.
    const firsts = after.map((value, index) => firstElement(graph, value, types[index]));
    const never = graph.node("Less", [graph.node("Sum", firsts), graph.scalar(-Infinity)]); // [1]
    const sizes = isStatic(shape) ? graph.int64s(shape) : graph.dims.shape(shape);
    const held = graph.node("Reshape", [x, graph.node("Add", [sizes, graph.cast(never, "int64")])], {
      allowzero: int(1),
    });
    graph.declare(held, dtype, shape);
    return held;
  },
};

/** One number of `x` as `[1]`; nobody asks for it where there is none. */
function firstElement(graph: GraphBuilder, x: string, { dtype, shape }: TensorType): string {
  const axes = shape.map((_, axis) => axis);
  const ones = graph.int64s(axes.map(() => 1));
  const first =
    axes.length === 0 ? x : graph.node("Slice", [x, graph.int64s(axes.map(() => 0)), ones, graph.int64s(axes)]);
  const number = dtype === "float32" ? first : graph.cast(first, "float32");
  return shape.length === 1 ? number : graph.node("Reshape", [number, graph.int64s([1])]);
}

/**
 * `x` of shape `from` as `to`. A reshape of a reshape is one, or none.
 *
 * Named dimensions are written 0 ("as the input's axis of this index") or one of them -1 ("what is left") where that
 * says enough: the shape is then constant, and the runtime can plan with it. Otherwise the shape is computed: beside a
 * named dimension that turns out to be 0, nothing can be inferred from what is left.
 */
export function reshape(graph: GraphBuilder, x: string, from: Shape, to: Shape): string {
  if (sameShape(from, to)) return x;
  const before = graph.reshaped(x);
  if (before !== undefined) return reshape(graph, before.value, before.shape, to);
  const reshaped = reshapeNode(graph, x, from, to);
  graph.rememberReshape(reshaped, x, from);
  return reshaped;
}

function reshapeNode(graph: GraphBuilder, x: string, from: Shape, to: Shape): string {
  if (from.some((dim) => typeof dim === "string")) {
    // Axes of 1 come and go without anything being computed from sizes.
    const [added, removed] = [insertedOnes(from, to), insertedOnes(to, from)];
    if (added !== undefined) return graph.node("Unsqueeze", [x, graph.int64s(added)]);
    if (removed !== undefined) return graph.node("Squeeze", [x, graph.int64s(removed)]);
  }
  // A size of 0 would read as "copy", and leaves nothing to infer a -1 from.
  if (to.includes(0)) return graph.node("Reshape", [x, graph.dims.shape(to)], { allowzero: int(1) });
  const symbols = to.map((dim, axis) => (typeof dim === "number" ? dim : dim === from[axis] ? 0 : -1));
  const inferred = symbols.filter((symbol) => symbol === -1).length;
  const isConstant = inferred === 0 || (inferred === 1 && !symbols.includes(0));
  if (isConstant) return graph.node("Reshape", [x, graph.int64s(symbols)]);
  return graph.node("Reshape", [x, graph.dims.shape(to)], { allowzero: int(1) });
}

/** The axes of `to` that are 1 and make up the difference to `from`; undefined where the shapes differ otherwise. */
function insertedOnes(from: Shape, to: Shape): number[] | undefined {
  const axes: number[] = [];
  let next = 0;
  for (const [axis, dim] of to.entries()) {
    if (next < from.length && dim === from[next]) next++;
    else if (dim === 1) axes.push(axis);
    else return undefined;
  }
  return next === from.length ? axes : undefined;
}
