/**
 * A model whose matrices are stored in half precision: half the size, computed in float32 as before.
 *
 * Each becomes an initializer of float16 and a Cast under its old name, which a runtime folds when it loads the file. What is
 * computed, and all inputs and outputs, stay float32: arithmetic in float16 is slow on processors.
 */

import { encodeFloat16, maxFloat16 } from "@llm-learning/nn-core";
import { dataTypeCode } from "../format/dataTypes.ts";
import type { OnnxModel, OnnxNode } from "../format/model.ts";
import type { OnnxRawTensor, OnnxTensor } from "../format/tensor.ts";
import { int } from "../lowering/attributes.ts";
import { initializerValues } from "./constantProduct.ts";
import { constantsOf, FreeNames, readBy } from "./graphNames.ts";

/**
 * The same model with its float32 matrices (constants of two or more axes) as float16; the given one is not changed.
 *
 * Vectors stay as they are, being small, and so do the scales of quantized weights. A matrix with a number beyond 65504
 * stays too: it would become infinite. To have quantized layers and half-precision embeddings, quantize first.
 *
 * @param model - Weights must be inside it, not in external data.
 * @returns a model with the same inputs and outputs.
 * @throws RangeError for a matrix in external data.
 * @example halfPrecision(quantizeModel(model, { bits: 4 }));
 */
export function halfPrecision(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const constants = constantsOf(graph);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const fixed = new Set(graph.nodes.filter(isQuantization).flatMap(readBy));
  const names = new FreeNames(graph);
  const casts: OnnxNode[] = [];
  const initializers = graph.initializers.map((tensor) => {
    const { name, dims, dataType } = tensor;
    const isMatrix = dataType === "float32" && dims.length >= 2 && constants.has(name);
    if (!isMatrix || fixed.has(name) || outputs.has(name)) return tensor;
    const half = asFloat16(tensor, names);
    if (half === undefined) return tensor;
    const to = int(dataTypeCode("float32"));
    casts.push({ opType: "Cast", name: `${name}/Cast`, inputs: [half.name], outputs: [name], attributes: { to } });
    return half;
  });
  return { ...model, graph: { ...graph, nodes: [...casts, ...graph.nodes], initializers } };
}

/** The tensor in float16, or undefined where a number is out of its range. */
function asFloat16(tensor: OnnxTensor, names: FreeNames): OnnxRawTensor | undefined {
  const values = initializerValues("halfPrecision", tensor);
  if (!values.every((value) => Math.abs(value) <= maxFloat16)) return undefined;
  const data = new Uint8Array(encodeFloat16(values).buffer);
  return { name: names.claim(`${tensor.name}.float16`), dims: tensor.dims, dataType: "float16", data };
}

/** Operators that take matrices of scales, which were chosen to the last bit. */
const quantizationOperators = new Set(["MatMulNBits", "GatherBlockQuantized", "DequantizeLinear", "QuantizeLinear"]);

function isQuantization({ opType }: OnnxNode): boolean {
  return quantizationOperators.has(opType);
}
