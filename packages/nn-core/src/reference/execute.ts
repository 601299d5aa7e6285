/**
 * Runs a graph node by node: the interpreter behind the reference engine.
 */

import { dimensionSizes } from "../dimensionSizes.ts";
import type { Graph } from "../graph.ts";
import type { OpName } from "../opAttributes.ts";
import type { Parameter } from "../parameter.ts";
import { formatShape } from "../shape.ts";
import type { Node, Tensor, TensorType } from "../tensor.ts";
import type { Resolve } from "./kernel.ts";
import { kernels } from "./kernels.ts";
import { fromTypedArray, type NdArray } from "./ndArray.ts";

/** Arithmetic of float32 tensors: rounded to float32 after each op, or kept in double precision throughout. */
export type Precision = "float32" | "float64";

/** What one run is given. */
export interface Bindings {
  /** Value of every input, by name. */
  readonly inputs: ReadonlyMap<string, NdArray>;
  readonly parameters: ReadonlyMap<Parameter, NdArray>;
  /** Size of every named dimension of the inputs. */
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * Values of the graph's outputs.
 *
 * @throws RangeError for indices out of range; Error if a kernel and its op's inference disagree about a shape.
 */
export function execute(graph: Graph, bindings: Bindings, precision: Precision): Map<string, NdArray> {
  const resolve = dimensionSizes(graph, bindings.sizes);
  const computed = new Map<Tensor, NdArray>();
  const read = (tensor: Tensor): NdArray => computed.get(tensor) ?? leafValue(tensor, bindings, precision);
  const lastUse = lastUses(graph);
  const free = (tensor: Tensor, position: number): void => {
    if ((lastUse.get(tensor) ?? position) <= position) computed.delete(tensor);
  };

  graph.nodes.forEach((node, position) => {
    const results = runKernel(node, node.inputs.map(read), resolve);
    node.outputs.forEach((output, index) => {
      const result = results[index];
      checkType(node.op.name, output, result, resolve);
      round(result, precision);
      computed.set(output, result);
    });
    for (const tensor of [...node.inputs, ...node.outputs]) free(tensor, position);
  });
  return new Map([...graph.outputs].map(([name, tensor]) => [name, read(tensor)]));
}

function runKernel<K extends OpName>(node: Node<K>, inputs: readonly NdArray[], resolve: Resolve): readonly NdArray[] {
  return kernels[node.op.name](inputs, node.attributes, resolve);
}

function leafValue({ source, shape, dtype }: Tensor, { inputs, parameters }: Bindings, precision: Precision): NdArray {
  let value: NdArray | undefined;
  if (source.kind === "input") value = inputs.get(source.name);
  if (source.kind === "parameter") value = parameters.get(source.parameter);
  // The shape of a constant is all numbers.
  if (source.kind === "constant") {
    value = fromTypedArray(dtype, shape as readonly number[], source.data);
    if (source.exact !== undefined && precision === "float64") value.data.fill(source.exact);
  }
  if (value === undefined)
    throw new Error(`reference engine: expected a value for every leaf, got none for ${source.kind}`);
  return value;
}

/** Position of the last node that reads each tensor; outputs of the graph are never done with. */
function lastUses(graph: Graph): Map<Tensor, number> {
  const last = new Map<Tensor, number>();
  graph.nodes.forEach((node, position) => {
    for (const tensor of node.inputs) last.set(tensor, position);
  });
  for (const tensor of graph.outputs.values()) last.set(tensor, Infinity);
  return last;
}

function checkType(op: OpName, promised: TensorType, result: NdArray | undefined, resolve: Resolve): void {
  const shape = promised.shape.map(resolve);
  const fits =
    result !== undefined && result.dtype === promised.dtype && formatShape(result.shape) === formatShape(shape);
  if (fits) return;
  const got = result === undefined ? "nothing" : `${result.dtype} ${formatShape(result.shape)}`;
  throw new Error(`reference engine: expected ${op} to give ${promised.dtype} ${formatShape(shape)}, got ${got}`);
}

/** Rounds to what the dtype can hold, in place: int32 wraps, and integers have no fraction and no -0. */
function round({ dtype, data }: NdArray, precision: Precision): void {
  if (dtype === "float32" && precision === "float32")
    for (let i = 0; i < data.length; i++) data[i] = Math.fround(data[i]);
  if (dtype === "int32") for (let i = 0; i < data.length; i++) data[i] |= 0;
  if (dtype === "int64") for (let i = 0; i < data.length; i++) data[i] = Math.trunc(data[i]) + 0;
}
