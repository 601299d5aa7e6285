import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Rng } from "@llm-learning/init";
import { GPT } from "@llm-learning/models";
import { encodeModel, lowerGraph } from "@llm-learning/onnx";
import { graphOf, input } from "@llm-learning/nn-core";
import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { exportModel, generateSamples, UsageError } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { promptTokens } from "../../src/generation/promptTokens.ts";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
let model: string;
beforeAll(async () => {
  tiny = tinyFolder();
  model = tiny.path("model");
  await exportTiny(CharacterTokenizer.fromText("\n abcdefgh"), model);
});
afterAll(() => tiny.remove());

async function exportTiny(tokenizer: Tokenizer, outDir: string): Promise<void> {
  const { vocabSize } = tokenizer;
  const options = { vocabSize, blockSize: 8, nLayer: 1, nHead: 1, nEmbd: 8, init: "torch", tieWeights: false } as const;
  await exportModel({ model: new GPT(options, { rng: new Rng(4) }), tokenizer, outDir, step: 12 });
}

async function messageOf(action: () => Promise<unknown>): Promise<string> {
  const error: unknown = await action().then(
    () => new Error("expected a UsageError, got none"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UsageError)) throw error;
  expect(error.message).not.toContain("\n");
  return error.message.replaceAll(tiny.folder, "TMP");
}

describe("samples of an exported model", () => {
  it("go on from the prompt, by the tokens asked for", async () => {
    const result = await generateSamples(model, { prompt: "abba", maxTokens: 30, count: 3, seed: 1 });
    expect(result).toMatchObject({ seed: 1, step: 12 });
    expect(result.samples).toHaveLength(3);
    for (const { text, tokens, finishReason } of result.samples) {
      expect(text).toMatch(/^[\n a-h]{30}$/);
      expect({ tokens, finishReason }).toEqual({ tokens: 30, finishReason: "length" });
    }
  });

  it("are the same for a seed, however many there are", async () => {
    const texts = async (options: object) =>
      (await generateSamples(model, { maxTokens: 20, ...options })).samples.map(({ text }) => text);
    const three = await texts({ seed: 7, count: 3 });
    expect(new Set(three).size).toBe(3);
    expect(await texts({ seed: 7, count: 1 })).toEqual(three.slice(0, 1));
    expect((await texts({ seed: 7, count: 40 })).slice(0, 3)).toEqual(three);
    expect(await texts({ seed: 8, count: 1 })).not.toEqual(three.slice(0, 1));
  });

  it("tell their seed where none was given", async () => {
    const first = await generateSamples(model, { maxTokens: 20 });
    const again = await generateSamples(model, { maxTokens: 20, seed: first.seed });
    expect(again.samples).toEqual(first.samples);
    expect((await generateSamples(model, { maxTokens: 1 })).seed).not.toBe(first.seed);
  });

  it("come in pieces, as they are generated", async () => {
    const pieces: string[][] = [[], []];
    const { samples } = await generateSamples(model, {
      maxTokens: 9,
      count: 2,
      onText: (sample, text) => pieces[sample].push(text),
    });
    expect(pieces.map((all) => all.join(""))).toEqual(samples.map(({ text }) => text));
    expect(pieces[0]).toHaveLength(9);
  });

  it("never show half a character", async () => {
    await exportTiny(new ByteTokenizer(), tiny.path("bytes"));
    const seen: string[] = [];
    const options = { prompt: "漢", maxTokens: 60, temperature: 3, seed: 5 };
    const { samples } = await generateSamples(tiny.path("bytes"), { ...options, onText: (_, text) => seen.push(text) });
    expect(seen.join("")).toBe(samples[0].text);
    expect(samples[0].tokens).toBe(60);
  });

  it("end with the token that ends a text, where there is one", async () => {
    const special = CharacterTokenizer.fromText("ab", { specialTokens: ["<|endoftext|>"] });
    await exportTiny(special, tiny.path("special"));
    const { samples } = await generateSamples(tiny.path("special"), {
      maxTokens: 200,
      count: 5,
      temperature: 2,
      seed: 1,
    });
    expect(samples.some(({ finishReason }) => finishReason === "stop")).toBe(true);
    for (const { text, tokens } of samples) expect(text).toMatch(new RegExp(`^[ab]{${tokens}}$`));
  });

  it("end before a stop string, of which nothing is shown, each where its own text says so", async () => {
    const options = { maxTokens: 60, count: 5, seed: 3, temperature: 1 };
    const free = await generateSamples(model, options);
    const stop = ["ab", "c\n", "ha"];
    const shown = ["", "", "", "", ""];
    const onText = (sample: number, text: string) => (shown[sample] += text);
    const { samples } = await generateSamples(model, { ...options, stop, onText });
    const ends = new Set<string | undefined>();
    for (const [index, sample] of samples.entries()) {
      const { text } = free.samples[index];
      const at = Math.min(...stop.map((string) => text.indexOf(string)).filter((start) => start >= 0), text.length);
      // Every token is a character here, and every stop string two.
      const isStopped = at < text.length;
      expect(sample).toEqual({
        text: text.slice(0, at),
        tokens: isStopped ? at + 2 : 60,
        finishReason: isStopped ? "stop" : "length",
        ...(isStopped && { stop: text.slice(at, at + 2) }),
      });
      ends.add(sample.stop);
    }
    expect(ends.size).toBeGreaterThan(1);
    expect(shown).toEqual(samples.map(({ text }) => text));
  });

  it("tell how probable each token was, before temperature and filters", async () => {
    const options = { prompt: "ab", maxTokens: 6, count: 2, seed: 2 };
    const [{ text, logprobs }] = (await generateSamples(model, { ...options, temperature: 2, logprobs: 10 })).samples;
    expect(logprobs?.map((token) => token.text).join("")).toBe(text);
    for (const { id, logprob, top } of logprobs!) {
      expect(top.find((entry) => entry.id === id)?.logprob).toBe(logprob);
      expect(top.map((entry) => entry.logprob)).toEqual(top.map((entry) => entry.logprob).sort((a, b) => b - a));
      // Ten tokens are all there are; ten sums in double precision.
      expect(top.reduce((sum, entry) => sum + Math.exp(entry.logprob), 0)).toBeCloseTo(1, 12);
    }
    const greedy = (await generateSamples(model, { ...options, temperature: 0, logprobs: 1 })).samples[0];
    expect(greedy.logprobs!.every(({ id, top }) => id === top[0].id)).toBe(true);
    const free = (await generateSamples(model, { ...options, temperature: 0 })).samples[0];
    expect(free).toEqual({ text: greedy.text, tokens: 6, finishReason: "length" });
    expect((await generateSamples(model, { ...options, temperature: 0, minP: 1, topK: 3 })).samples[0]).toEqual(free);
  });

  it("repeat themselves less with a penalty", async () => {
    const kinds = async (options: object) => {
      const { samples } = await generateSamples(model, { maxTokens: 10, temperature: 0, ...options });
      return new Set(samples[0].text).size;
    };
    // A score of a model of random weights is far below 2.
    expect(await kinds({ presencePenalty: 2 })).toBe(10);
    expect(await kinds({ frequencyPenalty: 2 })).toBe(10);
    expect(await kinds({ repetitionPenalty: 1e30 })).toBeGreaterThan(await kinds({}));
    expect(await kinds({ logitBias: new Map([[3, 100]]) })).toBe(1);
  });

  it("end when the signal says so", async () => {
    const stop = new AbortController();
    const onText = () => stop.abort(new Error("enough"));
    await expect(generateSamples(model, { maxTokens: 1e6, signal: stop.signal, onText })).rejects.toThrow("enough");
  });

  it("refuse options out of range and unknown characters in one line", async () => {
    expect(await messageOf(() => generateSamples(model, { prompt: "abzé漢a" }))).toBe(
      'expected the prompt in characters that the model was trained on, got "z" (U+007A), "é" (U+00E9), "漢" (U+6F22), ' +
        "which its tokenizer of 10 characters does not know",
    );
    expect(await messageOf(() => generateSamples(model, { count: 0 }))).toBe(
      "expected count to be an integer >= 1, got 0",
    );
    expect(await messageOf(() => generateSamples(model, { temperature: -1 }))).toMatch(/expected temperature/);
    expect(await messageOf(() => generateSamples(model, { topK: 0 }))).toMatch(/expected topK/);
    expect(await messageOf(() => generateSamples(model, { seed: -1 }))).toMatch(/expected seed/);
    expect(await messageOf(() => generateSamples(model, { maxTokens: 0.5 }))).toMatch(/expected maxTokens/);
    expect(await messageOf(() => generateSamples(model, { threads: 0 }))).toMatch(/expected threads/);
    expect(await messageOf(() => generateSamples(model, { minP: 2 }))).toBe(
      "expected minP to be a number in [0, 1], got 2",
    );
    expect(await messageOf(() => generateSamples(model, { stop: ["a", ""] }))).toBe(
      "expected a stop string with a character, got an empty one",
    );
    expect(await messageOf(() => generateSamples(model, { logitBias: new Map([[10, 1]]) }))).toBe(
      "expected ids from 0 to 9, got 10 in logitBias",
    );
  });
});

describe("an empty prompt", () => {
  it("begins like a new line, or like a new text, or with the first token", () => {
    const start = (tokenizer: Tokenizer) => [...promptTokens(tokenizer, "")];
    expect(start(CharacterTokenizer.fromText("b\na"))).toEqual([0]);
    expect(start(CharacterTokenizer.fromCharacters("ab\n"))).toEqual([2]);
    expect(start(new ByteTokenizer())).toEqual([10]);
    expect(start(CharacterTokenizer.fromText("ab"))).toEqual([0]);
    const special = CharacterTokenizer.fromText("ab", { specialTokens: ["<|endoftext|>"] });
    expect(start(special)).toEqual([special.tokenToId("<|endoftext|>")]);
  });

  it("is no error where a special token is spelled in unknown characters", () => {
    const special = CharacterTokenizer.fromText("ab", { specialTokens: ["<|endoftext|>"] });
    expect([...promptTokens(special, "a<|endoftext|>b")]).toEqual([0, special.tokenToId("<|endoftext|>"), 1]);
  });
});

describe("a damaged model directory", () => {
  const damaged = (change: (path: (...names: string[]) => string) => void): Promise<string> => {
    const copy = tiny.path("damaged");
    rmSync(copy, { recursive: true, force: true });
    cpSync(model, copy, { recursive: true });
    change((...names) => join(copy, ...names));
    return messageOf(() => generateSamples(copy));
  };
  const half = (path: string): void => truncateSync(path, Math.floor(readFileSync(path).length / 2));
  const rewrite = (path: string, change: (json: Record<string, unknown>) => void): void => {
    const json = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    change(json);
    writeFileSync(path, JSON.stringify(json));
  };

  it("is named where it is missing, or lacks a file", async () => {
    expect(await messageOf(() => generateSamples(tiny.path("nowhere")))).toBe(
      'expected a model directory, got "TMP/nowhere", which does not exist',
    );
    expect(await messageOf(() => generateSamples(tiny.data))).toMatch(/"TMP\/text.txt", which is a file$/);
    for (const name of ["config.json", "tokenizer.json", "onnx/model.onnx"]) {
      expect(await damaged((path) => rmSync(path(name)))).toBe(
        `expected a model directory with "TMP/damaged/${name}", got none`,
      );
    }
  });

  it("is refused where a file is cut off", async () => {
    expect(await damaged((path) => half(path("config.json")))).toMatch(/^expected JSON, .* \(in "TMP.*config.json"\)$/);
    expect(await damaged((path) => half(path("tokenizer.json")))).toMatch(/got invalid JSON .*tokenizer.json"\)$/);
    expect(await damaged((path) => half(path("onnx/model.onnx")))).toMatch(/^expected \d+ bytes .*model.onnx"\)$/);
    expect(await damaged((path) => truncateSync(path("onnx/model.onnx"), 0))).toMatch(/is this an ONNX file/);
  });

  it("is refused where its files contradict each other", async () => {
    expect(await damaged((path) => rewrite(path("config.json"), (json) => (json["vocab_size"] = 11)))).toMatch(
      /expected a tokenizer of the 11 tokens of ".*config.json", got one of 10$/,
    );
    const other = tiny.path("other");
    await exportTiny(CharacterTokenizer.fromText("abc"), other);
    expect(await damaged((path) => cpSync(join(other, "onnx"), path("onnx"), { recursive: true }))).toMatch(
      /expected a tokenizer of the 3 tokens of ".*model.onnx", got one of 10$/,
    );
    expect(await damaged((path) => rewrite(path("config.json"), (json) => (json["eos_token_id"] = 10)))).toMatch(
      /expected eos_token_id below 10, got 10/,
    );
  });

  it.each([
    ["vocab_size", -1, /expected vocab_size to be an integer >= 1/],
    ["vocab_size", "10", /expected vocab_size to be an integer/],
    ["vocab_size", 1e300, /expected vocab_size/],
    ["model_type", null, /expected model_type to be a string/],
    ["eos_token_id", 0.5, /expected eos_token_id to be an integer or null/],
    ["llm_learning", "x", /expected llm_learning to be an object/],
  ])("is refused where config.json says that %s is %j", async (key, value, message) => {
    expect(await damaged((path) => rewrite(path("config.json"), (json) => (json[key] = value)))).toMatch(message);
  });

  it("is refused where its ONNX file is another model, or one that ONNX Runtime cannot open", async () => {
    const x = input("x", [2], "float32");
    const { model: other } = lowerGraph(graphOf({ y: x }), { parameters: "initializers", contrib: false });
    expect(await damaged((path) => writeFileSync(path("onnx/model.onnx"), encodeModel(other)))).toMatch(
      /^expected an input input_ids, got none; is this a causal language model with a cache\? \(in .*model.onnx"\)$/,
    );
    const damage = (path: string): void => {
      const bytes = readFileSync(path);
      // The name of an operator: the file stays readable, and means nothing.
      bytes.write("Gother", bytes.indexOf("Gather"));
      writeFileSync(path, bytes);
    };
    expect(await damaged((path) => damage(path("onnx/model.onnx")))).toMatch(
      /^expected a model that ONNX Runtime can open, got "TMP.*model.onnx": Load model .*Gather/,
    );
  });
});
