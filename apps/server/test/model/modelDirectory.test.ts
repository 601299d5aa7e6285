import { mkdir, rename, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { modelName, readModelDirectory, tokenizerOf, UsageError } from "@llm-learning/server";
import { ByteTokenizer, CharacterTokenizer } from "@llm-learning/tokenizers";
import { describe, expect, test } from "vitest";
import { endOfText, temporaryDirectory, tinyModel, writeFiles } from "../tinyModel.ts";

/** The error of reading a directory, in one line. */
async function errorOf(path: string, options?: Parameters<typeof readModelDirectory>[1]): Promise<string> {
  const error: unknown = await readModelDirectory(path, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  const { message } = error as UsageError;
  expect(message).not.toContain("\n");
  return message.replaceAll(dirname(path), "DIR");
}

describe("a model directory", () => {
  test("says all that a server has to know, as plain data", async () => {
    const path = await tinyModel();
    await utimes(join(path, "onnx/model.onnx"), 1_700_000_000, 1_700_000_000);
    const model = await readModelDirectory(path);
    expect(structuredClone(model)).toEqual(model);
    expect(model).toMatchObject({
      path,
      weights: "fp32",
      onnxPath: join(path, "onnx/model.onnx"),
      vocabSize: 257,
      blockSize: 64,
      beginId: undefined,
      stopIds: [256],
      defaults: { temperature: 0 },
      created: 1_700_000_000,
    });
    expect(tokenizerOf(model).encode(`hi${endOfText}`)).toEqual(Uint32Array.of(104, 105, 256));
  });

  test("is called by its own name, and the model of a run by the run's", () => {
    expect(modelName("models/whale/")).toBe("whale");
    expect(modelName("runs/2026-11-26/model")).toBe("2026-11-26");
    expect(modelName("/model")).toBe("model");
  });

  test("has 8-bit weights served where it has them, the trained ones where they are asked for", async () => {
    const path = await tinyModel({ q8: true });
    expect((await readModelDirectory(path)).weights).toBe("q8");
    expect((await readModelDirectory(path, { weights: "fp32" })).weights).toBe("fp32");
    expect(await errorOf(path, { weights: "q4" })).toBe(
      'expected a model directory with onnx/model_q4.onnx, got none in "DIR/tiny"; it has q8, fp32',
    );
  });

  test("has no weights served whose texts depend on neighbours", async () => {
    const path = await tinyModel({ q8: true });
    // The name of the operator is in the file wherever it is used; here across two parts of a read.
    const file = join(path, "onnx/model_quantized.onnx");
    await writeFile(file, Buffer.concat([Buffer.alloc((1 << 20) - 6), Buffer.from("DynamicQuantizeLinear")]));
    expect((await readModelDirectory(path)).weights).toBe("fp32");
    expect(await errorOf(path, { weights: "q8" })).toMatch(
      /^expected weights quantized once, got "DIR\/tiny\/onnx\/model_quantized.onnx", which quantizes while it runs .* --weights fp32$/,
    );
  });

  test("has stop ids of both configurations, and the sampling of generation_config.json", async () => {
    const path = await tinyModel({ config: { eos_token_id: [256, 10] } });
    await writeFiles(path, {
      "generation_config.json": {
        eos_token_id: [10, 13],
        do_sample: true,
        temperature: 0.6,
        top_k: 20,
        top_p: 0.95,
        min_p: null,
        repetition_penalty: 1.1,
      },
    });
    expect(await readModelDirectory(path)).toMatchObject({
      stopIds: [10, 13, 256],
      defaults: { temperature: 0.6, topK: 20, topP: 0.95, repetitionPenalty: 1.1 },
    });
    await writeFiles(path, { "generation_config.json": { top_k: 0 } });
    expect((await readModelDirectory(path)).defaults).toEqual({});
    await rm(join(path, "generation_config.json"));
    expect(await readModelDirectory(path)).toMatchObject({ stopIds: [256, 10], defaults: {} });
  });

  test("of lines begins every text as it ends", async () => {
    const path = await tinyModel({ config: { eos_token_id: [10, 256], llm_learning: { lines: true } } });
    expect((await readModelDirectory(path)).beginId).toBe(10);
  });
});

describe("a directory of others", () => {
  const llama = { llm_learning: undefined, bos_token_id: 0, eos_token_id: 1 };
  /** As Hugging Face's library writes a Llama's tokenizer: the file itself puts the beginning before a text. */
  const document = (extra: object = {}): object => ({
    version: "1.0",
    added_tokens: ["<s>", "</s>"].map((content, id) => ({
      id,
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: null,
    pre_tokenizer: { type: "Whitespace" },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
      special_tokens: { "<s>": { id: "<s>", ids: [0], tokens: ["<s>"] } },
    },
    decoder: null,
    model: { type: "WordLevel", vocab: { "<s>": 0, "</s>": 1, "[UNK]": 2, call: 3, me: 4 }, unk_token: "[UNK]" },
    ...extra,
  });

  test("has the tokenizer that its file describes, and the token that begins every text", async () => {
    const path = await tinyModel({ config: { ...llama, vocab_size: 8 }, generation: {} });
    await writeFiles(path, { "tokenizer.json": document() });
    const model = await readModelDirectory(path);
    expect(model.beginId).toBe(0);
    const tokenizer = tokenizerOf(model);
    expect(tokenizer.encode("call me </s>")).toEqual(Uint32Array.of(3, 4, 1));
    expect(() => tokenizer.encode("</s>", { specialTokens: "error" })).toThrow(
      'expected text without special tokens, got "</s>"',
    );
    // The scores of a padded vocabulary have places without a token.
    expect(tokenizer.vocabSize).toBe(8);
    expect(tokenizer.idToToken(7)).toBe("");
    expect(tokenizer.tokenBytes(7)).toHaveLength(0);
    expect(tokenizer.decode([3, 7])).toBe("call");
    expect(() => tokenizer.idToToken(8)).toThrow("expected an id from 0 to 7, got 8");
  });

  test("has a vocabulary padded by no more than others pad", async () => {
    const path = await tinyModel({ config: { ...llama, vocab_size: 1060 }, generation: {} });
    await writeFiles(path, { "tokenizer.json": document() });
    expect(await errorOf(path)).toBe(
      'expected a tokenizer of the 1060 tokens of config.json, got one of 5 (in "DIR/tiny/tokenizer.json")',
    );
  });

  test("has a fast tokenizer where the library has one of its own", () => {
    for (const tokenizer of [new ByteTokenizer(), CharacterTokenizer.fromText("call me")]) {
      const source = { tokenizerText: JSON.stringify(tokenizer), vocabSize: tokenizer.vocabSize };
      expect(tokenizerOf(source)).toBeInstanceOf(tokenizer.constructor);
    }
  });
});

describe("a damaged directory is refused in one line", () => {
  test.each<[what: string, files: object, message: string | RegExp]>([
    ["no JSON", { "config.json": "{" }, 'expected JSON, got "{" (in "DIR/tiny/config.json")'],
    [
      "a missing key",
      { "config.json": {} },
      'expected the document to have required properties vocab_size, got {} (in "DIR/tiny/config.json")',
    ],
    [
      "a size of the wrong type",
      { "config.json": { vocab_size: "many" } },
      'expected vocab_size to be an integer from 1 to 16777216, got "many" (in "DIR/tiny/config.json")',
    ],
    [
      "an end that is no token",
      { "config.json": { vocab_size: 257, eos_token_id: [1, 257] } },
      'expected eos_token_id below 257, got 257 (in "DIR/tiny/config.json")',
    ],
    [
      "another model's tokenizer",
      { "tokenizer.json": new ByteTokenizer() },
      'expected a tokenizer of the 257 tokens of config.json, got one of 256 (in "DIR/tiny/tokenizer.json")',
    ],
    [
      "a larger tokenizer",
      { "tokenizer.json": new ByteTokenizer({ specialTokens: ["<a>", "<b>"] }) },
      'expected a tokenizer of the 257 tokens of the model, got one with the id 257 (in "DIR/tiny/tokenizer.json")',
    ],
    ["no tokenizer", { "tokenizer.json": "[]" }, /^expected .*\(in "DIR\/tiny\/tokenizer.json"\)$/],
    [
      "nesting without end",
      { "tokenizer.json": `${"[".repeat(1e5)}${"]".repeat(1e5)}` },
      /at most 64 levels, got more/,
    ],
    [
      "sampling out of range",
      { "generation_config.json": { top_p: 1.5 } },
      'expected top_p to be a number above 0, at most 1, got 1.5 (in "DIR/tiny/generation_config.json")',
    ],
  ])("%s", async (_, files, message) => {
    const path = await tinyModel();
    await writeFiles(path, files as Record<string, unknown>);
    const got = await errorOf(path);
    if (typeof message === "string") expect(got).toBe(message);
    else expect(got).toMatch(message);
  });

  test("nothing there, or a file", async () => {
    const folder = await temporaryDirectory();
    expect(await errorOf(join(folder, "no"))).toBe('expected a model directory, got "DIR/no", which does not exist');
    await writeFile(join(folder, "file"), "");
    expect(await errorOf(join(folder, "file"))).toBe('expected a model directory, got "DIR/file", which is a file');
    await mkdir(join(folder, "empty"));
    expect(await errorOf(join(folder, "empty"))).toBe(
      'expected a model directory with "DIR/empty/config.json", got none',
    );
  });

  test("a file that is too large is not read", async () => {
    const path = await tinyModel();
    await truncate(join(path, "config.json"), 2 ** 40);
    expect(await errorOf(path)).toBe('expected at most 1048576 bytes in "DIR/tiny/config.json", got 1099511627776');
  });

  test("a link that leads out of the directory is not followed, one that stays is", async () => {
    const path = await tinyModel();
    await rename(join(path, "config.json"), join(path, "real.json"));
    await symlink("real.json", join(path, "config.json"));
    await readModelDirectory(path);
    await rename(join(path, "real.json"), join(path, "../real.json"));
    await rm(join(path, "config.json"));
    await symlink("../real.json", join(path, "config.json"));
    expect(await errorOf(path)).toMatch(
      /^expected the files of a model inside its directory, got "DIR\/tiny\/config.json", a link to .*; copy the files/,
    );
  });
});
