import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { writeTokenShard } from "@llm-learning/datasets/node";
import { mkdirSync } from "node:fs";
import {
  evaluateRun,
  openRun,
  planTraining,
  prepareData,
  readCheckpoint,
  train,
  type TrainConfig,
  type TrainingEvent,
  UsageError,
  writeReport,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  checkpointDigests,
  timelessMetrics,
  tinyBpe,
  tinyConfig,
  type TinyFolder,
  tinyFolder,
  tinyText,
} from "../tinyRun.ts";

let tiny: TinyFolder;
let folder: string;
let config: Partial<TrainConfig>;
beforeAll(async () => {
  tiny = tinyFolder();
  writeFileSync(tiny.path("tokenizer.json"), JSON.stringify(tinyBpe().toJSON()));
  folder = await nanoGptFolder("nanogpt");
  config = { ...tinyConfig(folder), tokenizer: tiny.path("tokenizer.json"), dropout: 0.1 };
});
afterAll(() => tiny.remove());

/** What nanoGPT's prepare.py leaves, of the text's first nine tenths and the rest. */
async function nanoGptFolder(name: string): Promise<string> {
  const path = tiny.path(name);
  mkdirSync(path);
  const cut = Math.floor(0.9 * tinyText.length);
  await writeTokenShard(tiny.path(name, "train.bin"), Uint16Array.from(tinyBpe().encode(tinyText.slice(0, cut))));
  await writeTokenShard(tiny.path(name, "val.bin"), Uint16Array.from(tinyBpe().encode(tinyText.slice(cut))));
  writeFileSync(tiny.path(name, "meta.pkl"), "cos\nsystem\n(S'touch owned'\ntR.");
  return path;
}

async function refusal(changes: Partial<TrainConfig>): Promise<string> {
  const error: unknown = await planTraining({ config: { ...config, ...changes }, out: tiny.path("new") }).then(
    () => "nothing",
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message.replaceAll(`${tiny.folder}/`, "");
}

describe("a run on nanoGPT's train.bin and val.bin", () => {
  it("is the run on their text, and goes on bit for bit", async () => {
    await train({ config: { ...config, data: tiny.data }, out: tiny.path("text") });
    const outcome = await train({ config, out: tiny.path("bins") });
    expect(timelessMetrics(tiny.path("bins"))).toEqual(timelessMetrics(tiny.path("text")));
    expect(outcome.baseline).toMatchObject({ name: expect.stringMatching(/^modified Kneser-Ney/) });
    const [text, bins] = await Promise.all(
      ["text", "bins"].map((name) => readCheckpoint(tiny.path(name, "checkpoints", "last.safetensors"))),
    );
    expect(bins?.weights).toEqual(text?.weights);
    expect(bins?.state.samplerState).toEqual(text?.state.samplerState);
    const [fromText, fromBins] = [await evaluateRun(tiny.path("text")), await evaluateRun(tiny.path("bins"))];
    expect(fromBins).toMatchObject({ loss: fromText.loss, tokens: fromText.tokens, bytes: fromText.bytes });

    const stop = new AbortController();
    const onEvent = (event: TrainingEvent): void => {
      if (event.type === "metrics" && event.metrics.step === 9) stop.abort();
    };
    await train({ config, out: tiny.path("parts"), signal: stop.signal, onEvent });
    await train({ resume: true, out: tiny.path("parts") });
    expect(checkpointDigests(tiny.path("parts"))).toEqual(checkpointDigests(tiny.path("bins")));

    const { notes } = await writeReport(tiny.path("bins"));
    expect(notes).toEqual([]);
    expect(await evaluateRun(tiny.path("bins"), { split: "all" })).toMatchObject({ bytes: tinyText.length - 2 });
  });

  it("is refused where the files have become others, or the run's part of them has", async () => {
    const moved = await nanoGptFolder("moved");
    const bytes = readFileSync(tiny.path("moved", "train.bin"));
    await train({ resume: true, out: tiny.path("parts"), config: { data: moved } });
    bytes[100] ^= 1;
    writeFileSync(tiny.path("moved", "train.bin"), bytes);
    await expect(train({ resume: true, out: tiny.path("parts"), config: { data: moved } })).rejects.toThrow(
      /^expected the tokens that the run began with, got others/,
    );
    const run = await openRun(tiny.path("parts"));
    expect(run.config.data).toBe(moved);
    await expect(evaluateRun(tiny.path("parts"))).rejects.toThrow(UsageError);
  });

  it("ends with the reason where a file is cut off meanwhile, and the checkpoint is what it was", async () => {
    const cut = await nanoGptFolder("cut");
    const out = tiny.path("ended");
    const onEvent = (event: TrainingEvent): void => {
      if (event.type === "checkpoint" && event.step === 6) truncateSync(tiny.path("cut", "train.bin"), 400);
    };
    const ended = train({ config: { ...config, data: cut }, out, onEvent });
    await expect(ended).rejects.toThrow(UsageError);
    await expect(ended).rejects.toThrow(/train\.bin", which had \d+ bytes and has 400 now$/);
    expect((await readCheckpoint(tiny.path("ended", "checkpoints", "last.safetensors")))?.state.step).toBe(6);
  });
});

describe("refused before anything is written", () => {
  it("a tokenizer that is made from a text, and lines", async () => {
    expect(await refusal({ tokenizer: "char" })).toBe(
      'expected the tokenizer of the tokens in "nanogpt" as --tokenizer, a file or the name of an encoding such as gpt2, got char, ' +
        "which is made from a text",
    );
    expect(await refusal({ lines: true })).toBe(
      'expected a text whose lines are documents, got "nanogpt", a folder of tokens: leave out --lines',
    );
  });

  it("files that are missing, of odd length, of other ids, or too short", async () => {
    const data = await nanoGptFolder("bad");
    const path = tiny.path("bad", "val.bin");
    writeFileSync(path, new Uint8Array(101));
    expect(await refusal({ data })).toBe(
      'expected a multiple of 2 bytes, got "bad/val.bin", with 101: is it of another dtype than uint16?',
    );
    const other = new Uint16Array(60);
    other[57] = 1000;
    await writeTokenShard(path, other);
    expect(await refusal({ data })).toBe(
      'expected ids below 267 (vocabSize), got "bad/val.bin", with 1000 at position 57: is it uint16, and of this tokenizer?',
    );
    await writeTokenShard(path, new Uint16Array(16));
    expect(await refusal({ data })).toBe(
      'expected at least 17 tokens (blockSize 16 + 1) in the val part of "bad", got 16: use more data or a smaller blockSize',
    );
    await prepareData({ inputs: [tiny.data], out: tiny.path("short"), tokenizer: "byte", shardTokens: 16 });
    expect(await refusal({ data: tiny.path("short"), tokenizer: "byte" })).toBe(
      'expected at least 17 tokens (blockSize 16 + 1) in a file of the train part of "short", got at most 16: ' +
        "prepare the data with a larger --shard-tokens or use a smaller blockSize",
    );
    rmSync(path);
    expect(await refusal({ data })).toBe('expected a token shard, got "bad/val.bin", which does not exist');
  });
});
