/**
 * A weight in blocks, as ONNX Runtime's own operators read it: MatMulNBits for products, GatherBlockQuantized for rows of a
 * table.
 *
 * @see https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulNBits
 */

import type { OnnxNode } from "../format/model.ts";
import { int } from "../lowering/attributes.ts";
import type { BlockQuantizedWeight } from "./blockQuantization.ts";
import { type ConstantProduct, type ConstantWeight, withBias } from "./constantProduct.ts";
import type { ProductBias } from "./productBias.ts";
import type { GraphRewriter } from "./rewriteGraph.ts";

/** The domain of ONNX Runtime's own operators. */
export const contribDomain = "com.microsoft";

/** y = MatMulNBits(x, levels, scales, zeroPoints, bias); a bias that is not `bias` is added after it. */
export function matMulNBits(
  product: ConstantProduct,
  blocks: BlockQuantizedWeight,
  { accuracyLevel, bias }: { readonly accuracyLevel: number; readonly bias: ProductBias | undefined },
  rewriter: GraphRewriter,
): readonly OnnxNode[] {
  const { outFeatures, inFeatures, bits, blockSize } = blocks;
  const { node, x, weight } = product;
  const [levels, scales, zeroPoints = ""] = storedBlocks(weight, blocks, rewriter);
  const inputs = [x, levels, scales, zeroPoints, "", bias?.bias ?? ""];
  while (inputs.at(-1) === "") inputs.pop();
  const complete = bias === undefined ? product : { ...product, bias: undefined, y: bias.sum };
  return withBias(complete, rewriter, (output) => [
    {
      opType: "MatMulNBits",
      domain: contribDomain,
      ...(node.name !== undefined && { name: node.name }),
      inputs,
      outputs: [output],
      attributes: {
        K: int(inFeatures),
        N: int(outFeatures),
        bits: int(bits),
        block_size: int(blockSize),
        accuracy_level: int(accuracyLevel),
      },
    },
  ]);
}

/** Rows of the table that the blocks stand for, which have to be full ones. */
export function gatherBlockQuantized(
  node: OnnxNode,
  weight: ConstantWeight,
  blocks: BlockQuantizedWeight,
  rewriter: GraphRewriter,
): readonly OnnxNode[] {
  const { outFeatures, inFeatures, bits, blockSize } = blocks;
  const [levels, ...grid] = storedBlocks(weight, blocks, rewriter);
  // Gather takes the bytes of a row as one axis. The reshaping is of a constant, so the runtime does it once.
  const rows = rewriter.claim(`${levels}/rows`);
  const shape = BigInt64Array.of(BigInt(outFeatures), BigInt((inFeatures * bits) / 8));
  const shapeName = rewriter.initializer(`${rows}/shape`, "int64", [2], shape);
  return [
    { opType: "Reshape", name: rows, inputs: [levels, shapeName], outputs: [rows], attributes: {} },
    {
      ...node,
      opType: "GatherBlockQuantized",
      domain: contribDomain,
      inputs: [rows, node.inputs[1], ...grid],
      attributes: { gather_axis: int(0), quantize_axis: int(1), bits: int(bits), block_size: int(blockSize) },
    },
  ];
}

/** The initializers of a weight in blocks: levels, scales, and zero points where it has any. */
function storedBlocks(
  { name, transposed }: ConstantWeight,
  blocks: BlockQuantizedWeight,
  rewriter: GraphRewriter,
): readonly string[] {
  const { outFeatures, inFeatures, bits, blockSize, data, scales, zeroPoints } = blocks;
  return rewriter.once(`stored ${transposed} ${name}`, () => {
    const perRow = Math.ceil(inFeatures / blockSize);
    const dims = [outFeatures, perRow, (blockSize * bits) / 8];
    const names = [
      rewriter.initializer(`${name}.levels`, "uint8", dims, data),
      rewriter.initializer(`${name}.scales`, "float32", [outFeatures, perRow], scales),
    ];
    if (zeroPoints === undefined) return names;
    const packed = [outFeatures, zeroPoints.length / outFeatures];
    return [...names, rewriter.initializer(`${name}.zero_points`, "uint8", packed, zeroPoints)];
  });
}
