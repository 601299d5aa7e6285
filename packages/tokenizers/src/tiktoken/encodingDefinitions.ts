/**
 * What OpenAI's encodings are besides their ranks: pattern, special tokens and number of ids, as tiktoken 0.14 defines them
 * (`tiktoken_ext/openai_public.py`). The ranks themselves are in `.tiktoken` files.
 */

import { kernelPatterns } from "../bpe/kernel.ts";
import { type WordRule, wordStarts } from "../splitting/asciiWords.ts";
import {
  createCl100kSplitter,
  createO200kSplitter,
  createR50kSplitter,
  type Splitting,
} from "../splitting/byteSplitter.ts";

/** The pattern of an encoding, by the name of the encoding that brought it in. */
export type PatternName = "r50k_base" | "cl100k_base" | "o200k_base";

/** A pattern of one's own, made by {@link splitPattern}. */
export interface SplitPattern {
  /** The regular expression. */
  readonly source: string;
  /** How this package carries it out. */
  readonly splitting: Splitting;
}

/** Name of one of OpenAI's encodings. */
export type EncodingName =
  | "gpt2"
  | "r50k_base"
  | "p50k_base"
  | "p50k_edit"
  | "cl100k_base"
  | "o200k_base"
  | "o200k_harmony";

/** An encoding without its ranks. */
export interface EncodingDefinition {
  readonly pattern: PatternName;
  /** Spelling to id. */
  readonly specialTokens: Readonly<Record<string, number>>;
  /** The `.tiktoken` file that holds the ranks, without its extension. */
  readonly ranks: string;
}

export const splittings: Readonly<Record<PatternName, Splitting & { readonly words: WordRule }>> = {
  r50k_base: {
    createSplitter: createR50kSplitter,
    words: { starts: wordStarts((character) => character === " "), cased: false, kernelPattern: kernelPatterns.r50k },
  },
  cl100k_base: {
    createSplitter: createCl100kSplitter,
    words: {
      starts: wordStarts((character) => !/[\d\r\n']/.test(character)),
      cased: false,
      kernelPattern: kernelPatterns.cl100k,
    },
    joinsSpaceAtEnd: true,
  },
  o200k_base: {
    createSplitter: createO200kSplitter,
    words: {
      starts: wordStarts((character) => !/[\d\r\n]/.test(character)),
      cased: true,
      kernelPattern: kernelPatterns.o200k,
    },
  },
};

/** How a pattern is carried out. */
export function splittingOf(pattern: PatternName | SplitPattern): Splitting {
  return typeof pattern === "string" ? splittings[pattern] : pattern.splitting;
}

const endOfText = "<|endoftext|>";
const infilling = (first: number) => ({
  "<|fim_prefix|>": first,
  "<|fim_middle|>": first + 1,
  "<|fim_suffix|>": first + 2,
});
const o200k = { [endOfText]: 199999, "<|endofprompt|>": 200018 };

/** The seven encodings by name. */
export const encodingDefinitions: Readonly<Record<EncodingName, EncodingDefinition>> = {
  gpt2: { pattern: "r50k_base", ranks: "r50k_base", specialTokens: { [endOfText]: 50256 } },
  r50k_base: { pattern: "r50k_base", ranks: "r50k_base", specialTokens: { [endOfText]: 50256 } },
  p50k_base: { pattern: "r50k_base", ranks: "p50k_base", specialTokens: { [endOfText]: 50256 } },
  p50k_edit: { pattern: "r50k_base", ranks: "p50k_base", specialTokens: { [endOfText]: 50256, ...infilling(50281) } },
  cl100k_base: {
    pattern: "cl100k_base",
    ranks: "cl100k_base",
    specialTokens: { [endOfText]: 100257, ...infilling(100258), "<|endofprompt|>": 100276 },
  },
  o200k_base: { pattern: "o200k_base", ranks: "o200k_base", specialTokens: o200k },
  o200k_harmony: {
    pattern: "o200k_base",
    ranks: "o200k_base",
    specialTokens: {
      "<|startoftext|>": 199998,
      [endOfText]: 199999,
      "<|reserved_200000|>": 200000,
      "<|reserved_200001|>": 200001,
      "<|return|>": 200002,
      "<|constrain|>": 200003,
      "<|reserved_200004|>": 200004,
      "<|channel|>": 200005,
      "<|start|>": 200006,
      "<|end|>": 200007,
      "<|message|>": 200008,
      "<|reserved_200009|>": 200009,
      "<|reserved_200010|>": 200010,
      "<|reserved_200011|>": 200011,
      "<|call|>": 200012,
      "<|endofprompt|>": 200018,
      ...reserved(200013, 201087),
    },
  },
};

function reserved(first: number, last: number): Record<string, number> {
  const ids = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return Object.fromEntries(ids.map((id) => [`<|reserved_${id}|>`, id]));
}
