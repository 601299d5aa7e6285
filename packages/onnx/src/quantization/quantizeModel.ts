/**
 * A model with the weights of its linear layers in blocks of 4 or 8 bits (see `blockQuantization.ts`).
 *
 * Two forms. ONNX Runtime's own MatMulNBits computes from the blocks as they lie: small in memory too, and fast. The
 * portable form is standard ONNX of opset 21, a blocked DequantizeLinear before each MatMul; ONNX Runtime makes MatMulNBits
 * of it as it loads, of accuracy level 4. Everything else stays as it is: norms, biases, and unless asked for, the tables
 * that Gather reads, such as embeddings.
 */

import type { OnnxModel, OnnxNode } from "../format/model.ts";
import { type BlockQuantizationOptions, type BlockQuantizedWeight, quantizeBlocks } from "./blockQuantization.ts";
import { ConstantProducts, type ConstantWeight, numberOf, weightValues } from "./constantProduct.ts";
import { dequantizeLinear } from "./dequantizeLinear.ts";
import { constantsOf } from "./graphNames.ts";
import { contribDomain, gatherBlockQuantized, matMulNBits } from "./matMulNBits.ts";
import { ProductBiases } from "./productBias.ts";
import { type GraphRewriter, rewriteGraph } from "./rewriteGraph.ts";

/** Options of {@link quantizeModel}. */
export interface QuantizeModelOptions extends Omit<BlockQuantizationOptions, "scaleType"> {
  /** Whether to keep to standard operators; needs opset 21. @defaultValue false */
  portable?: boolean;
  /**
   * What MatMulNBits may round x to: 1 float32, 4 int8 in blocks, which is the fastest and has the same bits whatever else
   * is in the batch; 0 leaves it to the runtime. Of no meaning in the portable form. @defaultValue 4
   */
  accuracyLevel?: 0 | 1 | 4;
  /**
   * Whether tables that Gather reads rows of are in blocks too (GatherBlockQuantized, not in the portable form): all of them, or
   * those that are also the weight of a layer, as tied embeddings, which are then stored once. Rows that are no multiple
   * of `blockSize` long stay as they are. @defaultValue false
   */
  embeddings?: boolean | "tied";
}

/**
 * The same model with quantized weights; the given one is not changed.
 *
 * @param model - Weights must be inside it, not in external data.
 * @returns a model with the same inputs and outputs.
 * @throws RangeError for options that are none of their values, a weight that is not finite, one in external data, or an
 * opset below 21 where the portable form is asked for.
 * @example quantizeModel(model, { bits: 4, blockSize: 32 });
 */
export function quantizeModel(model: OnnxModel, options: QuantizeModelOptions = {}): OnnxModel {
  const { portable = false, accuracyLevel = 4, embeddings = false, blockSize = 32, ...rest } = options;
  if (![0, 1, 4].includes(accuracyLevel)) {
    throw new RangeError(`quantizeModel: expected accuracyLevel to be 0, 1 or 4, got ${accuracyLevel}`);
  }
  if (portable) checkPortable(model, embeddings);
  const products = new ConstantProducts(model.graph);
  const biases = new ProductBiases(model.graph, products);
  const tables = constantsOf(model.graph);
  const weights = new Set(model.graph.nodes.map((node) => products.match(node)?.weight.name));

  const quantized = (weight: ConstantWeight, rewriter: GraphRewriter): BlockQuantizedWeight =>
    rewriter.once(`${weight.transposed} ${weight.name}`, () => {
      const values = weightValues("quantizeModel", weight);
      return quantizeBlocks(values, [weight.outFeatures, weight.inFeatures], { blockSize, ...rest });
    });

  const replace = (node: OnnxNode, rewriter: GraphRewriter): readonly OnnxNode[] | undefined => {
    const product = products.match(node);
    if (product !== undefined) {
      const blocks = quantized(product.weight, rewriter);
      if (portable) return dequantizeLinear(product, blocks, rewriter);
      return matMulNBits(product, blocks, { accuracyLevel, bias: biases.of(product) }, rewriter);
    }
    if (!portable && biases.isAddition(node)) return [];
    const weight = embeddings === false ? undefined : tableOf(node, tables);
    if (weight === undefined || weight.inFeatures % blockSize !== 0) return undefined;
    if (embeddings === "tied" && !weights.has(weight.name)) return undefined;
    return gatherBlockQuantized(node, weight, quantized(weight, rewriter), rewriter);
  };
  return rewriteGraph(model, replace, [contribDomain]);
}

/** The table whose rows a node gathers, if it is a constant matrix. */
function tableOf(node: OnnxNode, tables: ReturnType<typeof constantsOf>): ConstantWeight | undefined {
  if (node.opType !== "Gather" || (node.domain ?? "") !== "" || numberOf(node, "axis", 0) !== 0) return undefined;
  const tensor = tables.get(node.inputs[0]);
  if (tensor?.dataType !== "float32" || tensor.dims.length !== 2 || tensor.dims.includes(0)) return undefined;
  const [outFeatures, inFeatures] = tensor.dims;
  return { name: tensor.name, outFeatures, inFeatures, transposed: false, tensor };
}

function checkPortable({ opsetImports }: OnnxModel, embeddings: boolean | "tied"): void {
  if (embeddings !== false) {
    throw new RangeError("quantizeModel: expected embeddings to be false where portable is true, got both");
  }
  const opset = opsetImports.find(({ domain }) => domain === "")?.version ?? 0;
  if (opset < 21) {
    throw new RangeError(
      `quantizeModel: expected a model of opset 21 or more (it brought blocks to DequantizeLinear), got ${opset}`,
    );
  }
}
