/**
 * Reads a `tokenizer.json` back: the files this package writes, and files made by hand or by other tools that mean the
 * same (a BPE model over bytes, or one without merges over single characters).
 *
 * A file with a component that would change ids or text is refused with the component's name, never half obeyed: a
 * wrong id is worse than an error. The input is foreign: every field is checked before it is used, and work and memory
 * are bounded by the size of the document.
 */

import { BpeTokenizer } from "./bpeTokenizer.ts";
import { type BpeVocabulary, readEncoding } from "./bpeTokenizerJson.ts";
import { byteSymbols } from "./byteAlphabet.ts";
import { ByteTokenizer } from "./byteTokenizer.ts";
import { CharacterTokenizer } from "./characterTokenizer.ts";
import { isSingleCharacter } from "./codePoints.ts";
import { describe, quote } from "./describe.ts";
import {
  expectArray,
  expectComponent,
  expectId,
  expectNull,
  expectObject,
  expectOneOf,
  expectString,
  field,
  type JsonObject,
  unsupported,
} from "./jsonFields.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** The parts of a document without merges. */
interface Vocabulary {
  /** Token of each id, without holes. */
  readonly tokens: readonly string[];
  /** The special tokens among them. */
  readonly specialTokens: ReadonlySet<string>;
  readonly unknown: string | undefined;
}

/**
 * Makes the tokenizer that a parsed `tokenizer.json` describes.
 *
 * @param json - The parsed document.
 * @returns A {@link CharacterTokenizer}, a {@link ByteTokenizer} or a {@link BpeTokenizer}.
 * @throws TypeError if a field is missing or of the wrong type; RangeError if its value is unsupported or impossible.
 * The message names the field.
 */
export function tokenizerFromJSON(json: unknown): Tokenizer {
  const document = expectObject("the document", json);
  expectOneOf("version", field(document, "version"), ["1.0", undefined]);
  for (const name of ["truncation", "padding", "normalizer"]) expectNull(name, field(document, name));

  const model = expectBpeModel(field(document, "model"));
  const tokens = readTokens(model, field(document, "added_tokens"));
  if (expectArray("model.merges", field(model, "merges")).length > 0) {
    return new BpeTokenizer(readEncoding(document, model, tokens));
  }
  const vocabulary = readVocabulary(model, tokens);

  const preTokenizer = field(document, "pre_tokenizer") ?? null;
  if (preTokenizer === null) return readCharacters(document, vocabulary);
  const component = expectObject("pre_tokenizer", preTokenizer);
  const type = expectString("pre_tokenizer.type", field(component, "type"));
  if (type === "ByteLevel") {
    expectOneOf("pre_tokenizer.add_prefix_space", field(component, "add_prefix_space"), [false]);
    return readBytes(document, vocabulary);
  }
  if (type !== "Split") throw unsupported("pre_tokenizer.type", 'null, "ByteLevel" or "Split"', type);
  // Characters stay what they are however the text is cut, as long as nothing is thrown away.
  const behaviors = ["Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"];
  expectOneOf("pre_tokenizer.behavior", field(component, "behavior"), behaviors);
  return readCharacters(document, vocabulary);
}

/**
 * Makes the tokenizer that the text of a `tokenizer.json` describes.
 *
 * @param text - The content of the file.
 * @returns As {@link tokenizerFromJSON}.
 * @throws TypeError if `text` is not a string; RangeError in one line if it is not JSON; the errors of
 * {@link tokenizerFromJSON}.
 */
export function parseTokenizer(text: string): Tokenizer {
  if (typeof text !== "string") throw new TypeError(`parseTokenizer: expected a string, got ${describe(text)}`);
  let json: unknown;
  try {
    // A byte order mark, which some editors write, is not JSON.
    json = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\s+/g, " ").slice(0, 120) : "not JSON";
    const message = `parseTokenizer: expected the JSON of a tokenizer.json, got invalid JSON (${reason})`;
    throw new RangeError(message, { cause });
  }
  return tokenizerFromJSON(json);
}

function expectBpeModel(value: unknown): JsonObject {
  const model = expectObject("model", value);
  const type = expectString("model.type", field(model, "type"));
  if (type !== "BPE") throw unsupported("model.type", '"BPE"', type);
  expectOneOf("model.dropout", field(model, "dropout"), [null, 0, undefined]);
  for (const name of ["continuing_subword_prefix", "end_of_word_suffix"]) {
    expectOneOf(`model.${name}`, field(model, name), [null, "", undefined]);
  }
  for (const name of ["fuse_unk", "byte_fallback", "ignore_merges"]) {
    expectOneOf(`model.${name}`, field(model, name), [false, undefined]);
  }
  return model;
}

function readTokens(model: JsonObject, addedTokens: unknown): BpeVocabulary {
  const ids = new Map<string, number>();
  for (const [token, id] of Object.entries(expectObject("model.vocab", field(model, "vocab")))) {
    ids.set(token, expectId(`model.vocab[${quote(token)}]`, id));
  }
  const specialTokens = new Set<string>();
  for (const [i, entry] of expectArray("added_tokens", addedTokens ?? []).entries()) {
    const { content, id } = readAddedToken(`added_tokens[${i}]`, entry);
    if (specialTokens.has(content)) throw unsupported(`added_tokens[${i}].content`, "a token of its own", content);
    const known = ids.get(content);
    if (known !== undefined && known !== id) {
      throw unsupported(`added_tokens[${i}].id`, `${known}, the id of ${quote(content)} in model.vocab`, id);
    }
    // Hugging Face numbers the tokens that model.vocab lacks on from its end, whatever id is written beside them.
    if (known === undefined && id !== ids.size) {
      throw unsupported(`added_tokens[${i}].id`, `${ids.size}, the next id after model.vocab`, id);
    }
    specialTokens.add(content);
    ids.set(content, id);
  }
  if (ids.size === 0) throw unsupported("model.vocab", "one token or more", model["vocab"]);
  return { ids, specialTokens };
}

function readVocabulary(model: JsonObject, { ids, specialTokens }: BpeVocabulary): Vocabulary {
  const unknown = readUnknown(field(model, "unk_token"), ids, specialTokens);
  return { tokens: inIdOrder(ids), specialTokens, unknown };
}

function readAddedToken(name: string, value: unknown): { content: string; id: number } {
  const token = expectObject(name, value);
  const content = expectString(`${name}.content`, field(token, "content"));
  if (content === "" || /\p{Surrogate}/u.test(content)) {
    throw unsupported(`${name}.content`, "not empty and without lone surrogates", content);
  }
  for (const flag of ["single_word", "lstrip", "rstrip"]) {
    expectOneOf(`${name}.${flag}`, field(token, flag), [false, undefined]);
  }
  expectOneOf(`${name}.normalized`, field(token, "normalized"), [false, true, undefined]);
  expectOneOf(`${name}.special`, field(token, "special"), [true]);
  return { content, id: expectId(`${name}.id`, field(token, "id")) };
}

function readUnknown(
  value: unknown,
  ids: ReadonlyMap<string, number>,
  specialTokens: ReadonlySet<string>,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  const unknown = expectString("model.unk_token", value);
  if (!ids.has(unknown)) throw unsupported("model.unk_token", "a token of model.vocab", unknown);
  if (!specialTokens.has(unknown)) throw unsupported("model.unk_token", "one of added_tokens", unknown);
  return unknown;
}

/** Turns token-to-id around; the ids must be 0 to n - 1, each once. */
function inIdOrder(ids: ReadonlyMap<string, number>): string[] {
  const tokens = Array.from<string | undefined>({ length: ids.size });
  for (const [token, id] of ids) {
    if (id >= tokens.length) {
      throw unsupported(`the id of ${quote(token)}`, `below ${tokens.length}, the number of tokens (no holes)`, id);
    }
    const other = tokens[id];
    if (other !== undefined) throw unsupported(`the id of ${quote(token)}`, `its own, not that of ${quote(other)}`, id);
    tokens[id] = token;
  }
  return tokens as string[];
}

function readBytes(document: JsonObject, { tokens, specialTokens }: Vocabulary): ByteTokenizer {
  expectComponent("decoder", field(document, "decoder"), "ByteLevel");
  const postProcessor = field(document, "post_processor") ?? null;
  if (postProcessor !== null) expectComponent("post_processor", postProcessor, "ByteLevel");
  byteSymbols.forEach((symbol, byte) => {
    if (tokens[byte] !== symbol) {
      throw unsupported(`token ${byte} of model.vocab`, `${quote(symbol)}, the symbol of byte ${byte}`, tokens[byte]);
    }
    if (specialTokens.has(symbol)) throw unsupported("added_tokens", "free of byte symbols", symbol);
  });
  const stray = tokens.slice(256).find((token) => !specialTokens.has(token));
  if (stray !== undefined) throw unsupported("model.vocab", "256 byte symbols and special tokens", stray);
  return new ByteTokenizer({ specialTokens: tokens.slice(256) });
}

function readCharacters(document: JsonObject, { tokens, specialTokens, unknown }: Vocabulary): CharacterTokenizer {
  expectComponent("decoder", field(document, "decoder"), "Fuse");
  expectNull("post_processor", field(document, "post_processor"));
  const stray = tokens.find((token) => !isSingleCharacter(token) && !specialTokens.has(token));
  if (stray !== undefined) throw unsupported("model.vocab", "single characters and special tokens", stray);
  return CharacterTokenizer.fromCharacters(tokens, { unknown, specialTokens: [...specialTokens] });
}
