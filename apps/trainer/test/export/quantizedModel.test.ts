/**
 * Quantized forms of an exported GPT, run with its KV cache: against the same GPT in float32 whose weights are what the blocks
 * stand for.
 */

import { Rng } from "@llm-learning/init";
import { GPT, type GPTOptions } from "@llm-learning/models";
import { namedParameters, type TensorValue } from "@llm-learning/nn-core";
import {
  causalLMSignature,
  decodeModel,
  dequantizeBlocks,
  encodeModel,
  Generator,
  halfPrecision,
  type OnnxModel,
  quantizeBlocks,
  quantizeDynamically,
  quantizeModel,
} from "@llm-learning/onnx";
import { createOrtSession } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { encodeOnnx } from "../../src/export/encodeOnnx.ts";

const sizes: GPTOptions = { vocabSize: 12, blockSize: 16, nLayer: 2, nHead: 2, nEmbd: 32, init: "torch" };
const gptOf = (): GPT => new GPT(sizes, { rng: new Rng(2) });
const exported = (model: GPT): OnnxModel => decodeModel(encodeOnnx(model, { modelType: "gpt2" }));

/** Logits of a padded batch of two, the first part of it as a prefill and the last tokens on the cache. */
async function logitsOf(model: OnnxModel): Promise<Float32Array> {
  const session = await createOrtSession(encodeModel(model), { threads: 1, strictShapes: true });
  const ids = [0, 3, 1, 4, 1, 5, 9, 2, 6, 5];
  const mask = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1];
  const positions = [0, 0, 1, 2, 3, 0, 1, 2, 3, 4];
  const columns = (values: number[], from: number, to: number): TensorValue => ({
    dtype: "int64",
    shape: [2, to - from],
    data: BigInt64Array.from([...values.slice(from, to), ...values.slice(5 + from, 5 + to)], BigInt),
  });
  const layers = [0, 1].flatMap((layer) => [`${layer}.key`, `${layer}.value`]);
  const empty: TensorValue = { dtype: "float32", shape: [2, 2, 0, 16], data: new Float32Array() };
  const prefill = await session.run({
    input_ids: columns(ids, 0, 4),
    attention_mask: columns(mask, 0, 4),
    position_ids: columns(positions, 0, 4),
    ...Object.fromEntries(layers.map((name) => [`past_key_values.${name}`, empty])),
  });
  const step = await session.run({
    input_ids: columns(ids, 4, 5),
    attention_mask: columns(mask, 0, 5),
    position_ids: columns(positions, 4, 5),
    ...Object.fromEntries(layers.map((name) => [`past_key_values.${name}`, prefill[`present.${name}`]])),
  });
  await session.dispose();
  // Without the logits of the padding, which mean nothing.
  const all = [...(prefill.logits.data as Float32Array), ...(step.logits.data as Float32Array)];
  return Float32Array.from(all.slice(sizes.vocabSize));
}

function relativeError(actual: Float32Array, expected: Float32Array): number {
  const squares = expected.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(actual.reduce((sum, value, i) => sum + (value - expected[i]) ** 2, 0) / squares);
}

const forms = [
  { bits: 4, symmetric: true, blockSize: 32 },
  { bits: 4, symmetric: false, blockSize: 16 },
  { bits: 8, symmetric: true, blockSize: 32 },
] as const;

describe("a quantized GPT", () => {
  it.each(forms)("has the logits of its weights taken from the blocks: %o", async (form) => {
    const model = gptOf();
    const quantized = exported(model);
    for (const { data, shape } of namedParameters(model).values()) {
      if (shape.length === 2) data.set(dequantizeBlocks(quantizeBlocks(data, [shape[0], shape[1]], form)));
    }
    const expected = await logitsOf(exported(model));
    const actual = await logitsOf(quantizeModel(quantized, { ...form, accuracyLevel: 1, embeddings: true }));
    // float32 sums of up to 128 products in another order, through two blocks.
    expect([...actual]).toBeAllclose([...expected], { rtol: 1e-4, atol: 1e-4 });
  });

  it("keeps close to float32 in every form that is written", async () => {
    const model = exported(gptOf());
    const expected = await logitsOf(model);
    const errorOf = async (form: OnnxModel): Promise<number> => relativeError(await logitsOf(form), expected);
    // About twice what was measured: 0.0051, 0.061, 0.061, 0.00021 and 0.0077.
    expect(await errorOf(quantizeModel(model, { bits: 8 }))).toBeLessThan(0.01);
    expect(await errorOf(quantizeModel(model, { bits: 4 }))).toBeLessThan(0.12);
    expect(await errorOf(quantizeModel(model, { bits: 4, portable: true }))).toBeLessThan(0.12);
    expect(await errorOf(halfPrecision(model))).toBeLessThan(0.0005);
    expect(await errorOf(quantizeDynamically(model))).toBeLessThan(0.016);
  });

  it.each([4, 8] as const)("takes the bytes that are computed by hand, at %i bits", (bits) => {
    const { initializers } = halfPrecision(quantizeModel(exported(gptOf()), { bits, blockSize: 32 })).graph;
    const bytesOf = (dataType: string, rank: number): number =>
      initializers
        .filter((tensor) => tensor.dataType === dataType && tensor.dims.length >= rank)
        .reduce((sum, { data }) => sum + data!.length, 0);
    // Rows of 32 are a block, of 128 four: in each of 2 layers 96 of qkv, 32 of the output, 128 and 4 * 32 of the MLP; 12 of the logits.
    const blocks = 2 * (96 + 32 + 128 + 4 * 32) + 12;
    expect(bytesOf("uint8", 3)).toBe(blocks * ((32 * bits) / 8));
    expect(bytesOf("float32", 2)).toBe(blocks * 4);
    // The tables of 12 tokens and 16 positions.
    expect(bytesOf("float16", 2)).toBe(2 * 32 * (12 + 16));
  });

  it("generates with its cache as the float32 one does", async () => {
    const bytes = encodeModel(halfPrecision(quantizeModel(exported(gptOf()), { bits: 8 })));
    const generatorOf = async (model: OnnxModel): Promise<Generator> =>
      new Generator(await createOrtSession(encodeModel(model), { threads: 1 }), causalLMSignature(model));
    const options = { maxTokens: 8, temperature: 0 };
    const [expected] = await (await generatorOf(exported(gptOf()))).generate([[1, 2, 3]], options);
    const [actual] = await (await generatorOf(decodeModel(bytes))).generate([[1, 2, 3]], options);
    expect(actual).toEqual(expected);
  });
});
