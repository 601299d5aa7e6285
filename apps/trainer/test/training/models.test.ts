import { writeFileSync } from "node:fs";
import {
  evaluateRun,
  generateSamples,
  runPaths,
  train,
  type TrainConfig,
  type TrainingEvent,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpointBytes, timelessMetrics, type TinyFolder, tinyFolder } from "../tinyRun.ts";

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
  conv: { preset: "makemore-conv", nEmbd: 8 },
  rnn: { preset: "makemore-rnn", nEmbd: 8, nHidden: 8 },
  gru: { preset: "makemore-gru", nEmbd: 8, nHidden: 8 },
  gpt: { preset: "makemore-transformer", nLayer: 1, nHead: 2, nEmbd: 8, dropout: 0.1 },
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

  it("goes on bit for bit after a stop", async () => {
    const parts = tiny.path(`parts ${kind}`);
    const stop = new AbortController();
    const onEvent = (event: TrainingEvent): void => {
      if (event.type === "metrics" && event.metrics.step === 6) stop.abort();
    };
    expect(await train({ config: configOf(kind), out: parts, signal: stop.signal, onEvent })).toMatchObject({
      step: 7,
    });
    await train({ resume: true, out: parts });
    expect(checkpointBytes(parts)).toEqual(checkpointBytes(tiny.path(out)));
    expect(timelessMetrics(parts)).toEqual(timelessMetrics(tiny.path(out)));
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
