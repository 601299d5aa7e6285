import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { compile, parameterCount, referenceEngine, trace } from "@llm-learning/nn-core";
import { decodeModel, encodeModel } from "@llm-learning/onnx";
import { createOrtSession } from "@llm-learning/onnx/node";
import "@llm-learning/testing/toBeAllclose";
import {
  evaluateRun,
  generateSamples,
  loadModel,
  openRun,
  readCheckpoint,
  resolveConfig,
  runPaths,
  train,
  type TrainConfig,
  type TrainingEvent,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildModel } from "../../src/model/buildModel.ts";
import { modelKinds, modelNames } from "../../src/model/modelKinds.ts";
import { modelParameterCount } from "../../src/model/modelSize.ts";
import { checkpointDigests, timelessMetrics, type TinyFolder, tinyFolder } from "../tinyRun.ts";

/** Forty names with something to learn in them; 32 train, 4 validate, 4 test. */
const names = ["an", "bel", "cor", "dan", "el"].flatMap((start) =>
  ["a", "ia", "ina", "is", "or", "us", "ette", "o"].map((end) => start + end),
);

/** By CPython 3.11: random.seed(42); random.shuffle(names); names[32:36] */
const validation = ["anus", "anette", "bela", "belette"];

let tiny: TinyFolder;
let data: string;
beforeAll(() => {
  tiny = tinyFolder();
  data = tiny.path("names.txt");
  writeFileSync(data, `${names.join("\n")}\n`);
});
afterAll(() => tiny.remove());

const small = {
  batchSize: 8,
  maxSteps: 12,
  evalInterval: 5,
  evalBatches: 100,
  logInterval: 1,
  checkpointInterval: 4,
  sampleCount: 2,
  threads: 1,
} as const;

/** Every kind of model, on names, by a preset made small. */
const onNames: Record<string, Partial<TrainConfig>> = {
  bigram: { preset: "makemore-bigram", batchSize: 0 },
  mlp: { preset: "makemore-mlp", nHidden: 16 },
  "mlp with BatchNorm": { preset: "makemore-mlp-batchnorm", nHidden: 16 },
  "deep-mlp": { preset: "makemore-deep-mlp", nHidden: 16 },
  wavenet: { preset: "makemore-wavenet", nEmbd: 4, nHidden: 16 },
  conv: { preset: "makemore-conv", nEmbd: 8, learningRate: 0.01 },
  rnn: { preset: "makemore-rnn", nEmbd: 8, nHidden: 8 },
  gru: { preset: "makemore-gru", nEmbd: 8, nHidden: 8 },
  gpt: { preset: "makemore-transformer", nLayer: 1, nHead: 2, nEmbd: 8, dropout: 0.1 },
  llama: {
    preset: "makemore-transformer",
    model: "llama",
    nLayer: 1,
    nHead: 2,
    nKeyValueHead: 1,
    nEmbd: 8,
    qkNorm: true,
  },
  ladder: { preset: "makemore-rnn", model: "ladder", nEmbd: 8, nHead: 2 },
  "mlp by SGD with momentum": { preset: "makemore-mlp", nHidden: 16, momentum: 0.9, nesterov: true },
};

const configOf = (kind: string): Partial<TrainConfig> => ({ ...small, data, ...onNames[kind] });

describe.each(Object.keys(onNames))("on names, %s", (kind) => {
  const out = `whole ${kind}`;

  it("trains, validates on every held-out name, exports and writes names", async () => {
    const events: TrainingEvent[] = [];
    const outcome = await train({
      config: configOf(kind),
      out: tiny.path(out),
      onEvent: (event) => events.push(event),
    });
    expect(outcome).toMatchObject({ status: "finished", step: 12 });
    const lines = timelessMetrics(tiny.path(out));
    expect(lines).toHaveLength(13);
    expect(lines[12].valLoss).toBeLessThan(lines[0].valLoss ?? NaN);

    // The exact loss of the whole split is what the evaluation during training had, in one batch or many.
    const evaluation = await evaluateRun(tiny.path(out), { split: "val", threads: 1 });
    expect(evaluation.loss).toBeCloseTo(outcome.best?.valLoss ?? NaN, 5);
    // Every letter and every end of a name.
    expect(evaluation.tokens).toBe(validation.join("\n").length + 1);
    expect(evaluation.bytes).toBe(evaluation.tokens);

    const samples = events.flatMap((event) => (event.type === "sample" ? [event.text] : []));
    for (const text of samples) expect(text).not.toContain("\n");
  });

  it("goes on bit for bit after a stop, and after a kill two steps behind its last checkpoint", async () => {
    const [parts, killed] = [tiny.path(`parts ${kind}`), tiny.path(`killed ${kind}`)];
    const stop = new AbortController();
    const onEvent = (event: TrainingEvent): void => {
      if (event.type !== "metrics" || event.metrics.step !== 6) return;
      // What a kill would leave: the checkpoint of step 4, and lines of metrics that it knows nothing of.
      cpSync(parts, killed, { recursive: true });
      rmSync(runPaths(killed).lock);
      stop.abort();
    };
    expect(await train({ config: configOf(kind), out: parts, signal: stop.signal, onEvent })).toMatchObject({
      step: 7,
    });
    for (const root of [parts, killed]) {
      await train({ resume: true, out: root });
      expect(checkpointDigests(root)).toEqual(checkpointDigests(tiny.path(out)));
      expect(timelessMetrics(root)).toEqual(timelessMetrics(tiny.path(out)));
    }
  });

  it("writes the same names for the same seed, however many there are, and goes on from a prompt", async () => {
    const model = runPaths(tiny.path(out)).model;
    const options = { seed: 3, temperature: 1, maxTokens: 12 };
    const { samples } = await generateSamples(model, { ...options, count: 5 });
    const again = await generateSamples(model, { ...options, count: 2 });
    expect(again.samples).toEqual(samples.slice(0, 2));
    const { samples: prompted } = await generateSamples(model, { ...options, prompt: "be" });
    expect(prompted[0].text).not.toContain("\n");
    await expect(generateSamples(model, { ...options, prompt: "a\nb" })).rejects.toThrow(
      'expected the prompt to be the beginning of one line, got "a\\nb"',
    );
    await expect(generateSamples(model, { ...options, prompt: "Z" })).rejects.toThrow('got "Z" (U+005A)');
  });
});

describe("the size of a model", () => {
  it.each(modelNames)("of kind %s is known before there is one", (model) => {
    for (const changes of [{}, { nEmbd: 24 }, { batchNorm: true }]) {
      const known = Object.keys(changes).every((key) => Object.hasOwn(modelKinds[model].defaults, key));
      if (!known) continue;
      const config = resolveConfig({ preset: "makemore-transformer", blockSize: 8, model, ...changes });
      expect(modelParameterCount(config, 27)).toBe(parameterCount(buildModel(config, 27, new Rng(1))));
    }
  });
});

describe("on a text, a model that predicts the last token alone", () => {
  const text = "men went to mow, went to mow a meadow.\n".repeat(20);
  const out = (): string => tiny.path("text");
  const config = { ...small, preset: "makemore-mlp", lines: false, nHidden: 16, blockSize: 4 };

  it("learns from windows and the token after each, and is evaluated on every token with a full window before it", async () => {
    writeFileSync(tiny.path("text.txt"), text);
    const { best } = await train({ config: { ...config, data: tiny.path("text.txt"), maxSteps: 40 }, out: out() });
    const run = await openRun(out());
    const { model } = await loadModel(run, "best");
    expect(best?.step).toBe(40);
    const ids = [...run.tokenizer.encode(text)].slice(Math.floor(0.9 * text.length));
    const count = ids.length - 4;
    const spec = {
      inputs: { shape: [count, 4], dtype: "int32" },
      targets: { shape: [count], dtype: "int32" },
    } as const;
    const graph = trace(spec, ({ inputs, targets }) => ({ loss: model.loss(inputs, targets) }));
    const program = await compile(referenceEngine(), graph);
    const inputs = Int32Array.from({ length: count * 4 }, (_, i) => ids[Math.floor(i / 4) + (i % 4)]);
    const { loss } = await program.run({ inputs, targets: Int32Array.from(ids.slice(4)) });
    const evaluation = await evaluateRun(out(), { threads: 1 });
    // float32, summed in another order
    expect(evaluation.loss).toBeCloseTo(Number(loss.data[0]), 5);
    expect(evaluation).toMatchObject({ split: "val", tokens: count, bytes: count });
  });

  it("writes on from any prompt, short or long", async () => {
    const model = runPaths(out()).model;
    for (const prompt of ["", "m", "went to mow"]) {
      const { samples } = await generateSamples(model, { prompt, maxTokens: 7, seed: 1 });
      expect([...samples[0].text]).toHaveLength(7);
    }
  });

  it("has no test part", async () => {
    await expect(evaluateRun(out(), { split: "test" })).rejects.toThrow(
      "expected split val, train or all, got test: only a run on lines keeps a test part",
    );
  });
});

describe("lines that will not do", () => {
  it.each<[string, string, Partial<TrainConfig>, string]>([
    ["too few of them", "a\nb\n", {}, "expected documents for a training and a validation part, got 2"],
    ["none", "\n\n", {}, "expected documents for a training and a validation part, got 0"],
    [
      "one longer than the model's context",
      `${names.join("\n")}\nmaximiliane\n`,
      { preset: "makemore-rnn", blockSize: 11 },
      "expected blockSize of at least 12, the longest document's 11 tokens and its end, got 11",
    ],
  ])("are refused: %s", async (_, content, changes, message) => {
    const file = tiny.path("bad.txt");
    writeFileSync(file, content);
    const config = { ...small, preset: "makemore-mlp", ...changes, data: file };
    await expect(train({ config, out: tiny.path("bad") })).rejects.toThrow(message);
  });

  it("a run on other lines does not go on", async () => {
    writeFileSync(tiny.path("other.txt"), `${names.toReversed().join("\n")}\n`);
    const config = { data: tiny.path("other.txt"), maxSteps: 20 };
    await expect(train({ resume: true, out: tiny.path("whole mlp"), config })).rejects.toThrow(
      "expected the tokens that the run began with, got others",
    );
  });
});

describe("BatchNorm", () => {
  it("keeps its running statistics in checkpoints, moved by every step and by no evaluation", async () => {
    const statistics = async (name: string): Promise<Float32Array | undefined> =>
      (await readCheckpoint(runPaths(tiny.path(name)).last))?.weights.get("norm.running.mean")?.data;
    await train({ config: { ...configOf("mlp with BatchNorm"), evalInterval: 3 }, out: tiny.path("evaluated") });
    const mean = await statistics("whole mlp with BatchNorm");
    expect(mean?.some((value) => value !== 0)).toBe(true);
    expect(await statistics("evaluated")).toEqual(mean);
  });

  it("is folded away in the exported model, which gives the same scores", async () => {
    const root = tiny.path("whole mlp with BatchNorm");
    const { model } = await loadModel(await openRun(root), "best");
    const file = decodeModel(readFileSync(tiny.path("whole mlp with BatchNorm", "model", "onnx", "model.onnx")));
    expect(file.graph.initializers.map(({ name }) => name).filter((name) => name.startsWith("norm."))).toEqual([]);
    const session = await createOrtSession(encodeModel(file), { threads: 1 });
    const ids = [0, 1, 2, 3, 4, 5];
    const { logits } = await session.run({
      input_ids: { dtype: "int64", shape: [2, 3], data: BigInt64Array.from(ids, BigInt) },
    });
    const graph = trace({ ids: { shape: [2, 3], dtype: "int32" } }, ({ ids: input }) => ({
      logits: model.forward(input).logits,
    }));
    const expected = await (await compile(referenceEngine(), graph)).run({ ids: Int32Array.from(ids) });
    // float32, multiplied in another order
    expect(logits.data as Float32Array).toBeAllclose(expected.logits.data as Float32Array, { atol: 1e-5 });
    await session.dispose();
  });
});
