import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import type { TokenArray } from "@llm-learning/datasets";
import { BpeTokenizer } from "@llm-learning/tokenizers";
import { Encoding } from "@llm-learning/tokenizers/tiktoken";
import { trainBpe } from "@llm-learning/tokenizers/train";
import {
  evaluateRun,
  generateSamples,
  openRun,
  planTraining,
  runPaths,
  train,
  UsageError,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  checkpointDigests,
  tinyBpe,
  tinyConfig,
  type TinyFolder,
  tinyFolder,
  tinyText,
  tinyWordPiece,
} from "../tinyRun.ts";

let tiny: TinyFolder;
let file: string;
let run: string;
beforeAll(async () => {
  tiny = tinyFolder();
  file = tiny.path("tokenizer.json");
  run = tiny.path("run");
  writeFileSync(file, JSON.stringify(tinyBpe()));
  await train({ config: { ...tinyConfig(tiny.data), tokenizer: file }, out: run });
});
afterAll(() => tiny.remove());

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

/** The message of the UsageError that `action` ends with, temporary folder left out. */
async function messageOf(action: () => Promise<unknown>): Promise<string> {
  const error: unknown = await action().then(
    () => new Error("expected a UsageError, got none"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UsageError)) throw error;
  return error.message.replaceAll(tiny.folder, "TMP");
}

describe("a run with the tokenizer of a file", () => {
  it("has that tokenizer, in the run and in the exported model", async () => {
    const opened = await openRun(run);
    expect(opened.config.tokenizer).toBe(file);
    expect(readJson(opened.paths.tokenizer)).toEqual(readJson(file));
    expect(readJson(tiny.path("run", "model", "tokenizer.json"))).toEqual(readJson(file));
    const endOfText = opened.tokenizer.tokenToId("<|endoftext|>");
    expect(readJson(tiny.path("run", "model", "config.json"))).toMatchObject({
      vocab_size: 267,
      bos_token_id: endOfText,
      eos_token_id: endOfText,
    });
    expect(readJson(tiny.path("run", "model", "tokenizer_config.json"))).toMatchObject({ eos_token: "<|endoftext|>" });
  });

  it("exports files that Hugging Face's JavaScript library reads, with the same ids", () => {
    const json = readJson(tiny.path("run", "model", "tokenizer.json"));
    const config = readJson(tiny.path("run", "model", "tokenizer_config.json"));
    const theirs = new HuggingFaceTokenizer(json as object, config as object);
    const text = `${tinyText} 안녕 <|endoftext|> went`;
    expect(theirs.encode(text).ids).toEqual([...tinyBpe().encode(text)]);
  });

  it("is measured on the text that a run by characters is measured on, per byte of it", async () => {
    const tokenizer = tinyBpe();
    const validation = tinyText.slice(Math.floor(0.9 * tinyText.length));
    const [first, ...rest] = tokenizer.encode(validation);
    const bytes = validation.length - tokenizer.decode([first]).length;
    const result = await evaluateRun(run);
    expect(result).toMatchObject({ tokens: rest.length, bytes });
    expect(result.bitsPerByte).toBeCloseTo((result.loss * rest.length) / Math.LN2 / bytes, 10);
  });

  it("counts the bytes of tokens that are parts of characters", async () => {
    writeFileSync(tiny.path("korean.txt"), "men 안녕");
    // "m", "en", " " and six bytes; the first is not predicted.
    expect(await evaluateRun(run, { data: tiny.path("korean.txt") })).toMatchObject({ tokens: 8, bytes: 9 });
  });

  it("generates text by tokens, from a prompt of any characters", async () => {
    const { samples } = await generateSamples(tiny.path("run", "model"), { prompt: "men 안", maxTokens: 7, seed: 1 });
    expect(samples[0].tokens).toBe(7);
  });

  it("goes on with its own tokenizer, wherever the file has gone, and takes no other", async () => {
    cpSync(run, tiny.path("copy"), { recursive: true });
    writeFileSync(tiny.path("moved.json"), JSON.stringify(tinyBpe(), null, 2));
    const config = { maxSteps: 22, sampleCount: 0 };
    await train({ resume: true, out: tiny.path("copy"), config: { ...config, tokenizer: tiny.path("moved.json") } });
    expect((await openRun(tiny.path("copy"))).config.tokenizer).toBe(file);
    const altered = JSON.stringify(tinyBpe()).replaceAll("<|endoftext|>", "<|end|>");
    writeFileSync(tiny.path("altered.json"), altered);
    const resume = (tokenizer: string) => train({ resume: true, out: run, config: { ...config, tokenizer } });
    expect(await messageOf(() => resume(tiny.path("altered.json")))).toBe(
      'expected the tokenizer of the run to be resumed, got "TMP/altered.json", which is another: leave it out, or begin another ' +
        "run without --resume",
    );
    expect(await messageOf(() => resume("char"))).toMatch(
      /^expected tokenizer "TMP\/tokenizer.json", as the run to be resumed has it, got "char"/,
    );
  });

  it("does not go on with a tokenizer.json that was changed", async () => {
    cpSync(run, tiny.path("changed"), { recursive: true });
    const { tokenizer } = runPaths(tiny.path("changed"));
    // The last merge, " mow", becomes " mo"'s: the text has other tokens then.
    writeFileSync(tokenizer, JSON.stringify(tinyBpe()).replace('"Ġmow"', '"Ġmo"').replace('["Ġm","ow"]', '["Ġm","o"]'));
    expect(await messageOf(() => train({ resume: true, out: tiny.path("changed") }))).toMatch(
      /^expected the tokens that the run began with, got others: give its text with --data, and leave its tokenizer.json as it was/,
    );
  });

  it("may have a run's or a model's directory for a file", async () => {
    const config = { ...tinyConfig(tiny.data), tokenizer: run };
    const { data } = await planTraining({ config, out: tiny.path("again") });
    expect(data.tokenizer.toJSON()).toEqual(readJson(file));
    expect(data).toMatchObject({
      bytes: tinyText.length,
      trainTokens: tinyBpe().encode(tinyText.slice(0, 1125)).length,
    });
  });
});

describe("a run with a tokenizer.json of others", () => {
  it("trains, exports, evaluates, samples and goes on with it", async () => {
    const out = tiny.path("word-piece");
    writeFileSync(tiny.path("word-piece.json"), JSON.stringify(tinyWordPiece));
    const config = { ...tinyConfig(tiny.data), tokenizer: tiny.path("word-piece.json"), blockSize: 8 };
    await train({ config, out });
    const expected = { ...tinyWordPiece, truncation: null };
    expect(readJson(runPaths(out).tokenizer)).toEqual(expected);
    expect(readJson(tiny.path("word-piece", "model", "tokenizer.json"))).toEqual(expected);
    expect(readJson(tiny.path("word-piece", "model", "tokenizer_config.json"))).toMatchObject({ unk_token: "[UNK]" });

    const validation = tinyText.slice(Math.floor(0.9 * tinyText.length));
    const { tokenizer } = await openRun(out);
    const result = await evaluateRun(out);
    expect(result).toMatchObject({ tokens: tokenizer.encode(validation).length - 1 });
    expect(result.bytes).toBeGreaterThan(validation.length - 10);
    const { samples } = await generateSamples(tiny.path("word-piece", "model"), { prompt: " ", maxTokens: 5, seed: 1 });
    expect(samples[0].tokens).toBe(5);
    await train({ resume: true, out, config: { maxSteps: 21, sampleCount: 0 } });
  });
});

describe("ids that a vocabulary leaves out", () => {
  it("are marked where a model makes them up", async () => {
    const { encoding } = tinyBpe();
    const ranks = Array.from({ length: 266 }, (_, rank) => encoding.decodeSingleTokenBytes(rank));
    const specialTokens = { "<|endoftext|>": 400 };
    const sparse = new BpeTokenizer(new Encoding({ name: "sparse", pattern: "cl100k_base", ranks, specialTokens }));
    writeFileSync(tiny.path("sparse.json"), JSON.stringify(sparse));
    const config = { ...tinyConfig(tiny.data), tokenizer: tiny.path("sparse.json"), maxSteps: 1, sampleCount: 0 };
    await train({ config, out: tiny.path("sparse") });
    expect(await evaluateRun(tiny.path("sparse"))).toMatchObject({ bytes: 124 });
    const options = { maxTokens: 40, seed: 1, temperature: 100 };
    const { samples } = await generateSamples(tiny.path("sparse", "model"), options);
    expect(samples[0].text).toContain("\ufffd");
  });
});

describe("a run with one of OpenAI's encodings", () => {
  it("has its tokens", async () => {
    const config = { ...tinyConfig(tiny.data), tokenizer: "gpt2" };
    const plan = await planTraining({ config, out: tiny.path("gpt2") });
    expect(plan.config.tokenizer).toBe("gpt2");
    expect(plan.data.tokenizer.vocabSize).toBe(50257);
    const decoded = (part: unknown): string => plan.data.tokenizer.decode(part as TokenArray);
    expect(decoded(plan.data.sources[0].train) + decoded(plan.data.sources[0].validation)).toBe(tinyText);
  });
});

describe("a run whose tokenizer is learned from the text", () => {
  it("has that of the part to train on, and of nothing else", async () => {
    const out = tiny.path("learned");
    const config = { ...tinyConfig(tiny.data), tokenizer: "bpe", vocabSize: 270 } as const;
    const phases: string[] = [];
    await train({ config, out, onLearning: ({ phase }) => phases.push(phase) });
    expect([...new Set(phases)]).toEqual(["count", "merge"]);
    const expected = await trainBpe([tinyText.slice(0, 1125)], { vocabSize: 270 });
    expect(readJson(runPaths(out).tokenizer)).toEqual(expected.toJSON());
    expect(readJson(tiny.path("learned", "model", "tokenizer.json"))).toEqual(expected.toJSON());
    expect((await openRun(out)).config).toMatchObject({ tokenizer: "bpe", vocabSize: 270 });

    // The same bits again, and on where it ended.
    await train({ config, out: tiny.path("twice") });
    expect(checkpointDigests(tiny.path("twice"))).toEqual(checkpointDigests(out));
    await train({ resume: true, out, config: { tokenizer: "bpe", maxSteps: 21, sampleCount: 0 } });
    await expect(train({ resume: true, out, config: { vocabSize: 300 } })).rejects.toThrow(
      "expected vocabSize 270, as the run to be resumed has it, got 300",
    );
  });

  it("has 1024 tokens unless it is told otherwise, or as many as the text gives", async () => {
    const config = { ...tinyConfig(tiny.data), tokenizer: "bpe", batchSize: 1, blockSize: 4 };
    const plan = await planTraining({ config, out: tiny.path("new") });
    expect(plan.config.vocabSize).toBe(1024);
    expect(plan.data.tokenizer.vocabSize).toBeLessThan(400);
  });

  it("is refused where there is nothing to learn", async () => {
    writeFileSync(tiny.path("digits.txt"), "1 2 3 4\n".repeat(50));
    const config = { ...tinyConfig(tiny.path("digits.txt")), tokenizer: "bpe" };
    expect(await messageOf(() => planTraining({ config, out: tiny.path("new") }))).toBe(
      "expected a text with words to learn tokens from, got one without: use --tokenizer byte",
    );
  });
});

describe("the tokenizer of a new run", () => {
  it.each([
    ["chars", 'got "TMP/chars", which does not exist: did you mean char?'],
    ["cl10k_base", 'got "TMP/cl10k_base", which does not exist: did you mean cl100k_base?'],
    ["none.json", 'got "TMP/none.json", which does not exist'],
  ])("%s is refused with what was probably meant", async (tokenizer, message) => {
    const path = tiny.path(tokenizer);
    const plan = () => planTraining({ config: { ...tinyConfig(tiny.data), tokenizer: path }, out: tiny.path("new") });
    expect(await messageOf(plan)).toBe(
      `expected char, byte, bpe, the name of an encoding or a tokenizer file, ${message}`,
    );
  });

  it.each([
    ["text.json", "hello", /^expected the JSON of a tokenizer.json, got invalid JSON .* \(in "TMP\/text.json"\)$/],
    ["other.json", "{}", /^expected model to be an object, got nothing \(in "TMP\/other.json"\)$/],
    ["latin.json", Uint8Array.of(0x22, 0xe9, 0x22), /^expected a text in UTF-8, got "TMP\/latin.json", with byte 0xe9/],
  ])("%s is refused with the reason", async (name, content, message) => {
    writeFileSync(tiny.path(name), content);
    const config = { ...tinyConfig(tiny.data), tokenizer: tiny.path(name) };
    expect(await messageOf(() => planTraining({ config, out: tiny.path("new") }))).toMatch(message);
  });

  it("that is a directory without one is refused", async () => {
    const config = { ...tinyConfig(tiny.data), tokenizer: tiny.path("run", "checkpoints") };
    expect(await messageOf(() => planTraining({ config, out: tiny.path("new") }))).toBe(
      'expected a directory with a tokenizer.json, got "TMP/run/checkpoints", which has none',
    );
  });
});

describe("where a text is cut", () => {
  it("is the same place whatever the tokenizer: after nine tenths of its characters", async () => {
    const text = "añ漢🙂".repeat(100);
    writeFileSync(tiny.path("utf8.txt"), text);
    const config = { ...tinyConfig(tiny.path("utf8.txt")), validationFraction: 0.3 };
    for (const tokenizer of ["char", "byte", file]) {
      const { data } = await planTraining({ config: { ...config, tokenizer }, out: tiny.path("new") });
      expect(data.tokenizer.decode(data.sources[0].train as TokenArray), tokenizer).toBe("añ漢🙂".repeat(70));
    }
  });
});
