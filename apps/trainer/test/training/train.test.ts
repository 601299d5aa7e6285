import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { compile, parameterCount, referenceEngine, trace } from "@llm-learning/nn-core";
import {
  loadModel,
  openRun,
  parseMetrics,
  planTraining,
  readCheckpoint,
  resolveConfig,
  runPaths,
  train,
  type TrainConfig,
  type TrainingEvent,
} from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildModel } from "../../src/model/buildModel.ts";
import { checkpointDigests, timelessMetrics, tinyConfig, type TinyFolder, tinyFolder, tinyText } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

/** Trains until a line of metrics of `step` was written, then asks to stop. */
async function trainUntil(step: number, out: string, config: Partial<TrainConfig>): ReturnType<typeof train> {
  const stop = new AbortController();
  const onEvent = (event: TrainingEvent): void => {
    if (event.type === "metrics" && event.metrics.step === step) stop.abort();
  };
  return train({ config, out, signal: stop.signal, onEvent });
}

describe("train", () => {
  it("writes a run: configuration, tokenizer, metrics, checkpoints, the exported model", async () => {
    const out = tiny.path("run");
    const events: TrainingEvent[] = [];
    const outcome = await train({ config: tinyConfig(tiny.data), out, onEvent: (event) => events.push(event) });
    expect(outcome).toMatchObject({ status: "finished", step: 20, checkpointStep: 20 });

    const run = await openRun(out);
    expect(run.config).toEqual(resolveConfig(tinyConfig(tiny.data)));
    expect(run.tokenizer.decode(run.tokenizer.encode(tinyText))).toBe(tinyText);
    expect(existsSync(tiny.path("run", "model", "onnx", "model.onnx"))).toBe(true);
    expect(existsSync(run.paths.lock)).toBe(false);

    const metrics = parseMetrics(readFileSync(run.paths.metrics, "utf8"));
    expect(metrics.map(({ step }) => step)).toEqual(Array.from({ length: 21 }, (_, step) => step));
    expect(metrics.filter(({ valLoss }) => valLoss !== undefined).map(({ step }) => step)).toEqual([0, 8, 16, 20]);
    // New weights are small, so that every token is about as likely as any other.
    expect(metrics[0].trainLoss).toBeCloseTo(Math.log(run.tokenizer.vocabSize), 1);
    expect(metrics[20].trainLoss).toBeLessThan(metrics[0].trainLoss - 0.3);
    expect(outcome).toMatchObject({ trainLoss: metrics[20].trainLoss, valLoss: metrics[20].valLoss });
    expect(outcome.baseline).toMatchObject({ name: expect.stringMatching(/^modified Kneser-Ney/) });
    expect(JSON.parse(readFileSync(run.paths.baseline, "utf8"))).toEqual(outcome.baseline);
    const samples = events.flatMap((event) => (event.type === "sample" ? [event.text] : []));
    expect([...samples.join("")]).toHaveLength(10);
  });

  it("evaluates at evenly spaced places of the validation part, and keeps the weights that do best", async () => {
    const out = tiny.path("run");
    const { best } = await train({ config: { ...tinyConfig(tiny.data), dropout: 0.1 }, out });
    const run = await openRun(out);
    const { model, step, valLoss } = await loadModel(run, "best");
    expect({ step, valLoss }).toEqual(best);

    // The same by hand, on the reference engine: 2 batches of 4 windows, the first at the start, the last at the end.
    const ids = [...run.tokenizer.encode(tinyText)];
    const validation = ids.slice(Math.floor(0.9 * ids.length));
    const T = 16;
    const spec = { shape: [1, T], dtype: "int32" } as const;
    const program = await compile(
      referenceEngine(),
      trace({ inputs: spec, targets: spec }, ({ inputs, targets }) => ({ loss: model.loss(inputs, targets) })),
    );
    let sum = 0;
    for (let window = 0; window < 8; window++) {
      const offset = Math.floor((window * (validation.length - T - 1)) / 7);
      const inputs = Int32Array.from(validation.slice(offset, offset + T));
      const targets = Int32Array.from(validation.slice(offset + 1, offset + T + 1));
      sum += Number((await program.run({ inputs, targets })).loss.data[0]);
    }
    // Two engines sum in different orders: float32 keeps seven digits.
    expect(valLoss).toBeCloseTo(sum / 8, 5);
  });

  it("knows the number of parameters before there is a model", async () => {
    const variants: Partial<TrainConfig>[] = [{}, { bias: true }, { bias: true, qkvBias: false, tieWeights: false }];
    variants.push({ tieWeights: false, outputBias: true }, { nLayer: 3, tokenizer: "byte" });
    for (const variant of variants) {
      const plan = await planTraining({ config: { ...tinyConfig(tiny.data), ...variant }, out: tiny.path("run") });
      const { vocabSize } = plan.data.tokenizer;
      const model = buildModel(plan.config, vocabSize, new Rng(1));
      expect(plan.parameterCount).toBe(parameterCount(model));
    }
    expect(existsSync(tiny.path("run"))).toBe(false);
  });

  it("gives the same bits for the same seed, and others for another", async () => {
    const config = { ...tinyConfig(tiny.data), dropout: 0.2 };
    await train({ config, out: tiny.path("a") });
    await train({ config: { ...config, threads: 2 }, out: tiny.path("b") });
    await train({ config: { ...config, seed: 7 }, out: tiny.path("c") });
    expect(checkpointDigests(tiny.path("b"))).toEqual(checkpointDigests(tiny.path("a")));
    expect(timelessMetrics(tiny.path("b"))).toEqual(timelessMetrics(tiny.path("a")));
    expect(checkpointDigests(tiny.path("c")).last).not.toEqual(checkpointDigests(tiny.path("a")).last);
  });

  // 150 steps of presets, and a busy machine: resume/sameBits.slow.test.ts.
  it.each(["nanogpt-cpu", "qwen3-cpu"])(
    "gives the same bits with 1 and with 2 threads: %s",
    { timeout: 120_000 },
    async (preset) => {
      const sizes = { nHead: 4, nEmbd: 128, batchSize: 12, blockSize: 64 };
      const config = {
        ...tinyConfig(tiny.data),
        ...sizes,
        preset,
        dropout: 0.2,
        maxSteps: 3,
        evalBatches: 1,
        sampleCount: 0,
      };
      await train({ config: { ...config, threads: 1 }, out: tiny.path(`${preset}-1`) });
      await train({ config: { ...config, threads: 2 }, out: tiny.path(`${preset}-2`) });
      expect(checkpointDigests(tiny.path(`${preset}-2`))).toEqual(checkpointDigests(tiny.path(`${preset}-1`)));
      expect(timelessMetrics(tiny.path(`${preset}-2`))).toEqual(timelessMetrics(tiny.path(`${preset}-1`)));
    },
  );

  it.each([
    ["between checkpoints", 3, {}],
    ["at an evaluation", 8, {}],
    ["with dropout", 9, { dropout: 0.2 }],
    ["with dropout and a constant rate", 13, { dropout: 0.2, schedule: "constant" }],
    ["with Muon and an exponential average", 7, { optimizer: "muon", averaging: "ema" }],
    [
      "with Lion, a fall at the end and the mean of the tail",
      15,
      { optimizer: "lion", schedule: "wsd", averaging: "tail" },
    ],
    ["with Adam, before the mean of the tail begins", 9, { optimizer: "adam", schedule: "linear", averaging: "tail" }],
    ["with gradients of several batches", 9, { dropout: 0.2, batchSize: 2, gradientAccumulation: 2 }],
  ] as const)("goes on bit for bit after a stop %s", async (_, step, changes) => {
    const config = { ...tinyConfig(tiny.data), ...changes };
    await train({ config, out: tiny.path("whole") });
    const stopped = await trainUntil(step, tiny.path("parts"), config);
    expect(stopped).toMatchObject({ status: "stopped", step: step + 1, checkpointStep: step + 1 });
    const resumed = await train({ resume: true, out: tiny.path("parts") });
    expect(resumed).toMatchObject({ status: "finished", step: 20 });
    expect(checkpointDigests(tiny.path("parts"))).toEqual(checkpointDigests(tiny.path("whole")));
    expect(timelessMetrics(tiny.path("parts"))).toEqual(timelessMetrics(tiny.path("whole")));
  });

  it("leaves an evaluation that it is stopped in to the session that goes on", async () => {
    const config = { ...tinyConfig(tiny.data), checkpointInterval: 8 };
    await train({ config, out: tiny.path("whole") });
    const stop = new AbortController();
    // The checkpoint of step 8 comes right before its evaluation.
    const onEvent = (event: TrainingEvent): void => {
      if (event.type === "checkpoint" && event.step === 8) stop.abort();
    };
    const stopped = await train({ config, out: tiny.path("parts"), signal: stop.signal, onEvent });
    expect(stopped).toMatchObject({ status: "stopped", step: 8, best: { step: 0 } });
    await train({ resume: true, out: tiny.path("parts") });
    expect(checkpointDigests(tiny.path("parts"))).toEqual(checkpointDigests(tiny.path("whole")));
    expect(timelessMetrics(tiny.path("parts"))).toEqual(timelessMetrics(tiny.path("whole")));
  });

  it("goes on beyond its end as if it had been meant to", async () => {
    const config = { ...tinyConfig(tiny.data), decaySteps: 30 };
    await train({ config: { ...config, maxSteps: 24 }, out: tiny.path("whole") });
    await train({ config: { ...config, maxSteps: 16 }, out: tiny.path("parts") });
    await train({ config: { maxSteps: 24, logInterval: 1 }, resume: true, out: tiny.path("parts") });
    expect(checkpointDigests(tiny.path("parts"))).toEqual(checkpointDigests(tiny.path("whole")));
    expect(timelessMetrics(tiny.path("parts"))).toEqual(timelessMetrics(tiny.path("whole")));
    expect((await openRun(tiny.path("parts"))).config.maxSteps).toBe(24);
  });

  it("begins at step 0 where a run was killed before its first checkpoint", async () => {
    const config = tinyConfig(tiny.data);
    await train({ config, out: tiny.path("whole") });
    await trainUntil(2, tiny.path("parts"), config);
    const { last, best, metrics } = runPaths(tiny.path("parts"));
    for (const path of [last, best, metrics]) rmSync(path);
    await train({ resume: true, out: tiny.path("parts") });
    expect(checkpointDigests(tiny.path("parts"))).toEqual(checkpointDigests(tiny.path("whole")));
    expect(timelessMetrics(tiny.path("parts"))).toEqual(timelessMetrics(tiny.path("whole")));
  });

  it("trains on the reference engine to the same losses as on the native one, up to rounding", async () => {
    const config = { ...tinyConfig(tiny.data), maxSteps: 3, evalBatches: 1 };
    await train({ config, out: tiny.path("native") });
    await train({ config: { ...config, engine: "reference" }, out: tiny.path("reference") });
    const native = timelessMetrics(tiny.path("native"));
    for (const [index, line] of timelessMetrics(tiny.path("reference")).entries()) {
      expect(line.trainLoss).toBeCloseTo(native[index].trainLoss, 4); // float32, after a few updates
      expect(line.gradNorm).toBeCloseTo(native[index].gradNorm, 4);
    }
  });

  it("stops at a loss that is no number, and leaves the last checkpoint as it was", async () => {
    // Weight decay above 1 turns every weight around and makes it larger, until it is no number.
    const config = { learningRate: 500, weightDecay: 10, gradClip: 0, schedule: "constant", warmupSteps: 0 } as const;
    const outcome = await train({ config: { ...tinyConfig(tiny.data), ...config }, out: tiny.path("run") });
    expect(outcome.status).toBe("diverged");
    const checkpoint = await readCheckpoint(runPaths(tiny.path("run")).last);
    expect(checkpoint?.state.step).toBe(outcome.checkpointStep);
    for (const { data } of checkpoint?.weights.values() ?? []) expect(data.every(Number.isFinite)).toBe(true);
    expect(existsSync(tiny.path("run", "model"))).toBe(false);
  });

  it("warns once validation loss has risen three times in a row", async () => {
    // The last tenth has nothing of what the rest teaches, so learning the rest can only harm it.
    writeFileSync(tiny.data, "ab".repeat(450) + "ba".repeat(10) + "aabb".repeat(25));
    const events: TrainingEvent[] = [];
    const config = { ...tinyConfig(tiny.data), learningRate: 0.01, evalInterval: 5, maxSteps: 60, warmupSteps: 0 };
    const { best } = await train({ config, out: tiny.path("run"), onEvent: (event) => events.push(event) });
    const warning = events.find((event) => event.type === "overfitting");
    expect(warning).toMatchObject({ best: { step: best?.step } });
    expect((await readCheckpoint(runPaths(tiny.path("run")).best))?.state.step).toBe(best?.step);
  });
});
