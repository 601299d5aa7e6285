import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { Rng } from "@llm-learning/init";
import { GPT, Llama, MLP } from "@llm-learning/models";
import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { exportModel, type ExportModelOptions } from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveConfig } from "../../src/config/resolveConfig.ts";
import { transcriptTemplate } from "../../src/export/chatTemplate.ts";
import { fillerToken } from "../../src/export/genaiConfig.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "clients-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = new ByteTokenizer({ specialTokens: ["<|endoftext|>"] });
const characters = CharacterTokenizer.fromText("$ abcdef\n");
const gptOf = (tokenizer: Tokenizer): GPT =>
  new GPT({ vocabSize: tokenizer.vocabSize, blockSize: 16, nLayer: 1, nHead: 2, nEmbd: 8 }, { rng: new Rng(2) });

/** The files of an export, those in JSON parsed. */
async function filesOf(
  options: Omit<ExportModelOptions, "outDir">,
): Promise<{ names: string[]; text: (name: string) => Promise<string>; json: (name: string) => Promise<unknown> }> {
  const outDir = join(folder, "model");
  await exportModel({ ...options, outDir });
  const text = (name: string): Promise<string> => readFile(join(outDir, name), "utf8");
  return { names: await readdir(outDir), text, json: async (name) => JSON.parse(await text(name)) as unknown };
}

describe("the tokens that begin, end and pad a text", () => {
  it("are the end of a text, in every file that names them", async () => {
    const { json } = await filesOf({ model: gptOf(bytes), tokenizer: bytes });
    const ids = { bos_token_id: 256, eos_token_id: 256, pad_token_id: 256 };
    expect(await json("config.json")).toMatchObject(ids);
    expect(await json("generation_config.json")).toEqual({ do_sample: false, ...ids });
    expect(await json("tokenizer_config.json")).toMatchObject({
      model_max_length: 16,
      padding_side: "left",
      bos_token: "<|endoftext|>",
      eos_token: "<|endoftext|>",
      pad_token: "<|endoftext|>",
    });
  });

  it("are none where the tokenizer has none: a letter that pads would be left out of decoded texts", async () => {
    const { json } = await filesOf({ model: gptOf(characters), tokenizer: characters });
    expect(await json("config.json")).toMatchObject({ bos_token_id: null, eos_token_id: null, pad_token_id: null });
    expect(await json("generation_config.json")).toEqual({ do_sample: false });
    expect(await json("tokenizer_config.json")).not.toHaveProperty("pad_token");
  });

  it("are the line end of a model of lines, as ids", async () => {
    const { json, names } = await filesOf({ model: gptOf(characters), tokenizer: characters, lines: true });
    const ids = { bos_token_id: 0, eos_token_id: 0, pad_token_id: 0 };
    expect(await json("generation_config.json")).toEqual({ do_sample: false, ...ids });
    expect(await json("tokenizer_config.json")).not.toHaveProperty("eos_token");
    expect(names).not.toContain("chat_template.jinja");
  });
});

describe("genai_config.json", () => {
  it("names the sizes, inputs and outputs of the ONNX model", async () => {
    const model = new Llama(
      { vocabSize: 257, blockSize: 16, nLayer: 3, nHead: 4, nKeyValueHead: 2, nEmbd: 16, headDim: 8, nHidden: 12 },
      { rng: new Rng(2) },
    );
    const { json } = await filesOf({ model, tokenizer: bytes });
    expect(await json("genai_config.json")).toEqual({
      model: {
        type: "llama",
        bos_token_id: 256,
        eos_token_id: [256],
        // The byte 0xFF, so that a prompt may end with the end of a text: its logits are taken from the last token that does not pad.
        pad_token_id: 255,
        context_length: 16,
        vocab_size: 257,
        decoder: {
          session_options: { log_id: "onnxruntime-genai", provider_options: [] },
          filename: "onnx/model.onnx",
          head_size: 8,
          hidden_size: 16,
          num_attention_heads: 4,
          num_hidden_layers: 3,
          num_key_value_heads: 2,
          inputs: {
            input_ids: "input_ids",
            attention_mask: "attention_mask",
            position_ids: "position_ids",
            past_key_names: "past_key_values.%d.key",
            past_value_names: "past_key_values.%d.value",
          },
          outputs: {
            logits: "logits",
            present_key_names: "present.%d.key",
            present_value_names: "present.%d.value",
          },
        },
      },
      search: expect.objectContaining({ do_sample: false, max_length: 16, past_present_share_buffer: true }) as object,
    });
  });

  it("shares the cache's memory only where the ONNX model extends it in place", async () => {
    const model = new GPT({ vocabSize: 257, blockSize: 16, nLayer: 1, nHead: 2, nEmbd: 16 }, { rng: new Rng(2) });
    const search = async (options: Omit<ExportModelOptions, "outDir">): Promise<unknown> =>
      ((await (await filesOf(options)).json("genai_config.json")) as { search: unknown }).search;
    const shared = { past_present_share_buffer: true };
    const apart = { past_present_share_buffer: false };
    expect(await search({ model, tokenizer: bytes })).toMatchObject(shared);
    expect(await search({ model, tokenizer: bytes, portable: true })).toMatchObject(apart);
    // GroupQueryAttention has no heads of 4.
    expect(await search({ model: gptOf(bytes), tokenizer: bytes })).toMatchObject(apart);
  });

  it("is of a decoder without a name where onnxruntime-genai expects another cache, as of GPT-2", async () => {
    const { json } = await filesOf({ model: gptOf(characters), tokenizer: characters });
    // "$" ends texts, since something has to.
    expect(await json("genai_config.json")).toMatchObject({
      model: { type: "decoder", bos_token_id: 2, eos_token_id: 2, pad_token_id: 2 },
    });
  });

  it("is left out of models without a KV cache, and where there is no ONNX model", async () => {
    const model = new MLP({ vocabSize: 9, blockSize: 3, nEmbd: 4, nHidden: 8 }, { rng: new Rng(2) });
    const others = await filesOf({ model, tokenizer: characters, kind: "mlp" });
    expect(others.names).not.toContain("genai_config.json");
    expect(others.names).toContain("README.md");
    const { names } = await filesOf({ model: gptOf(bytes), tokenizer: bytes, formats: ["safetensors"] });
    expect(names).not.toContain("genai_config.json");
  });

  it.each<[string, Tokenizer, number | null, number]>([
    ["no byte of UTF-8", bytes, 256, 255],
    ["the token that pads, among characters", CharacterTokenizer.fromText("ab", { specialTokens: ["<pad>"] }), 2, 2],
    ["a symbol", CharacterTokenizer.fromCharacters("a1+z"), null, 2],
    ["a digit", CharacterTokenizer.fromCharacters("a1z"), null, 1],
    ["the last letter", CharacterTokenizer.fromCharacters("abz"), null, 2],
    ["no letter that is spelled as the byte 0xFF is", CharacterTokenizer.fromCharacters("aÿ="), null, 2],
  ])("fills up with %s", (_, tokenizer, padTokenId, expected) => {
    expect(fillerToken(tokenizer, { padTokenId })).toBe(expected);
  });
});

describe("the template of conversations", () => {
  const messages = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "What is {{ that }}?" },
    { role: "assistant", content: "A whale." },
    { role: "user", content: "And that?" },
  ];

  it("writes a transcript", () => {
    const template = new Template(transcriptTemplate);
    expect(template.render({ messages, add_generation_prompt: true })).toBe(
      "System: Be brief.\nUser: What is {{ that }}?\nAssistant: A whale.\nUser: And that?\nAssistant:",
    );
    expect(template.render({ messages: messages.slice(1, 3), add_generation_prompt: false })).toBe(
      "User: What is {{ that }}?\nAssistant: A whale.\n",
    );
  });

  it("stands in both places where it is looked for, if the tokenizer has its characters", async () => {
    const { text, json } = await filesOf({ model: gptOf(bytes), tokenizer: bytes });
    expect(await text("chat_template.jinja")).toBe(transcriptTemplate);
    expect(await json("tokenizer_config.json")).toMatchObject({ chat_template: transcriptTemplate });
    const { names } = await filesOf({ model: gptOf(characters), tokenizer: characters });
    expect(names).not.toContain("chat_template.jinja");
  });
});

describe("the model card", () => {
  const config = resolveConfig({
    preset: "nanogpt-cpu",
    data: "/home/me/my `book`|1.txt",
    batchSize: 4,
    blockSize: 16,
  });

  it("says what the model is and how it was trained", async () => {
    const { text } = await filesOf({
      model: gptOf(bytes),
      tokenizer: bytes,
      step: 250,
      validationLoss: Math.log(5),
      record: { config, imported: false, trainLoss: 1.5 },
      quantize: ["q8"],
    });
    const card = await text("README.md");
    const tags = ["llm-learning", "gpt2", "onnx", "safetensors", "transformers.js"]
      .map((tag) => `  - ${tag}\n`)
      .join("");
    expect(card).toMatch(/^---\nlibrary_name: transformers\npipeline_tag: text-generation\n/);
    expect(card).toContain(`tags:\n${tags}---\n`);
    // (257 + 16) 8 in the embeddings; 24 x 9, 8 x 9, 32 x 9 and 8 x 33 in the linear layers of the block; three norms of 16.
    expect(card).toContain("| parameters | 3,072 |");
    expect(card).toContain("| data | `my book1.txt` |");
    expect(card).toContain("| tokens seen | 16,000 |");
    expect(card).toContain("| training loss | 1.5000 nats per token |");
    expect(card).toContain("| validation loss | 1.6094 nats per token, perplexity 5.00 |");
    expect(card).toContain("`dtype` fp32, q8");
    for (const client of ["transformers.js", "AutoModelForCausalLM", "ORTModelForCausalLM", "onnxruntime_genai"]) {
      expect(card).toContain(client);
    }
    expect(card).not.toContain("/home/me");
  });

  it("says where an imported model comes from, and of its training here only if there was one", async () => {
    const record = { config: { ...config, preset: "gpt2" }, imported: true };
    const options = { model: gptOf(bytes), tokenizer: bytes, record };
    const tuned = await (await filesOf({ ...options, step: 5 })).text("README.md");
    expect(tuned).toContain("parameters, fine-tuned on `my book1.txt`\n");
    expect(tuned).toContain("| from | `gpt2` |");
    expect(await (await filesOf({ ...options, step: 0 })).text("README.md")).not.toMatch(/tuned|## Training/);
  });

  it("claims no more than holds of a model that other programs do not know", async () => {
    const model = new MLP({ vocabSize: 9, blockSize: 3, nEmbd: 4, nHidden: 8 }, { rng: new Rng(2) });
    const { text } = await filesOf({ model, tokenizer: characters, kind: "mlp" });
    const card = await text("README.md");
    expect(card).toMatch(/^---\npipeline_tag: text-generation\ntags:\n {2}- llm-learning\n {2}- llm-learning-mlp\n/);
    expect(card).toContain("No other program has this model by name");
    expect(card).not.toMatch(/transformers\.js|AutoModel|## Training/);
  });

  it("leaves out optimum where heads are wider than their share, which it does not know", async () => {
    const sizes = { vocabSize: 257, blockSize: 16, nLayer: 1, nHead: 2, nEmbd: 8, nHidden: 8, qkNorm: true };
    const cardOf = async (headDim: number): Promise<string> => {
      const model = new Llama({ ...sizes, headDim }, { rng: new Rng(2) });
      return (await filesOf({ model, tokenizer: bytes })).text("README.md");
    };
    expect(await cardOf(4)).toContain("optimum");
    expect(await cardOf(8)).not.toContain("optimum");
  });

  it("says how to pad and when a text ends, where the tokenizer does not", async () => {
    const { text } = await filesOf({ model: gptOf(characters), tokenizer: characters });
    const card = await text("README.md");
    expect(card).toContain("The model knows no end of a text");
    expect(card).toContain("The tokenizer has no token to pad with.");
    expect(card).toContain("token 2 (`$`) pads and ends texts");
  });
});
