import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import {
  decodeSafetensors,
  encodeSafetensors,
  safetensorsEntry,
  type SafetensorsEntry,
  stateDict,
} from "@llm-learning/nn-core";
import { loadModel, openRun, readCheckpoint, resolveConfig, runPaths, train, UsageError } from "@llm-learning/trainer";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { resumedConfig } from "../../src/config/configHash.ts";
import { tinyConfig, type TinyFolder, tinyFolder, tinyText } from "../tinyRun.ts";

let tiny: TinyFolder;
let count = 0;
/** A fresh copy of a run that was stopped at step 4 of 20. */
let root: string;
beforeAll(async () => {
  tiny = tinyFolder();
  const stop = new AbortController();
  await train({
    config: tinyConfig(tiny.data),
    out: tiny.path("stopped"),
    signal: stop.signal,
    onEvent: (event) => event.type === "metrics" && event.metrics.step === 3 && stop.abort(),
  });
});
afterAll(() => tiny.remove());
beforeEach(() => {
  root = tiny.path(`run-${count++}`);
  cpSync(tiny.path("stopped"), root, { recursive: true });
});

async function resumeError(): Promise<string> {
  const before = readFileSync(runPaths(root).config, "utf8");
  const error: unknown = await train({ resume: true, out: root }).then(
    () => new Error("expected a UsageError, got none"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UsageError)) throw error;
  expect(readFileSync(runPaths(root).config, "utf8")).toBe(before);
  return error.message;
}

/** Rewrites the last checkpoint. */
function edit(change: (tensors: Map<string, SafetensorsEntry>, state: Record<string, unknown>) => void): void {
  const { last } = runPaths(root);
  const { tensors, metadata } = decodeSafetensors(readFileSync(last));
  const state = JSON.parse(metadata.trainingState) as Record<string, unknown>;
  change(tensors, state);
  writeFileSync(last, encodeSafetensors(tensors, { trainingState: JSON.stringify(state) }));
}

describe("a checkpoint", () => {
  it("holds weights, both moments, and what else decides the future", async () => {
    const { last, best } = runPaths(root);
    const checkpoint = await readCheckpoint(last);
    expect(checkpoint?.state).toMatchObject({ version: 1, step: 4, best: { step: 0 }, risingEvaluations: 0 });
    const names = [...(checkpoint?.weights.keys() ?? [])];
    expect(names).toContain("blocks.0.attention.output.weight");
    expect([...(checkpoint?.optimizer?.firstMoments?.keys() ?? [])].toSorted()).toEqual(names.toSorted());
    expect([...(checkpoint?.optimizer?.secondMoments?.keys() ?? [])].toSorted()).toEqual(names.toSorted());
    expect((await readCheckpoint(best))?.optimizer).toBeUndefined();
    expect(await readCheckpoint(tiny.path("none"))).toBeUndefined();
  });

  it("comes back as the model's weights", async () => {
    const run = await openRun(root);
    const { model, step, valLoss } = await loadModel(run, "last");
    const weights = (await readCheckpoint(run.paths.last))?.weights;
    expect({ step, valLoss }).toEqual({ step: 4, valLoss: undefined });
    expect(stateDict(model).get("tokenEmbedding.weight")?.data).toEqual(weights?.get("tokenEmbedding.weight")?.data);
  });

  it("is refused at every length that it can be cut to", async () => {
    const { last } = runPaths(root);
    const bytes = readFileSync(last);
    for (const length of [0, 7, 8, 100, 2000, bytes.length - 4, bytes.length - 1]) {
      writeFileSync(last, bytes.subarray(0, length));
      await expect(readCheckpoint(last), `cut to ${length} bytes`).rejects.toThrow(UsageError);
    }
    expect(await resumeError()).toMatch(/^expected .*, got .* \(in ".*last.safetensors"\)$/s);
  });

  it("is refused with tensors of other shapes", async () => {
    edit((tensors) => {
      const { data } = tensors.get("model.norm.weight")!;
      tensors.set("model.norm.weight", { dtype: "F32", shape: [4, 4], data });
    });
    expect(await resumeError()).toMatch(/^expected \[16\] for "norm.weight", got \[4, 4\]/);
  });

  it("is refused with a tensor too few or too many", async () => {
    edit((tensors) => tensors.delete("model.norm.weight"));
    expect(await resumeError()).toMatch(
      /^expected the \d+ weights of the run's config.json and tokenizer.json, got \d+/,
    );
    edit((tensors) => tensors.set("model.other", safetensorsEntry(new Float32Array(16), [16])));
    expect(await resumeError()).toMatch(/^expected the \d+ parameters of the model, got 1 missing .* and 1 unknown/);
    edit((tensors) => tensors.set("other", safetensorsEntry(new Float32Array(1), [1])));
    expect(await resumeError()).toMatch(
      /^expected tensors named model.\*, optimizer.\* or average.\*, got "other" \(in /,
    );
  });

  it("is refused without moments, with moments of other lengths, or in another dtype", async () => {
    edit((tensors) => tensors.set("optimizer.firstMoment.norm.weight", safetensorsEntry(new Float32Array(3), [3])));
    expect(await resumeError()).toMatch(/^expected a first moment of 16 values for "norm.weight", got 3 \(in /);
    edit((tensors) => {
      for (const name of tensors.keys()) if (name.startsWith("optimizer.")) tensors.delete(name);
    });
    expect(await resumeError()).toMatch(/^expected a checkpoint with the optimizer's moments, got none \(in /);
    edit((tensors) => tensors.set("model.norm.weight", safetensorsEntry(new Float64Array(16), [16])));
    expect(await resumeError()).toMatch(/^expected F32 tensors, got F64 in "model.norm.weight" \(in /);
  });

  it.each([
    ["step", -1, /^expected a valid trainingState, got trainingState.step: /],
    ["step", 1e9, /^expected maxSteps of at least 1000000000, the steps already taken, got 20 \(in /],
    ["samplerState", null, /^expected a valid trainingState, got trainingState.samplerState: /],
    ["configHash", "0", /^expected a checkpoint of the run's config.json, got one of another configuration \(in /],
    [
      "dataHash",
      "0",
      /^expected the tokens that the run began with, got others: give its text with --data, and leave its /,
    ],
    ["version", 2, /^expected a valid trainingState, got trainingState.version: /],
    ["other", 2, /^expected a valid trainingState, got trainingState: /],
  ])("is refused with a state in which %s is %j", async (key, value, message) => {
    edit((_, state) => (state[key] = value));
    expect(await resumeError()).toMatch(message);
  });

  it("is refused with no state, or one that is not JSON", async () => {
    const { last } = runPaths(root);
    const { tensors } = decodeSafetensors(readFileSync(last));
    writeFileSync(last, encodeSafetensors(tensors));
    expect(await resumeError()).toMatch(/^expected trainingState in a checkpoint's metadata, got none \(in /);
    writeFileSync(last, encodeSafetensors(tensors, { trainingState: "{" }));
    expect(await resumeError()).toMatch(/^expected trainingState in JSON, got something else \(in /);
  });
});

describe("resuming", () => {
  it("refuses a change that would make it another run, and takes the same value again", async () => {
    await expect(train({ resume: true, out: root, config: { learningRate: 0.5 } })).rejects.toThrow(
      "expected learningRate 0.008, as the run to be resumed has it, got 0.5: leave it out, or begin another run without --resume",
    );
    await expect(train({ resume: true, out: root, config: { preset: "nanogpt-cpu" } })).rejects.toThrow(
      'expected preset "quickstart", as the run to be resumed has it, got "nanogpt-cpu"',
    );
    await expect(train({ resume: true, out: root, config: { learningRate: 0.008, maxSteps: 3 } })).rejects.toThrow(
      "expected maxSteps of at least 4, the steps already taken, got 3",
    );
    await expect(train({ resume: true })).rejects.toThrow("expected --out RUN, the run to resume, got none");
  });

  it("refuses what no run can have before it is written down, and names a key that the run has not", () => {
    const config = resolveConfig({ model: "bigram" });
    expect(() => resumedConfig(config, { activationCheckpointing: true })).toThrow(
      new UsageError("expected activationCheckpointing only with model gpt or llama, got model bigram"),
    );
    expect(() => resumedConfig(config, { maxSteps: -1 })).toThrow(/^expected maxSteps to be an integer from 1 to /);
    expect(() => resumedConfig(config, { matrixRate: 1 })).toThrow(
      "expected no matrixRate, as the run to be resumed has it, got 1: leave it out, or begin another run without --resume",
    );
  });

  it("refuses a text that has changed, and finds it again where it has moved", async () => {
    writeFileSync(tiny.path("changed.txt"), tinyText.replace("3 men", "4 men"));
    await expect(train({ resume: true, out: root, config: { data: tiny.path("changed.txt") } })).rejects.toThrow(
      "expected the tokens that the run began with, got others: give its text with --data",
    );
    writeFileSync(tiny.path("moved.txt"), tinyText);
    const config = { data: tiny.path("moved.txt"), sampleCount: 0 };
    await expect(train({ resume: true, out: root, config })).resolves.toMatchObject({ status: "finished", step: 20 });
    expect((await openRun(root)).config.data).toBe(tiny.path("moved.txt"));
  });

  it("is refused where the checkpoint of a run that has trained is gone, and nothing is written", async () => {
    const root = tiny.path("robbed");
    await train({ config: { ...tinyConfig(tiny.data), maxSteps: 4, sampleCount: 0 }, out: root });
    const { last, metrics, best } = runPaths(root);
    rmSync(last);
    const before = [metrics, best].map((path) => readFileSync(path, "hex"));
    await expect(train({ resume: true, out: root })).rejects.toThrow(
      /^expected ".*last.safetensors", the checkpoint to go on from, got none, though ".*metrics.jsonl" tells of training: put it back/,
    );
    rmSync(metrics);
    await expect(train({ resume: true, out: root })).rejects.toThrow(/though ".*best.safetensors" tells of training/);
    writeFileSync(metrics, Buffer.from(before[0], "hex"));
    expect([metrics, best].map((path) => readFileSync(path, "hex"))).toEqual(before);
  });

  it("drops lines of metrics that its checkpoint knows nothing of, and a line that was cut short", async () => {
    const { metrics } = runPaths(root);
    const text = readFileSync(metrics, "utf8");
    writeFileSync(metrics, `${text}{"step":4,"trainLoss":1,"elapsedSeconds":9}\n{"step":5,"tra`);
    await train({ resume: true, out: root, config: { sampleCount: 0 } });
    const lines = readFileSync(metrics, "utf8");
    expect(lines.startsWith(text)).toBe(true);
    expect(lines.trimEnd().split("\n")).toHaveLength(21);
  });
});

describe("a checkpoint of SGD", () => {
  const sgd = { optimizer: "sgd", sampleCount: 0, maxSteps: 3 } as const;

  it("holds no more than weights and steps, and the directions where there is momentum", async () => {
    await train({ config: { ...tinyConfig(tiny.data), ...sgd }, out: tiny.path("plain") });
    const plain = await readCheckpoint(runPaths(tiny.path("plain")).last);
    expect(plain?.optimizer).toEqual({ step: 3, momentumBuffers: new Map() });
    await train({ config: { ...tinyConfig(tiny.data), ...sgd, momentum: 0.9 }, out: tiny.path("momentum") });
    const { last, best } = runPaths(tiny.path("momentum"));
    const momentum = await readCheckpoint(last);
    expect([...(momentum?.optimizer?.momentumBuffers?.keys() ?? [])].toSorted()).toEqual(
      [...(momentum?.weights.keys() ?? [])].toSorted(),
    );
    expect((await readCheckpoint(best))?.optimizer).toBeUndefined();
  });

  it("is refused where its directions are gone", async () => {
    const { last } = runPaths(tiny.path("momentum"));
    const { tensors, metadata } = decodeSafetensors(readFileSync(last));
    for (const name of tensors.keys()) if (name.startsWith("optimizer.")) tensors.delete(name);
    writeFileSync(last, encodeSafetensors(tensors, metadata));
    await expect(train({ resume: true, out: tiny.path("momentum"), config: { maxSteps: 5 } })).rejects.toThrow(
      /^expected a momentum buffer of \d+ values for ".*", got none \(in /,
    );
  });
});

describe("a checkpoint with averages", () => {
  it("holds what Muon and AdamW remember, and the averages, which are the best weights", async () => {
    const config = { ...tinyConfig(tiny.data), optimizer: "muon", averaging: "ema", sampleCount: 0 } as const;
    const { best } = await train({ config, out: tiny.path("averaged") });
    const paths = runPaths(tiny.path("averaged"));
    const last = (await readCheckpoint(paths.last))!;
    expect(last.state.averaged).toBe(20);
    expect([...last.averages.keys()].toSorted()).toEqual([...last.weights.keys()].toSorted());
    const { firstMoments = new Map(), momentumBuffers = new Map() } = last.optimizer!;
    expect([...momentumBuffers.keys()]).toEqual([
      "blocks.0.attention.output.weight",
      "blocks.0.attention.qkv.weight",
      "blocks.0.mlp.expand.weight",
      "blocks.0.mlp.project.weight",
    ]);
    expect(firstMoments.size + momentumBuffers.size).toBe(last.weights.size);
    expect(best?.step).toBe(20);
    const { weights, averages } = (await readCheckpoint(paths.best))!;
    expect(averages.size).toBe(0);
    for (const [name, { data }] of weights) expect(data).toEqual(last.averages.get(name));
    expect(weights.get("norm.weight")?.data).not.toEqual(last.weights.get("norm.weight")?.data);
  });

  it("is refused where averages are gone, or how many steps are in them", async () => {
    const { last } = runPaths(tiny.path("averaged"));
    const { tensors, metadata } = decodeSafetensors(readFileSync(last));
    const state = JSON.parse(metadata.trainingState) as Record<string, unknown>;
    const isAverage = (name: string): boolean => name.startsWith("average.");
    const resumed = (names: readonly string[], averaged: number | undefined): Promise<unknown> => {
      const kept = new Map([...tensors].filter(([name]) => names.includes(name)));
      writeFileSync(last, encodeSafetensors(kept, { trainingState: JSON.stringify({ ...state, averaged }) }));
      return train({ resume: true, out: tiny.path("averaged"), config: { maxSteps: 25 } });
    };
    const all = [...tensors.keys()];
    const first = all.find(isAverage);
    await expect(
      resumed(
        all.filter((name) => name !== first),
        state.averaged as number,
      ),
    ).rejects.toThrow(/^expected an average of \d+ values for ".*", got none \(in /);
    const oneOfBoth =
      /^expected averages of weights and the number of steps in them, or neither, got one of the two \(in /;
    await expect(
      resumed(
        all.filter((name) => !isAverage(name)),
        state.averaged as number,
      ),
    ).rejects.toThrow(oneOfBoth);
    await expect(resumed(all, undefined)).rejects.toThrow(oneOfBoth);
    await expect(resumed(all, 0)).rejects.toThrow(/^expected a valid trainingState, got trainingState.averaged: /);
  });
});

describe("a run from before there were other models", () => {
  it("goes on with the same bits, though its config.json lacks their keys", async () => {
    const config = { ...tinyConfig(tiny.data), sampleCount: 0 };
    await train({ config, out: tiny.path("whole") });
    const { config: path } = runPaths(root);
    const written = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    for (const key of ["model", "optimizer", "lines", "watchInterval", "sampleInterval", "averaging"])
      delete written[key];
    writeFileSync(path, JSON.stringify(written));
    await train({ resume: true, out: root });
    for (const name of ["last", "best"] as const) {
      expect(readFileSync(runPaths(root)[name])).toEqual(readFileSync(runPaths(tiny.path("whole"))[name]));
    }
  });
});
