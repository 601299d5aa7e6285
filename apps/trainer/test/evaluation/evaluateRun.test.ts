import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LanguageModel } from "@llm-learning/models";
import { compile, referenceEngine, type TensorValue, trace } from "@llm-learning/nn-core";
import { causalLMSignature, decodeModel } from "@llm-learning/onnx";
import { createOrtSession } from "@llm-learning/onnx/node";
import { ByteTokenizer, CharacterTokenizer } from "@llm-learning/tokenizers";
import {
  evaluateRun,
  exportModel,
  loadModel,
  openRun,
  readCheckpoint,
  runPaths,
  train,
  UsageError,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { predictedBytes } from "../../src/evaluation/predictedBytes.ts";
import { writeCheckpoint } from "../../src/run/checkpoint.ts";
import { tinyBpe, tinyConfig, type TinyFolder, tinyFolder, tinyText } from "../tinyRun.ts";

let tiny: TinyFolder;
let run: string;
beforeAll(async () => {
  tiny = tinyFolder();
  run = tiny.path("run");
  await train({ config: { ...tinyConfig(tiny.data), maxSteps: 8, sampleCount: 0 }, out: run });
});
afterAll(() => tiny.remove());

/** Loss of every token by the model's own training loss, window by window, on the reference engine. */
async function lossByHand(model: LanguageModel, ids: readonly number[]): Promise<number> {
  const T = model.config.blockSize;
  let nats = 0;
  for (let begin = 0; begin < ids.length - 1; begin += T) {
    const inputs = ids.slice(begin, Math.min(begin + T, ids.length - 1));
    const targets = ids.slice(begin + 1, begin + 1 + inputs.length);
    const spec = { shape: [1, inputs.length], dtype: "int32" } as const;
    const graph = trace({ inputs: spec, targets: spec }, (given) => ({
      loss: model.loss(given.inputs, given.targets),
    }));
    const program = await compile(referenceEngine(), graph);
    const { loss } = await program.run({ inputs: Int32Array.from(inputs), targets: Int32Array.from(targets) });
    nats += Number(loss.data[0]) * inputs.length;
  }
  return nats / (ids.length - 1);
}

/** The same by the file of an exported GPT, on the KV cache of nothing. */
async function exportedLoss(path: string, ids: readonly number[], T: number): Promise<number> {
  const session = await createOrtSession(path, { threads: 1 });
  const { nLayer, nKvHead, headDim, vocabSize } = causalLMSignature(decodeModel(readFileSync(path)));
  const int64 = (values: readonly number[]): TensorValue => ({
    dtype: "int64",
    shape: [1, values.length],
    data: BigInt64Array.from(values, BigInt),
  });
  const past = Array.from({ length: nLayer }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  const empty: TensorValue = { dtype: "float32", shape: [1, nKvHead, 0, headDim], data: new Float32Array(0) };
  let nats = 0;
  for (let begin = 0; begin < ids.length - 1; begin += T) {
    const inputs = ids.slice(begin, Math.min(begin + T, ids.length - 1));
    const { logits } = await session.run({
      input_ids: int64(inputs),
      attention_mask: int64(inputs.map(() => 1)),
      position_ids: int64(inputs.map((_, position) => position)),
      ...Object.fromEntries(past.map((name) => [`past_key_values.${name}`, empty])),
    });
    inputs.forEach((_, i) => {
      const row = (logits.data as Float32Array).subarray(i * vocabSize, (i + 1) * vocabSize);
      const sum = row.reduce((total, value) => total + Math.exp(value), 0);
      nats += Math.log(sum) - row[ids[begin + i + 1]];
    });
  }
  await session.dispose();
  return nats / (ids.length - 1);
}

describe("the loss of a run over a text", () => {
  it.each([
    ["val", (length: number) => [Math.floor(0.9 * length), length]],
    ["train", (length: number) => [0, Math.floor(0.9 * length)]],
    ["all", (length: number) => [0, length]],
  ] as const)("is that of every token of the %s part, the first aside", async (split, boundsOf) => {
    const opened = await openRun(run);
    const { model, step } = await loadModel(opened, "best");
    const ids = [...opened.tokenizer.encode(tinyText)];
    const part = ids.slice(...boundsOf(ids.length));
    const progress: number[] = [];
    const result = await evaluateRun(run, { split, onProgress: (tokens, of) => progress.push(tokens / of) });
    const expected = await lossByHand(model, part);
    // Roundings of 6e-8 in losses of 3; the mean over a window is rounded once more.
    expect(result.loss).toBeCloseTo(expected, 5);
    expect(result).toMatchObject({ split, step, tokens: part.length - 1, bytes: part.length - 1, data: tiny.data });
    expect(result.perplexity).toBeCloseTo(Math.exp(expected), 3);
    expect(result.bitsPerByte).toBeCloseTo(expected / Math.log(2), 5);
    expect(progress.at(-1)).toBe(1);
  });

  it("of a model that knows nothing is ln of the vocabulary's size, and counts the bytes of UTF-8", async () => {
    const text = "añ漢🙂".repeat(50);
    writeFileSync(tiny.path("utf8.txt"), text);
    const out = tiny.path("uniform");
    await train({ config: { ...tinyConfig(tiny.path("utf8.txt")), maxSteps: 1, sampleCount: 0 }, out });
    const { best } = runPaths(out);
    const { state, weights } = (await readCheckpoint(best))!;
    const zeros = [...weights].map(
      ([name, { shape, data }]) => [name, { shape, data: new Float32Array(data.length) }] as const,
    );
    await writeCheckpoint(best, { state, weights: new Map(zeros) });
    const result = await evaluateRun(out, { split: "all" });
    expect(result.loss).toBeCloseTo(Math.log(4), 6);
    expect(result.perplexity).toBeCloseTo(4, 5);
    // 200 characters of 1, 2, 3 and 4 bytes, without the first: 2 bits each.
    expect(result).toMatchObject({ tokens: 199, bytes: 499 });
    expect(result.bitsPerByte).toBeCloseTo((2 * 199) / 499, 6);
  });

  it("may be asked of another text, as a whole or in part, shorter than the context too", async () => {
    writeFileSync(tiny.path("other.txt"), "men went to mow");
    expect(await evaluateRun(run, { data: tiny.path("other.txt") })).toMatchObject({ split: "all", tokens: 14 });
    expect(await evaluateRun(run, { data: tiny.path("other.txt"), split: "val" })).toMatchObject({ tokens: 1 });
  });

  it("may be measured with the weights in fewer bits too, each form as its exported file has them", async () => {
    const plain = await evaluateRun(run);
    const result = await evaluateRun(run, { quantize: ["fp16", "q4"] });
    expect(plain.quantized).toBeUndefined();
    expect(result.loss).toBe(plain.loss);
    const [fp16, q4] = result.quantized!;
    expect([fp16.form, q4.form]).toEqual(["fp16", "q4"]);
    const opened = await openRun(run);
    const { model } = await loadModel(opened, "best");
    const { tokenizer } = opened;
    const { outDir } = await exportModel({ model, tokenizer, outDir: tiny.path("forms"), quantize: ["fp16", "q4"] });
    const ids = [...tokenizer.encode(tinyText)].slice(Math.floor(0.9 * tinyText.length));
    for (const { form, loss, perplexity, change, weightBytes } of [fp16, q4]) {
      const expected = await exportedLoss(join(outDir, `onnx/model_${form}.onnx`), ids, model.config.blockSize);
      // float32 sums in another order; a file's rows of a window are computed alone.
      expect(loss).toBeCloseTo(expected, 4);
      expect(perplexity).toBe(Math.exp(loss));
      expect(change).toBeCloseTo(perplexity / result.perplexity - 1, 10);
      expect(weightBytes).toBeLessThan(0.7 * result.weightBytes);
    }
    expect(Math.abs(fp16.change)).toBeLessThan(0.001);
    expect(Math.abs(q4.change)).toBeLessThan(0.1);
  });

  it("is not that of a text that has changed since, unless it is asked for", async () => {
    const path = tiny.path("changing.txt");
    const out = tiny.path("changing");
    writeFileSync(path, tinyText);
    await train({ config: { ...tinyConfig(path), maxSteps: 1, sampleCount: 0 }, out });
    expect(await evaluateRun(out)).toMatchObject({ split: "val", data: path });
    writeFileSync(path, `${tinyText}men`);
    await expect(evaluateRun(out)).rejects.toThrow(
      new UsageError(`expected the text that the run was trained on, got another in ${JSON.stringify(path)}`),
    );
    expect(await evaluateRun(out, { data: path })).toMatchObject({ split: "all", data: path });
  });

  it("refuses texts that it cannot be asked of", async () => {
    writeFileSync(tiny.path("short.txt"), "m");
    writeFileSync(tiny.path("greek.txt"), "men λ");
    const evaluate = (name: string) => evaluateRun(run, { data: tiny.path(name) });
    await expect(evaluate("short.txt")).rejects.toThrow(
      "expected at least 2 tokens in the all part of the text, got 1",
    );
    await expect(evaluate("greek.txt")).rejects.toThrow(/^expected a text in characters .* got "λ" \(U\+03BB\)/);
    await expect(evaluate("none.txt")).rejects.toThrow(/which does not exist/);
    for (const name of ["short.txt", "greek.txt", "none.txt"]) {
      await expect(evaluate(name)).rejects.toThrow(UsageError);
    }
  });

  it("ends when its signal says so", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(evaluateRun(run, { signal })).rejects.toThrow("enough");
  });
});

describe("the bytes that are predicted", () => {
  it("are those of the text without its first token, whatever a token is", () => {
    expect(predictedBytes("漢aé🙂", CharacterTokenizer.fromCharacters("a漢é🙂"))).toBe(7);
    expect(predictedBytes("漢a", CharacterTokenizer.fromCharacters(["a", "<unk>"], { unknown: "<unk>" }))).toBe(1);
    expect(predictedBytes("漢a", new ByteTokenizer())).toBe(3);
    expect(predictedBytes("<|endoftext|>a", new ByteTokenizer({ specialTokens: ["<|endoftext|>"] }))).toBe(1);
    expect(predictedBytes("漢 men", tinyBpe())).toBe(6);
    expect(predictedBytes(" men went", tinyBpe())).toBe(5);
  });
});
