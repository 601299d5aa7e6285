/**
 * The vocabulary of a GGUF file: tokens as llama.cpp spells them, by id.
 *
 * Its tokenizer `gpt2` is byte-level BPE: tokens are spelled in the printable stand-ins of bytes, a text is cut by a regular expression
 * that has a name (`pre`), and pairs of symbols are merged by rank. Its `rwkv` takes the longest token that fits, byte after byte.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp
 */

import { ByteTokenizer } from "@llm-learning/tokenizers";

/** What a token is there, as a number of the file. */
export const ggufTokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** A token by its spelling and its type. */
export interface GgufToken {
  readonly text: string;
  readonly type: keyof typeof ggufTokenTypes;
}

export interface GgufVocabulary {
  readonly model: "gpt2" | "llama" | "rwkv";
  /** The name of what cuts a text before it is merged. */
  readonly pre?: string;
  readonly tokens: readonly GgufToken[];
  /** Pairs of symbols, the first rank first. */
  readonly merges?: readonly (readonly [string, string])[];
  /** By token; the higher is merged first. */
  readonly scores?: readonly number[];
  /** Whether a text is begun with a space. */
  readonly spacePrefix?: boolean;
  readonly unknown?: number | undefined;
  /** Tokens to put before and after each text. */
  readonly begin?: number | undefined;
  readonly end?: number | undefined;
  /** Where llama.cpp tokenizes otherwise, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * A name for texts that need no cutting, as nothing is merged across characters. It is one of those with which llama.cpp gives the text
 * of tokens as it is; with most it takes away spaces before punctuation.
 */
export const anyCut = "qwen2";

const bytes = new ByteTokenizer();

/** The stand-ins of a text's UTF-8. */
export function byteSymbolsOf(text: string): string[] {
  return Array.from(bytes.encode(text, { specialTokens: "text" }), (byte) => bytes.idToToken(byte));
}

/** The stand-in of a byte that no UTF-8 has. */
export const impossibleSymbol: string = bytes.idToToken(0xff);
