import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openTokenGenerator } from "@llm-learning/onnx/node";
import { exportModel, generateSamples, importModel, loadModel, openRun, runPaths } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeGguf } from "../../src/export/gguf/decodeGguf.ts";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), "utf8"));

/** A copy of a model that transformers wrote, with other files beside it. */
function modelWith(name: string, files: Record<string, object | string>): string {
  const directory = tiny.path(name);
  cpSync(join(fixtures, "llama"), directory, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(directory, file), typeof content === "string" ? content : JSON.stringify(content));
  }
  return directory;
}

describe("what an imported model came with", () => {
  const template = "{{ messages[0].content }}";

  it("goes with it through the run and the export, and ends its samples", async () => {
    const directory = modelWith("chat", {
      "generation_config.json": {
        bos_token_id: 0,
        eos_token_id: [84, 0, 100_000],
        temperature: 0.6,
        top_p: 0.9,
        transformers_version: "4.57.0",
      },
      "tokenizer_config.json": { eos_token: { content: "<|endoftext|>" }, pad_token: "<|none|>", chat_template: "old" },
      "chat_template.jinja": template,
    });
    const root = tiny.path("chat-run");
    await importModel({ directory, config: { data: tiny.data, threads: 1 }, out: root });
    const run = await openRun(root);
    const { model } = await loadModel(run, "best");
    const outDir = tiny.path("chat-export");
    const formats = ["onnx", "safetensors", "gguf"] as const;
    await exportModel({ model, tokenizer: run.tokenizer, conventions: run.conventions, formats, outDir });
    const gguf = decodeGguf(readFileSync(join(outDir, "model.gguf"))).metadata;
    expect(gguf.get("tokenizer.chat_template")).toEqual({ type: "string", value: template });
    expect(gguf.get("tokenizer.ggml.eos_token_id")).toEqual({ type: "uint32", value: 84 });
    for (const exported of [runPaths(root).model, outDir]) {
      expect(readJson(exported, "config.json")).toMatchObject({ bos_token_id: 0, eos_token_id: [84, 0] });
      expect(readJson(exported, "generation_config.json")).toEqual({
        bos_token_id: 0,
        eos_token_id: [84, 0],
        pad_token_id: 0,
        temperature: 0.6,
        top_p: 0.9,
      });
      expect(readJson(exported, "tokenizer_config.json")).toMatchObject({
        eos_token: "<|endoftext|>",
        pad_token: "<|endoftext|>",
        chat_template: template,
      });
      expect(readFileSync(join(exported, "chat_template.jinja"), "utf8")).toBe(template);
      expect(readJson(exported, "genai_config.json")).toMatchObject({ model: { eos_token_id: [84, 0] } });
    }
    // The second of the tokens that end a text ends it as well.
    const options = { prompt: "went", maxTokens: 8, temperature: 0, seed: 1, logprobs: 0 };
    const [before] = (await generateSamples(outDir, options)).samples;
    const first = before.logprobs?.[0].id;
    const config = readJson(outDir, "config.json") as object;
    writeFileSync(join(outDir, "config.json"), JSON.stringify({ ...config, eos_token_id: [0, first] }));
    const [after] = (await generateSamples(outDir, options)).samples;
    expect(after).toMatchObject({ text: "", finishReason: "stop" });
  });

  it("may be a token before every text, which samples begin with, too", async () => {
    const tokenizer = readJson(fixtures, "llama", "tokenizer.json") as object;
    const id = "<|endoftext|>";
    const directory = modelWith("begun", {
      "tokenizer.json": {
        ...tokenizer,
        post_processor: {
          type: "TemplateProcessing",
          single: [{ SpecialToken: { id, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
          pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
          special_tokens: { [id]: { id, ids: [0], tokens: [id] } },
        },
      },
    });
    const root = tiny.path("begun-run");
    await importModel({ directory, config: { data: tiny.data, threads: 1 }, out: root });
    const { model } = runPaths(root);
    const ids = (await openRun(root)).tokenizer.encode("went to mow");
    const generator = await openTokenGenerator(join(model, "onnx", "model.onnx"), { threads: 1 });
    const options = { maxTokens: 8, temperature: 0 };
    for (const [prompt, start] of [
      ["went to mow", [0, ...ids]],
      ["", [0]],
    ] as const) {
      const [expected] = await generator.generate([start], { ...options, stopIds: [0] });
      const { samples } = await generateSamples(model, { ...options, prompt, seed: 1, logprobs: 0 });
      expect(samples[0].logprobs?.map(({ id: token }) => token)).toEqual(expected);
    }
    await generator.dispose();
  });

  it("is what the tokenizer says, where nothing else does or ids are beyond the vocabulary", async () => {
    const directory = modelWith("bare", { "generation_config.json": { eos_token_id: 270, do_sample: "?" } });
    const config = readJson(directory, "config.json") as object;
    writeFileSync(
      join(directory, "config.json"),
      JSON.stringify({ ...config, bos_token_id: null, eos_token_id: "no" }),
    );
    const root = tiny.path("bare-run");
    await importModel({ directory, config: { data: tiny.data, threads: 1 }, out: root });
    expect((await openRun(root)).conventions).toMatchObject({ bosTokenId: 0, eosTokenIds: [0], padTokenId: 0 });
  });

  it.each<[string, Record<string, object | string>, RegExp]>([
    ["no JSON", { "generation_config.json": "{" }, /^expected JSON, got "\{" \(in ".*generation_config.json"\)$/],
    ["no JSON either", { "tokenizer_config.json": "" }, /^expected JSON, got "" \(in ".*tokenizer_config.json"\)$/],
  ])("is refused where it is %s", async (name, files, message) => {
    const out = tiny.path(`run of ${name}`);
    const directory = modelWith(`model of ${name}`, files);
    await expect(importModel({ directory, config: { data: tiny.data }, out })).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });

  it("is refused where a run's file of it is damaged", async () => {
    const root = tiny.path("damaged");
    cpSync(tiny.path("bare-run"), root, { recursive: true });
    writeFileSync(runPaths(root).conventions, JSON.stringify({ bosTokenId: -1 }));
    await expect(openRun(root)).rejects.toThrow(
      /^expected the conventions of a model, got bosTokenId: .*conventions.json"\)$/,
    );
  });
});
