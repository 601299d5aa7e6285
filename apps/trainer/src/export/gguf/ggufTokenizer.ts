/**
 * A tokenizer as the metadata of a GGUF file, `tokenizer.ggml.*`, with which llama.cpp gives the same ids for a text.
 */

import { CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { endOfTextId } from "../gpt2Config.ts";
import { byteLevelGguf } from "./byteLevelGguf.ts";
import { characterGguf } from "./characterGguf.ts";
import type { GgufValue } from "./gguf.ts";
import { ggufTokenTypes, type GgufVocabulary, impossibleSymbol } from "./ggufVocabulary.ts";

/** How models of others spell the token that ends a text. */
const endTokens = ["<|end_of_text|>", "<|im_end|>", "<|eot_id|>", "</s>", "<eos>"];

export interface GgufTokenizer {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** Where llama.cpp tokenizes otherwise, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * The metadata of a tokenizer.
 *
 * @param lines - Each text is a line, which the token of the line end begins and ends.
 * @param endOfText - The token that ends a text, where more is known than the tokenizer tells.
 * @throws RangeError where llama.cpp has no tokenizer that comes near.
 */
export function ggufTokenizer(
  tokenizer: Tokenizer,
  { lines, endOfText: given }: { lines: boolean; endOfText?: number | undefined },
): GgufTokenizer {
  const known = endTokens.find((token) => tokenizer.specialTokens.has(token)) ?? "";
  const endOfText = given ?? endOfTextId(tokenizer, { lines }) ?? tokenizer.specialTokens.get(known);
  const vocabulary =
    tokenizer instanceof CharacterTokenizer ? characterGguf(tokenizer, endOfText) : byteLevelGguf(tokenizer);
  expectDistinct(vocabulary);
  const { model, pre, tokens, merges, unknown, begin, end } = vocabulary;
  const standIn = endOfText === undefined && model === "gpt2" ? standInForEnd(vocabulary, tokenizer) : undefined;
  const endId = end ?? endOfText ?? standIn?.id;
  const beginId = begin ?? endOfText ?? lineEnd(tokenizer) ?? standIn?.id;
  const metadata = new Map<string, GgufValue>([
    ["tokenizer.ggml.model", { type: "string", value: model }],
    ...(pre === undefined ? [] : [["tokenizer.ggml.pre", { type: "string", value: pre }] as const]),
    ["tokenizer.ggml.tokens", { type: "array", of: "string", values: tokens.map(({ text }) => text) }],
    [
      "tokenizer.ggml.token_type",
      { type: "array", of: "int32", values: tokens.map(({ type }) => ggufTokenTypes[type]) },
    ],
    ...(merges === undefined
      ? []
      : [
          [
            "tokenizer.ggml.merges",
            { type: "array", of: "string", values: merges.map((pair) => pair.join(" ")) },
          ] as const,
        ]),
    ...idEntry("bos", beginId),
    ...idEntry("eos", endId),
    ...idEntry("unknown", unknown),
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: lines || begin !== undefined }],
    ["tokenizer.ggml.add_eos_token", { type: "bool", value: end !== undefined }],
  ]);
  return { metadata, warnings: [...vocabulary.warnings, ...(standIn?.warnings ?? [])] };
}

function idEntry(role: string, id: number | undefined): [string, GgufValue][] {
  return id === undefined ? [] : [[`tokenizer.ggml.${role}_token_id`, { type: "uint32", value: id }]];
}

/** The token of the line end, with which a text without a beginning begins (see promptTokens.ts). */
function lineEnd(tokenizer: Tokenizer): number | undefined {
  if (tokenizer instanceof CharacterTokenizer && tokenizer.unknownCharacters("\n").size > 0) return undefined;
  const ids = tokenizer.encode("\n");
  return ids.length === 1 ? ids[0] : undefined;
}

/**
 * With `gpt2`, llama.cpp takes token 11 for the end of a text unless the file names another: one that models do not write, where there is
 * any, is a special token or the byte FF, which is in no UTF-8.
 */
function standInForEnd({ tokens }: GgufVocabulary, tokenizer: Tokenizer): { id: number; warnings: readonly string[] } {
  const special = tokens.findLastIndex(({ type }) => type === "control" || type === "unknown");
  const silent = special >= 0 ? special : tokens.findIndex(({ text }) => text === impossibleSymbol);
  if (silent >= 0) return { id: silent, warnings: [] };
  const id = tokens.length - 1;
  const warning =
    `llama.cpp needs a token that ends a text, and the vocabulary has none: it will stop at ${JSON.stringify(tokenizer.idToToken(id))}, the last ` +
    "of the vocabulary, unless told otherwise (--ignore-eos)";
  return { id, warnings: [warning] };
}

/** llama.cpp ends the program that loads a file with two tokens of one spelling. */
function expectDistinct({ tokens }: GgufVocabulary): void {
  const seen = new Map<string, number>();
  for (const [id, { text }] of tokens.entries()) {
    const other = seen.get(text);
    if (other !== undefined) {
      throw new RangeError(
        `exportModel: expected tokens that llama.cpp can tell apart, got ${JSON.stringify(text)} for both ${other} and ${id}; ` +
          "leave gguf out of the formats",
      );
    }
    seen.set(text, id);
  }
}
