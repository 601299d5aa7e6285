/**
 * A model whose linear layers compute in int8: what transformers.js expects in `model_quantized.onnx`.
 *
 * Weights are int8 with one scale for each output. The input is quantized while the model runs, to uint8 with one scale and
 * zero point for all of it (DynamicQuantizeLinear); the product is in integers (MatMulInteger) and scaled afterwards.
 * Standard operators only; ONNX Runtime fuses them. For long inputs this is the fastest form. But one scale serves the whole
 * input: what else is in a batch changes a row's result, by percents where a neighbour has outliers. A server wants
 * `quantizeModel`.
 *
 * @see https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html
 */

import { dataTypeCode } from "../format/dataTypes.ts";
import { described } from "../format/described.ts";
import type { OnnxModel, OnnxNode } from "../format/model.ts";
import { int } from "../lowering/attributes.ts";
import {
  type ConstantProduct,
  ConstantProducts,
  type ConstantWeight,
  weightValues,
  withBias,
} from "./constantProduct.ts";
import { type GraphRewriter, rewriteGraph } from "./rewriteGraph.ts";

/** Options of {@link quantizeDynamically}. */
export interface QuantizeDynamicallyOptions {
  /**
   * Whether weights have 7 bits, `scale[n] = max |w[n]| / 63`. With 8, processors without VNNI instructions compute wrong
   * sums wherever two neighbouring products exceed 16 bits, and nothing says so: false is for files that only run elsewhere.
   * @defaultValue true
   */
  reduceRange?: boolean;
}

/**
 * The same model with int8 weights and dynamically quantized inputs of its linear layers; the given one is not changed.
 *
 * @param model - Weights must be inside it, not in external data.
 * @returns a model with the same inputs and outputs.
 * @throws RangeError for a weight that is not finite, one in external data, or an opset below 11.
 * @example quantizeDynamically(model);
 */
export function quantizeDynamically(model: OnnxModel, options: QuantizeDynamicallyOptions = {}): OnnxModel {
  const { reduceRange = true } = options;
  const largest = reduceRange ? 63 : 127;
  const opset = model.opsetImports.find(({ domain }) => domain === "")?.version ?? 0;
  if (opset < 11) {
    throw new RangeError(
      `quantizeDynamically: expected a model of opset 11 or more (it brought DynamicQuantizeLinear), got ${opset}`,
    );
  }
  const products = new ConstantProducts(model.graph);
  return rewriteGraph(model, (node, rewriter) => {
    const product = products.match(node);
    return product && integerProduct(product, largest, rewriter);
  });
}

/** y = (quantized x) (int8 W) * (scale of x * scales of W) + bias */
function integerProduct(product: ConstantProduct, largest: number, rewriter: GraphRewriter): readonly OnnxNode[] {
  const { x, y, weight } = product;
  const [levels, scales] = storedWeight(weight, largest, rewriter);
  const quantizedX = rewriter.once(`first ${x}`, () => ({
    outputs: ["quantized", "scale", "zero_point"].map((part) => rewriter.claim(`${x}/${part}`)),
    writer: y,
  }));
  const [values, scale, zeroPoint] = quantizedX.outputs;
  const [integers, floats, scaleOfY] = ["integers", "floats", "scale"].map((part) => rewriter.claim(`${y}/${part}`));
  const node = (opType: string, inputs: string[], outputs: string[], attributes: OnnxNode["attributes"] = {}) => ({
    opType,
    name: `${outputs[0]}/${opType}`,
    inputs,
    outputs,
    attributes,
  });
  // The first product of x quantizes it for all of them: nodes stand in topological order, and it stands before the others.
  const quantize = quantizedX.writer === y ? [node("DynamicQuantizeLinear", [x], quantizedX.outputs)] : [];
  return [
    ...quantize,
    ...withBias(product, rewriter, (output) => [
      node("MatMulInteger", [values, levels, zeroPoint], [integers]),
      node("Cast", [integers], [floats], { to: int(dataTypeCode("float32")) }),
      node("Mul", [scale, scales], [scaleOfY]),
      node("Mul", [floats, scaleOfY], [output]),
    ]),
  ];
}

/** The initializers of a weight: int8 [inFeatures, outFeatures], and float32 [outFeatures]. */
function storedWeight(weight: ConstantWeight, largest: number, rewriter: GraphRewriter): readonly string[] {
  const { name, outFeatures, inFeatures, transposed } = weight;
  return rewriter.once(`stored ${transposed} ${name}`, () => {
    const values = weightValues("quantizeDynamically", weight);
    const levels = new Int8Array(values.length);
    const scales = new Float32Array(outFeatures);
    for (let n = 0; n < outFeatures; n++) {
      const row = values.subarray(n * inFeatures, (n + 1) * inFeatures);
      scales[n] = largestMagnitude(row, `${described(name)}, output ${n}`) / largest;
      if (scales[n] === 0) continue;
      for (let k = 0; k < inFeatures; k++) {
        const level = Math.round(row[k] / scales[n]);
        levels[k * outFeatures + n] = Math.min(Math.max(level, -largest), largest);
      }
    }
    return [
      rewriter.initializer(`${name}.levels`, "int8", [inFeatures, outFeatures], levels),
      rewriter.initializer(`${name}.scales`, "float32", [outFeatures], scales),
    ];
  });
}

function largestMagnitude(row: Float32Array, place: string): number {
  let largest = 0;
  for (const value of row) {
    if (!Number.isFinite(value)) {
      throw new RangeError(
        `quantizeDynamically: expected finite weights, got ${value} in ${place}: did the training diverge?`,
      );
    }
    if (Math.abs(value) > largest) largest = Math.abs(value);
  }
  return largest;
}
