/**
 * Networks that are broken in one way, trained for a moment on the engine that trains: each is named by its first warning, and healthy
 * ones draw none. Two seeds of each; the thresholds were set on three.
 */

import { diagnose, type RunWarning } from "@llm-learning/diagnostics";
import { Rng } from "@llm-learning/init";
import { AdamW, decayGroups, input, SGD, trainableParameters, Training } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
import { resolveConfig } from "../src/config/resolveConfig.ts";
import type { TrainConfig } from "../src/config/trainConfig.ts";
import { buildModel } from "../src/model/buildModel.ts";
// @boundaries-ignore the networks are the diagnostics package's own, and only an app may depend on both it and an engine
import {
  type NetworkOptions,
  train,
  V,
  watchTraining,
  windows,
} from "../../../packages/diagnostics/test/warnings/networks.ts";

const engine = onnxruntimeEngine({ threads: 1 });
const seeds = [1, 2];

async function warningsOf(options: NetworkOptions): Promise<RunWarning[]> {
  return diagnose(await train(engine, options));
}

const sick: readonly (readonly [name: string, code: string, where: string, options: NetworkOptions])[] = [
  ["an output layer 300 times too large", "output-too-large", "logits", { outputGain: 30 }],
  ["tanh layers with four times Kaiming's gain", "saturated-units", "hidden", { gain: 4 }],
  ["relu layers without fan-in scaling", "no-fan-in-scaling", "hidden.3", { kind: "relu", scaleByFanIn: false }],
  ["tanh layers of N(0, 0.02)", "no-fan-in-scaling", "hidden.3", { scaleByFanIn: false, gain: 0.02 }],
  ["relu layers with a bias of -3", "dead-units", "hidden", { kind: "relu", hiddenBias: -3 }],
  ["a learning rate 100 times too high", "learning-rate-too-high", "loss", { learningRate: 10 }],
  ["the same with relu", "learning-rate-too-high", "loss", { kind: "relu", learningRate: 10 }],
  ["a learning rate 100 times too low", "learning-rate-too-low", "loss", { learningRate: 0.001 }],
  ["twelve layers of twice Kaiming's gain", "exploding-gradients", "hidden.0", { kind: "relu", layers: 12, gain: 2 }],
];

describe.each(sick)("%s", (_, code, where, options) => {
  it.each(seeds)(`is named ${code}, seed %i`, async (seed) => {
    const [first] = await warningsOf({ ...options, seed });
    expect(first).toMatchObject({ code, where: expect.stringContaining(where) });
    expect(first.message).toMatch(/\d/);
    expect(first.cure.length).toBeGreaterThan(20);
  });
});

describe("a healthy network draws no warning", () => {
  it.each(seeds.flatMap((seed) => (["tanh", "relu"] as const).map((kind) => [kind, seed] as const)))(
    "%s, seed %i",
    async (kind, seed) => {
      expect(await warningsOf({ kind, seed })).toEqual([]);
    },
  );

  it("eight tanh layers", async () => {
    expect(await warningsOf({ layers: 8 })).toEqual([]);
  });
});

describe("the presets", () => {
  it.each([
    ["makemore-mlp-raw", ["saturated-units", "output-too-large"]],
    ["makemore-mlp-logits", ["saturated-units"]],
    ["makemore-mlp-tanh", []],
    ["makemore-mlp", []],
    ["makemore-mlp-batchnorm", []],
    ["makemore-deep-mlp", []],
    ["makemore-deep-mlp-plain", []],
    ["makemore-rnn", []],
    ["makemore-bigram", []],
    ["one-head", []],
  ] as const)("%s draws %j: the lectures' networks heal one by one", async (preset, codes) => {
    const warnings = await warningsOfPreset({ preset }, 32);
    expect(warnings.map(({ code }) => code)).toEqual(codes);
  });

  it("quickstart, a GPT, draws none at its full learning rate from the first step on", async () => {
    // Short windows, for the sake of time.
    expect(await warningsOfPreset({ preset: "quickstart", blockSize: 16 }, 4)).toEqual([]);
  });
});

/** Trains a preset's model with its optimizer on the synthetic characters, `rows` windows a batch, without a schedule. */
async function warningsOfPreset(changes: Partial<TrainConfig>, rows: number): Promise<RunWarning[]> {
  const config = resolveConfig(changes);
  const { learningRate, beta2 = 0.999, weightDecay } = config;
  const model = buildModel(config, V, new Rng(1));
  const { blockSize: length } = model.config;
  const { predicts } = model;
  const rng = new Rng(2);
  const targets = input("targets", predicts === "every" ? [rows, length] : [rows], "int32");
  const loss = model.loss(input("inputs", [rows, length], "int32"), targets, new Training());
  const groups = decayGroups(model, weightDecay);
  const optimizer = config.optimizer === "sgd" ? new SGD(groups) : new AdamW(groups, { beta2 });
  const parameters = trainableParameters(model);
  const feeds = () => windows(rng, { rows, length, predicts });
  return diagnose(await watchTraining(engine, { loss, parameters, optimizer, learningRate, feeds, steps: 56 }));
}
