/**
 * Tokenizers of every kind: bytes, characters, byte pairs, pieces with byte fallback.
 */

import { BpeTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { Encoding } from "@llm-learning/tokenizers/tiktoken";
import { gpt2 } from "@llm-learning/tokenizers/tiktoken/gpt2";
import { bytes, END } from "./accepted.ts";

/** A tokenizer and the id that ends a text. */
export interface Vocabulary {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  readonly eosId: number;
}

const utf8 = new TextEncoder();
const merged = [
  '{"', '":', '", "', '"}', '"},{"', "],", "[[", '": "', '",', " {", "true", "null", ' "', "12", "00", "1.", "\\u", "\\ud8", '\\"', "ab", "a\"", "}]}",
  "e-", "  ", "name", '"name": ',
]; // prettier-ignore

/** Tokens that begin, end and are in the middle of characters. */
const halves = [
  [0xec, 0x95],
  [0x88, 0x22],
  [0xf0, 0x9f],
  [0x98, 0x80, 0x22, 0x7d],
];

const pairs = new BpeTokenizer(
  new Encoding({
    name: "a few merges",
    pattern: "r50k_base",
    ranks: [
      ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
      ...merged.map((text) => utf8.encode(text)),
      ...halves.map((half) => Uint8Array.from(half)),
    ],
    specialTokens: { "<|end|>": 400 },
  }),
);

const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");

export const vocabularies: readonly Vocabulary[] = [
  { name: "bytes", tokenizer: bytes, eosId: END },
  {
    name: "characters",
    tokenizer: CharacterTokenizer.fromText(`${printable}\né안😀`, { specialTokens: ["<|end|>"] }),
    eosId: 99,
  },
  { name: "byte pairs", tokenizer: pairs, eosId: 400 },
  { name: "GPT-2", tokenizer: new BpeTokenizer(gpt2), eosId: 50256 },
];
