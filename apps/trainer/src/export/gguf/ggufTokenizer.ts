/**
 * A tokenizer as the metadata of a GGUF file, `tokenizer.ggml.*`, with which llama.cpp gives the same ids for a text.
 */

import { CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { endOfTextId } from "../gpt2Config.ts";
import { bpeDocument } from "./bpeDocument.ts";
import { byteLevelGguf } from "./byteLevelGguf.ts";
import { characterGguf } from "./characterGguf.ts";
import type { GgufValue } from "./gguf.ts";
import { ggufTokenTypes, type GgufVocabulary, impossibleSymbol } from "./ggufVocabulary.ts";
import { sentencePieceGguf } from "./sentencePieceGguf.ts";

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
  const vocabulary = vocabularyOf(tokenizer, endOfText);
  expectDistinct(vocabulary);
  const { model, pre, tokens, merges, scores, spacePrefix, unknown, begin, end } = vocabulary;
  const standIn = endOfText === undefined && model !== "rwkv" ? standInForEnd(vocabulary, tokenizer) : undefined;
  const entries: Readonly<Record<string, GgufValue | undefined>> = {
    model: { type: "string", value: model },
    pre: pre === undefined ? undefined : { type: "string", value: pre },
    tokens: { type: "array", of: "string", values: tokens.map(({ text }) => text) },
    token_type: { type: "array", of: "int32", values: tokens.map(({ type }) => ggufTokenTypes[type]) },
    merges: merges && { type: "array", of: "string", values: merges.map((pair) => pair.join(" ")) },
    scores: scores && { type: "array", of: "float32", values: scores },
    bos_token_id: idEntry(begin ?? endOfText ?? lineEnd(tokenizer) ?? standIn?.id),
    eos_token_id: idEntry(end ?? endOfText ?? standIn?.id),
    unknown_token_id: idEntry(unknown),
    add_bos_token: { type: "bool", value: lines || begin !== undefined },
    add_eos_token: { type: "bool", value: end !== undefined },
    add_space_prefix: spacePrefix === undefined ? undefined : { type: "bool", value: spacePrefix },
  };
  const metadata = new Map<string, GgufValue>();
  for (const [key, value] of Object.entries(entries)) {
    if (value !== undefined) metadata.set(`tokenizer.ggml.${key}`, value);
  }
  return { metadata, warnings: [...vocabulary.warnings, ...(standIn?.warnings ?? [])] };
}

/** @throws RangeError where llama.cpp has no such tokenizer. */
function vocabularyOf(tokenizer: Tokenizer, endOfText: number | undefined): GgufVocabulary {
  if (tokenizer instanceof CharacterTokenizer) return characterGguf(tokenizer, endOfText);
  const document = bpeDocument(tokenizer);
  const vocabulary =
    document?.decoder?.type === "ByteLevel"
      ? byteLevelGguf(document, tokenizer.vocabSize)
      : document && sentencePieceGguf(document, tokenizer.vocabSize);
  if (vocabulary !== undefined) return vocabulary;
  throw new RangeError(
    "exportModel: expected a tokenizer of characters, of bytes, of byte-level BPE or of SentencePiece's BPE to write for llama.cpp, " +
      "got another; leave gguf out of the formats",
  );
}

function idEntry(id: number | undefined): GgufValue | undefined {
  return id === undefined ? undefined : { type: "uint32", value: id };
}

/** The token of the line end, with which a text without a beginning begins (see promptTokens.ts). */
function lineEnd(tokenizer: Tokenizer): number | undefined {
  if (tokenizer instanceof CharacterTokenizer && tokenizer.unknownCharacters("\n").size > 0) return undefined;
  const ids = tokenizer.encode("\n");
  return ids.length === 1 ? ids[0] : undefined;
}

/**
 * llama.cpp takes token 11 (or 2, with `llama`) for the end of a text unless the file names another: one that models do not write, where there is
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
