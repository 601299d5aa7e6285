// What our own runtime makes of a model directory, as one JSON document that the scripts of the clients compare with: the greedy tokens of
// each form of the ONNX model, each with the distance to the second best in nats, the ids of texts, the prompt of a conversation.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openTokenGenerator } from "@llm-learning/onnx/node";
import { tokenizerFromJSON } from "@llm-learning/tokenizers";
import { Tokenizer as Pipeline } from "@llm-learning/tokenizers/huggingface";

/** Prompts of different lengths; those in characters that a tokenizer does not know are left out. */
const prompts = ["The ", "And so they went to ", "First Citizen:\nWe ", "a", "is it not"];

/** Texts that tokenizers stumble over; of characters those that a tokenizer knows. */
const texts = [
  "Hello, world!",
  "  two  spaces,\ttab\n\nlines \n",
  "don't I'LL we've 1234567 3.14",
  "Zoë ß café École ﬁ …",
  "中文 あいう 한글 नमस्ते Ελληνικά",
  "🦙👍🏽 \u200d\u00a0\u3000x",
  "e\u0301 \r\n\u2028 <|x|>",
  "before<|endoftext|>after",
];

export const conversation = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "What is that?" },
  { role: "assistant", content: "A whale." },
  { role: "user", content: "And that?" },
];

/** The prompt of the conversation by the template that a model without one of its own is given. */
const transcript = "System: Be brief.\nUser: What is that?\nAssistant: A whale.\nUser: And that?\nAssistant:";

const files = { fp32: "model.onnx", fp16: "model_fp16.onnx", q8: "model_quantized.onnx", q4: "model_q4.onnx" };

/** @param {string} directory - A model directory with a decoder. */
export async function expectationsOf(directory) {
  const config = readJson(directory, "config.json");
  const tokenizer = openTokenizer(readJson(directory, "tokenizer.json"));
  const knows = (text) => {
    try {
      return tokenizer.decode(tokenizer.encode(text)) === text;
    } catch {
      return false;
    }
  };
  const encoded = (text) => ({ text, ids: Array.from(tokenizer.encode(text)) });
  const known = (text) => (knows(text) ? text : [...text].filter(knows).join(""));
  const begin = config.llm_learning?.lines === true ? "\n" : "";
  const asked = prompts.map((prompt) => begin + prompt.replaceAll(/\n/g, begin === "" ? "\n" : "")).filter(knows);
  const starts = asked.map(encoded);
  const stopIds = [config.eos_token_id ?? []].flat();
  const greedy = {};
  let maxTokens = 0;
  for (const [form, file] of Object.entries(files)) {
    const path = join(directory, "onnx", file);
    if (!existsSync(path)) continue;
    const generator = await openTokenGenerator(path, { threads: 1 });
    const longest = Math.max(...starts.map(({ ids }) => ids.length));
    maxTokens = Math.min(32, generator.blockSize - longest);
    greedy[form] = [];
    for (const { ids } of starts) {
      const tokens = [];
      const gaps = [];
      for await (const step of generator.stream([ids], { maxTokens, temperature: 0, stopIds, logprobs: 2 })) {
        tokens.push(step.token);
        gaps.push(step.topLogprobs[0].logprob - step.topLogprobs[1].logprob);
      }
      greedy[form].push({ ids: tokens, text: tokenizer.decode(tokens), gaps });
    }
    await generator.dispose();
  }
  return {
    prompts: starts,
    maxTokens,
    stopIds,
    greedy,
    texts: texts.map((text) => encoded(known(text))),
    conversation,
    transcript: existsSync(join(directory, "chat_template.jinja")) ? transcript : null,
  };
}

function openTokenizer(document) {
  try {
    return tokenizerFromJSON(document);
  } catch {
    const pipeline = Pipeline.fromJSON({ ...document, truncation: null, padding: null });
    return {
      encode: (text) => pipeline.encode(text, { addSpecialTokens: false }).ids,
      decode: (ids) => pipeline.decode(ids),
    };
  }
}

function readJson(directory, name) {
  return JSON.parse(readFileSync(join(directory, name), "utf8"));
}
