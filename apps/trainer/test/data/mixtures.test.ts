import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Batch } from "@llm-learning/datasets";
import {
  evaluateRun,
  openRun,
  planTraining,
  prepareData,
  readCheckpoint,
  resolveConfig,
  train,
  type TrainConfig,
  type TrainingEvent,
  UsageError,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatMixture, mixtureOf } from "../../src/data/dataMixture.ts";
import { evenlySpacedNumbers } from "../../src/training/mixedExamples.ts";
import { absoluteData, dataTitle } from "../../src/training/sourceData.ts";
import { TrainingRun } from "../../src/training/trainingRun.ts";
import { checkpointDigests, timelessMetrics, tinyConfig, type TinyFolder, tinyFolder, tinyText } from "../tinyRun.ts";

let tiny: TinyFolder;
let mixture: string;
beforeAll(async () => {
  tiny = tinyFolder();
  writeFileSync(tiny.path("other.txt"), tinyText.toUpperCase().repeat(3));
  await prepareData({
    inputs: [tiny.path("other.txt")],
    out: tiny.path("tokens"),
    tokenizer: "byte",
    shardTokens: 1000,
  });
  mixture = `${tiny.data}=0.6,${tiny.path("tokens")}=0.4`;
});
afterAll(() => tiny.remove());

describe("a mixture", () => {
  it("is what ends in a weight between all its commas", () => {
    expect(mixtureOf("a.txt=0.7,b/=.3")).toEqual([
      { data: "a.txt", weight: 0.7 },
      { data: "b/", weight: 0.3 },
    ]);
    expect(mixtureOf("moby-dick=2,x=y,z=1")).toEqual([
      { data: "moby-dick", weight: 2 },
      { data: "x=y,z", weight: 1 },
    ]);
    for (const path of ["a.txt", "a=b.txt", "a=1,b", "a=1,", "=1", "a=1x", ""]) {
      expect(mixtureOf(path)).toEqual([{ data: path, weight: 1 }]);
    }
    expect(() => mixtureOf("a=1,b=0")).toThrow("expected weights above 0 in --data, got b=0: leave it out");
    expect(() => mixtureOf("a=1,a=2")).toThrow("expected each data of a mixture once, got a twice");
    expect(() => mixtureOf(`a=1,b=${"9".repeat(400)}`)).toThrow(
      "expected weights of at most 1000000000000 in --data, got b=Infinity",
    );
    expect(dataTitle("/x/a.txt=1,b/=3")).toBe("25% a.txt and 75% b");
  });

  it("is read as it was written, or not written", () => {
    for (const [data, written] of [
      ["a=1,b=0.5", "a=1,b=0.5"],
      ["a=0.0000001,b=1", "a=1e-7,b=1"],
      ["a=0.5", "a=0.5"],
      ["a=1", "a"],
      ["a", "a"],
    ]) {
      expect(formatMixture(mixtureOf(data))).toBe(written);
    }
    for (const data of ["/v=1", "/v=0", "/=1", "/w=1,u/a.txt", "/w=1,u=2/a.txt", "/new\nline=1"]) {
      const parts = [{ data, weight: 1 }];
      expect(mixtureOf(formatMixture(parts))).toEqual(parts);
    }
    const several = [
      { data: "/v=1/a\n.txt", weight: 1 },
      { data: "/v=1/b=2", weight: 3 },
    ];
    expect(mixtureOf(formatMixture(several))).toEqual(several);
    expect(() => formatMixture([{ data: "/w=1,u=2", weight: 1 }])).toThrow(
      'expected a path in which no part of a mixture ends, got "/w=1,u=2": rename what has "=1," in its name',
    );
    expect(() => formatMixture([several[0], { data: "/w=.5e1,u/b.txt", weight: 1 }])).toThrow(
      'expected a path in which no part of a mixture ends, got "/w=.5e1,u/b.txt": rename what has "=.5e1," in its name',
    );
  });

  // Weights 3 and 1 of 8 examples, by hand: 6 of the first, from its first to its last, and 2 of the second.
  it("is evaluated on by its weights", () => {
    const groups = [
      { size: 11, weight: 3 },
      { size: 100, weight: 1 },
    ];
    expect(evenlySpacedNumbers(groups, 8)).toEqual([0, 2, 4, 6, 8, 10, 11, 110]);
    expect(evenlySpacedNumbers([{ size: 5, weight: 1e-9 }, groups[0]], 2)).toEqual([0, 5, 15]);
  });
});

describe("a path that looks like a mixture", () => {
  it("is trained on, resumed and evaluated by that path", async () => {
    for (const folder of ["v=1", "v"]) mkdirSync(tiny.path(folder));
    writeFileSync(tiny.path("v=1", "=1"), tinyText);
    writeFileSync(tiny.path("v=1", "a.txt"), tinyText.repeat(2));
    writeFileSync(tiny.path("v", "b.txt"), tinyText.toUpperCase());
    const before = process.cwd();
    process.chdir(tiny.path("v=1"));
    try {
      const config = { ...tinyConfig("."), maxSteps: 2, sampleCount: 0 };
      const { data } = await planTraining({ config: { ...config, data: "a.txt" }, out: "../run" });
      await train({ config, out: "../run" });
      expect(mixtureOf((await openRun("../run")).config.data)).toEqual([{ data: process.cwd(), weight: 1 }]);
      const resumed = await planTraining({ resume: true, out: "../run" });
      expect(resumed.data.hash).toBe(data.hash);
      expect((await evaluateRun("../run", { split: "all" })).bytes).toBe(2 * tinyText.length - 1);
      expect((await evaluateRun("../run", { data: "=1" })).bytes).toBe(tinyText.length - 1);
      expect(mixtureOf(absoluteData("=1"))).toEqual([{ data: tiny.path("v=1", "=1"), weight: 1 }]);
      process.chdir("..");
      expect((await evaluateRun("run", { data: "v=1" })).bytes).toBe(2 * tinyText.length - 1);
      const byName = await planTraining({ config: { ...config, data: "v=1" }, out: "new" });
      expect(byName.data.hash).toBe(data.hash);
      await expect(planTraining({ config: { ...config, data: "" }, out: "new" })).rejects.toThrow(
        'expected data to be a path or the name of bundled data, got ""',
      );
    } finally {
      process.chdir(before);
    }
  });
});

/** The first tokens of the windows of a run's next batches. */
function firstTokens(run: TrainingRun, count: number): number[] {
  const { batchSize, train: examples } = run;
  const length = batchSize * examples.inputLength;
  const batches: Batch[] = Array.from({ length: count }, () => ({
    inputs: new Int32Array(length),
    targets: new Int32Array(length),
  }));
  run.peekBatches(batches);
  return batches.flatMap(({ inputs }) => [...inputs].filter((_, i) => i % examples.inputLength === 0));
}

describe("a run on a text and a folder of tokens", () => {
  it.each(["random", "shuffled"] as const)("goes on bit for bit, in %s order", async (order) => {
    const config: Partial<TrainConfig> = {
      ...tinyConfig(mixture),
      tokenizer: "byte",
      order,
      maxSteps: 12,
      sampleCount: 0,
    };
    const [whole, parts] = [tiny.path(`${order}-whole`), tiny.path(`${order}-parts`)];
    await train({ config, out: whole });
    const stop = new AbortController();
    const onEvent = (event: TrainingEvent): void => {
      if (event.type === "metrics" && event.metrics.step === 7) stop.abort();
    };
    await train({ config, out: parts, signal: stop.signal, onEvent });
    const stopped = await readCheckpoint(tiny.path(`${order}-parts`, "checkpoints", "last.safetensors"));
    // Eight steps of four windows, by weights of 0.6 and 0.4: 19 and 13 are the nearest to 19.2 and 12.8.
    expect(stopped?.state.drawn).toEqual(order === "shuffled" ? [19, 13] : undefined);
    await train({ resume: true, out: parts });
    expect(checkpointDigests(parts)).toEqual(checkpointDigests(whole));
    expect(timelessMetrics(parts)).toEqual(timelessMetrics(whole));
    const other = train({ resume: true, out: parts, config: { data: mixture.replace("=0.6", "=0.7") } });
    await expect(other).rejects.toThrow(/^expected the tokens that the run began with, got others/);
    expect((await openRun(parts)).config.data).toBe(mixture);
  });

  it("draws from each by its weight", async () => {
    const config = resolveConfig({ ...tinyConfig(mixture), tokenizer: "byte", batchSize: 100 });
    const { data } = await planTraining({ config, out: tiny.path("new") });
    const run = new TrainingRun({ config, vocabSize: 256, parts: data, dataHash: data.hash });
    const isLower = (id: number): boolean => id >= 97 && id <= 122;
    const letters = firstTokens(run, 100).filter((id) => isLower(id) || (id >= 65 && id <= 90));
    run.close();
    // Both texts have the same share of letters; five standard deviations of 7,000 draws or so.
    expect(Math.abs(letters.filter(isLower).length / letters.length - 0.6)).toBeLessThan(0.03);
  });

  it("is evaluated on every token of both once", async () => {
    const out = tiny.path("random-whole");
    const both = await evaluateRun(out);
    const [text, tokens] = await Promise.all([
      evaluateRun(out, { data: tiny.data, split: "val" }),
      evaluateRun(out, { data: tiny.path("tokens"), split: "val" }),
    ]);
    expect(both.tokens).toBe(text.tokens + tokens.tokens);
    expect(both.bytes).toBe(text.bytes + tokens.bytes);
    expect(both.loss).toBeCloseTo((text.loss * text.tokens + tokens.loss * tokens.tokens) / both.tokens, 10);
  });
});

describe("a shuffled order", () => {
  it("takes every window of a text once in an epoch", async () => {
    // Each character tells its place.
    const text = Array.from({ length: 1000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join("");
    writeFileSync(tiny.path("places.txt"), text);
    const config = resolveConfig({ ...tinyConfig(tiny.path("places.txt")), order: "shuffled", batchSize: 56 });
    const { data } = await planTraining({ config, out: tiny.path("new") });
    expect(data.trainExamples).toBe(56);
    const run = new TrainingRun({ config, vocabSize: 1000, parts: data, dataHash: data.hash });
    const begins = firstTokens(run, 2);
    const expected = Array.from({ length: 56 }, (_, i) => 16 * i);
    expect(begins.slice(0, 56).toSorted((a, b) => a - b)).toEqual(expected);
    expect(begins.slice(56).toSorted((a, b) => a - b)).toEqual(expected);
    expect(begins.slice(0, 56)).not.toEqual(begins.slice(56));
    expect(begins.slice(0, 56)).not.toEqual(expected);
  });
});

it("mixtures of lines, and of tokens of two tokenizers, are refused", async () => {
  const lines = planTraining({ config: { ...tinyConfig(mixture), lines: true }, out: tiny.path("new") });
  await expect(lines).rejects.toThrow(
    "expected one text whose lines are documents, got several: leave out --lines or the others",
  );
  await prepareData({ inputs: [tiny.data], out: tiny.path("chars"), tokenizer: "char" });
  const data = `${tiny.path("tokens")}=1,${tiny.path("chars")}=1`;
  const two = planTraining({ config: { data }, out: tiny.path("new") });
  await expect(two).rejects.toThrow(UsageError);
  await expect(two).rejects.toThrow(/^expected the tokenizer that ".*chars" was prepared with \(char\), got another/);
  expect(readFileSync(tiny.path("tokens", "index.json"), "utf8")).toContain('"train-00003.bin"');
});
