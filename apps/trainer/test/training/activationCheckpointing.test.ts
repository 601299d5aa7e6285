import { readdirSync, readFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import type { LanguageModel } from "@llm-learning/models";
import { resolveConfig, train, type TrainConfig, UsageError } from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildModel } from "../../src/model/buildModel.ts";
import { traceStep } from "../../src/training/trainingPrograms.ts";
import { checkpointDigests, timelessMetrics, tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

const B = 2;
const vocabSize = 11;

/** A few layers, long enough for attention in chunks where `blockSize` says so. */
function modelOf(changes: Partial<TrainConfig>): { model: LanguageModel; config: TrainConfig } {
  const sizes = { nLayer: 3, nHead: 2, nEmbd: 16, blockSize: 8 } as const;
  const config = resolveConfig({ preset: "nanogpt-cpu", ...sizes, dropout: 0.2, ...changes });
  return { model: buildModel(config, vocabSize, new Rng(3)), config };
}

/** Loss, norm and gradients of a step as bits, and how often an operator was run. */
async function stepOf(
  changes: Partial<TrainConfig>,
  activationCheckpointing: boolean,
): Promise<{ bits: Record<string, Uint32Array>; softmaxes: number }> {
  const { model, config } = modelOf(changes);
  const { graph, training } = traceStep(model, B, { activationCheckpointing });
  const prefix = activationCheckpointing ? "again" : "kept";
  const program = await onnxruntimeEngine({ threads: 1, profile: tiny.path(prefix) }).compile(graph);
  const inputs = Int32Array.from({ length: B * config.blockSize }, (_, i) => (i * 7) % vocabSize);
  const targets = inputs.map((id) => (id * 3 + 1) % vocabSize);
  const outputs = await program.run({ inputs, targets, ...training.draw(new Rng(5)) });
  const bits = Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, new Uint32Array(data.buffer.slice(0))]),
  );
  await program.dispose();
  const file = readdirSync(tiny.folder).find((name) => name.startsWith(prefix))!;
  const events = JSON.parse(readFileSync(tiny.path(file), "utf8")) as { args?: { op_name?: string } }[];
  return { bits, softmaxes: events.filter(({ args }) => args?.op_name === "Softmax").length };
}

describe("activation checkpointing", () => {
  it.each([
    ["gpt", {}],
    ["gpt with attention in chunks", { blockSize: 520, nLayer: 2, dropout: 0 }],
    ["llama", { model: "llama", nKeyValueHead: 1, qkNorm: true }],
  ] as const)("changes no bit of loss and gradients of %s, and the runtime does not undo it", async (_, changes) => {
    const kept = await stepOf(changes, false);
    const again = await stepOf(changes, true);
    expect(again.bits).toEqual(kept.bits);
    // Attention in chunks of 512 is computed twice as it is, and then three times.
    const { nLayer = 3, blockSize = 8 } = { ...changes } as Partial<TrainConfig>;
    const chunks = Math.ceil(blockSize / 512);
    expect(kept.softmaxes).toBe(chunks * nLayer * (chunks > 1 ? 2 : 1));
    expect(again.softmaxes).toBe(kept.softmaxes + chunks * nLayer);
  });

  it("changes no bit of a run, also where it is watched and resumed with it", async () => {
    const config = {
      ...tinyConfig(tiny.data),
      nLayer: 2,
      dropout: 0.1,
      maxSteps: 12,
      decaySteps: 12,
      watchInterval: 4,
    };
    await train({ config, out: tiny.path("plain") });
    await train({ config: { ...config, activationCheckpointing: true, maxSteps: 5 }, out: tiny.path("again") });
    const { maxSteps } = config;
    await train({ config: { maxSteps, activationCheckpointing: false }, resume: true, out: tiny.path("again") });
    expect(timelessMetrics(tiny.path("again")).slice(-1)).toEqual(timelessMetrics(tiny.path("plain")).slice(-1));
    expect(checkpointDigests(tiny.path("again")).last).toEqual(checkpointDigests(tiny.path("plain")).last);
  });

  it("is refused where a model has no blocks", () => {
    expect(() => resolveConfig({ preset: "makemore-mlp", activationCheckpointing: true })).toThrow(
      new UsageError("expected activationCheckpointing only with model gpt or llama, got model mlp"),
    );
  });
});
