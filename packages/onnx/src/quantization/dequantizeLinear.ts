/**
 * A weight in blocks in standard ONNX (opset 21): DequantizeLinear with an axis and a block size, and a plain MatMul after it.
 *
 * The weight lies as MatMul wants it, [inFeatures, outFeatures], so that blocks run along axis 0. Levels are signed where 0
 * is in the middle (int4, int8), else unsigned with zero points.
 *
 * @see https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html
 */

import type { OnnxNode } from "../format/model.ts";
import { int } from "../lowering/attributes.ts";
import type { BlockQuantizedWeight } from "./blockQuantization.ts";
import { type ConstantProduct, type ConstantWeight, withBias } from "./constantProduct.ts";
import { unpackLevels, unpackZeroPoints } from "./dequantizeBlocks.ts";
import type { GraphRewriter } from "./rewriteGraph.ts";
import { transposedMatrix } from "./transposedMatrix.ts";

/** y = MatMul(x, DequantizeLinear(levels, scales, zeroPoints)) + bias */
export function dequantizeLinear(
  product: ConstantProduct,
  blocks: BlockQuantizedWeight,
  rewriter: GraphRewriter,
): readonly OnnxNode[] {
  const { node, x, weight } = product;
  // A product of its own for each use, since the runtime fuses only values that one node reads.
  const value = rewriter.claim(`${weight.name}.values`);
  return withBias(product, rewriter, (output) => [
    {
      opType: "DequantizeLinear",
      name: value,
      inputs: storedBlocks(weight, blocks, rewriter),
      outputs: [value],
      attributes: { axis: int(0), block_size: int(blocks.blockSize) },
    },
    {
      opType: "MatMul",
      ...(node.name !== undefined && { name: node.name }),
      inputs: [x, value],
      outputs: [output],
      attributes: {},
    },
  ]);
}

function storedBlocks(
  { name, transposed }: ConstantWeight,
  blocks: BlockQuantizedWeight,
  rewriter: GraphRewriter,
): readonly string[] {
  const { outFeatures, inFeatures, bits, blockSize, scales, zeroPoints } = blocks;
  return rewriter.once(`stored ${transposed} ${name}`, () => {
    const perRow = Math.ceil(inFeatures / blockSize);
    const isSigned = zeroPoints === undefined;
    const type = `${isSigned ? "" : "u"}int${bits}` as const;
    // The top bit of a level, flipped, is the sign of its distance from the middle.
    const flip = isSigned ? 2 ** (bits - 1) : 0;
    const pack = (levels: Uint8Array): Uint8Array =>
      packLevels(
        levels.map((level) => level ^ flip),
        bits,
      );
    const levels = pack(transposedMatrix(unpackLevels(blocks), outFeatures, inFeatures));
    const names = [
      rewriter.initializer(`${name}.levels`, type, [inFeatures, outFeatures], levels),
      rewriter.initializer(
        `${name}.scales`,
        "float32",
        [perRow, outFeatures],
        transposedMatrix(scales, outFeatures, perRow),
      ),
    ];
    if (isSigned) return names;
    const points = pack(transposedMatrix(unpackZeroPoints(blocks), outFeatures, perRow));
    return [...names, rewriter.initializer(`${name}.zero_points`, type, [perRow, outFeatures], points)];
  });
}

/** ONNX packs 4-bit elements of the whole tensor in pairs, the first in the low half. */
function packLevels(levels: Uint8Array, bits: 4 | 8): Uint8Array {
  if (bits === 8) return levels;
  const bytes = new Uint8Array(Math.ceil(levels.length / 2));
  for (let i = 0; i < levels.length; i++) bytes[i >> 1] |= levels[i] << (4 * (i & 1));
  return bytes;
}
