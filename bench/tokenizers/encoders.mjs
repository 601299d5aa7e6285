// The encoders of an encoding that npm has, ours first, each as a function from text to ids, special tokens being
// ordinary text, and one back.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { getEncoding } from "@llm-learning/tokenizers/tiktoken";
import { fromBytes } from "hypertok";
import { get_encoding } from "tiktoken";

const require = createRequire(import.meta.url);

const gptTokenizer = {
  cl100k_base: () => import("gpt-tokenizer/encoding/cl100k_base"),
  o200k_base: () => import("gpt-tokenizer/encoding/o200k_base"),
};
const hypertokVocabulary = {
  cl100k_base: require.resolve("@hypertok/vocab-cl100k/vocab.htk"),
  o200k_base: require.resolve("@hypertok/vocab-o200k/vocab.htk"),
};

/**
 * @param {"cl100k_base" | "o200k_base"} encoding
 * @returns {Promise<{ name: string, encode: (text: string) => ArrayLike<number>, decode: (ids: Uint32Array) => string }[]>}
 */
export async function encoders(encoding) {
  const ours = await getEncoding(encoding);
  const hypertok = await fromBytes(readFileSync(hypertokVocabulary[encoding]));
  const { encode, decode, setMergeCacheSize } = await gptTokenizer[encoding]();
  setMergeCacheSize?.(100_000);
  const wasm = get_encoding(encoding);
  const none = { disallowedSpecial: new Set() };
  return [
    { name: "ours", encode: (text) => ours.encodeOrdinary(text), decode: (ids) => ours.decode(ids) },
    {
      name: `hypertok ${version("hypertok")}`,
      encode: (text) => hypertok.encodeSync(text),
      decode: (ids) => hypertok.decode(ids),
    },
    {
      name: `gpt-tokenizer ${version("gpt-tokenizer")}`,
      encode: (text) => encode(text, none),
      decode: (ids) => decode(ids),
    },
    {
      name: `tiktoken ${version("tiktoken")} (wasm)`,
      encode: (text) => wasm.encode_ordinary(text),
      decode: (ids) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(wasm.decode(ids)),
    },
  ];
}

/** The version that this folder pins. */
function version(name) {
  return require("../package.json").dependencies[name];
}
