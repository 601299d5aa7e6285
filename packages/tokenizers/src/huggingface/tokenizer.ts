/**
 * Tokenizers as Hugging Face's `tokenizer.json` describes them, component by component, with the results of its library.
 *
 * @see https://github.com/huggingface/tokenizers
 */

import { describe } from "../describe.ts";
import { indexedIds } from "../ids.ts";
import type { DecodeStream } from "../tokenizer.ts";
import { type AddedToken, readAddedToken } from "./addedToken.ts";
import { AddedVocabulary } from "./addedVocabulary.ts";
import type { Columns } from "./columns.ts";
import { byteStream, tokenStream } from "./decodeStream.ts";
import { ByteLevelDecoder } from "./decoders/byteLevelDecoder.ts";
import { readDecoder } from "./decoders/decoder.ts";
import {
  checkOneOf,
  chosen,
  type DecodeOptions,
  type EncodeOptions,
  sequencesOf,
  type TextPair,
} from "./encodeOptions.ts";
import { Encoding } from "./encoding.ts";
import { Fields } from "./fields.ts";
import { readModel } from "./models/model.ts";
import { readNormalizer } from "./normalizers/normalizer.ts";
import { type CheckedPadding, checkedPadding, padded, paddingJson, readPadding } from "./padding.ts";
import { Pipeline } from "./pipeline.ts";
import { readPostProcessor } from "./postProcessors/postProcessor.ts";
import { readPreTokenizer } from "./preTokenizers/preTokenizer.ts";
import { tokenBytes } from "./tokenBytes.ts";
import { checkedTruncation, readTruncation, type Truncation, truncationJson } from "./truncation.ts";

/** A tokenizer read from a `tokenizer.json`. */
export class Tokenizer {
  #pipeline: Pipeline;
  /** The components as they were read. */
  readonly #document: Readonly<Record<string, unknown>>;
  #truncation: Required<Truncation> | undefined;
  #padding: CheckedPadding | undefined;

  private constructor(pipeline: Pipeline, document: Readonly<Record<string, unknown>>) {
    this.#pipeline = pipeline;
    this.#document = document;
  }

  /**
   * Reads a `tokenizer.json`.
   *
   * @param json - The parsed document, or its text.
   * @throws TypeError or RangeError naming the first field that is missing, of the wrong type, or cannot be obeyed.
   * @example
   * ```ts
   * const tokenizer = Tokenizer.fromJSON(await readFile("tokenizer.json", "utf8"));
   * const { ids, tokens, offsets } = tokenizer.encode("hello");
   * ```
   */
  static fromJSON(json: unknown): Tokenizer {
    const document = new Fields("", typeof json === "string" ? parse(json) : json);
    document.oneOf("version", ["1.0"], "1.0");
    const model = readModel(document.object("model"));
    const read = <T>(name: string, reader: (fields: Fields) => T): T | undefined => {
      const fields = document.optionalObject(name);
      return fields === undefined ? undefined : reader(fields);
    };
    const normalizer = read("normalizer", readNormalizer);
    const tokens = document.value("added_tokens") === undefined ? [] : document.objects("added_tokens");
    const added = new AddedVocabulary(model.vocabulary, normalizer, tokens.map(readAddedToken));
    const pipeline = new Pipeline({
      model,
      added,
      preTokenizer: read("pre_tokenizer", readPreTokenizer),
      postProcessor: read("post_processor", readPostProcessor),
      decoder: read("decoder", readDecoder),
    });
    const names = ["normalizer", "pre_tokenizer", "post_processor", "decoder"];
    const components = names.map((name) => [name, structuredCopy(document.value(name) ?? null)]);
    const tokenizer = new Tokenizer(pipeline, Object.fromEntries(components) as Record<string, unknown>);
    tokenizer.#truncation = read("truncation", readTruncation);
    tokenizer.#padding = read("padding", readPadding);
    return tokenizer;
  }

  /** Number of distinct tokens, added ones included. */
  get vocabSize(): number {
    const { model, added } = this.#pipeline.parts;
    let size = model.vocabulary.size;
    for (const token of added.ids.keys()) if (model.vocabulary.idOf(token) === undefined) size++;
    return size;
  }

  /** Every token and its id, added ones included. */
  vocabulary(): Map<string, number> {
    const { model, added } = this.#pipeline.parts;
    return new Map([...model.vocabulary.entries(), ...added.ids]);
  }

  /** The id of a token, or undefined. */
  tokenToId(token: string): number | undefined {
    const { model, added } = this.#pipeline.parts;
    return added.ids.get(token) ?? model.vocabulary.idOf(token);
  }

  /** The token of an id, or undefined. */
  idToToken(id: number): string | undefined {
    const { model, added } = this.#pipeline.parts;
    return added.tokenOf(id) ?? model.vocabulary.tokenOf(id);
  }

  /**
   * The bytes that a token stands for inside a text, which may be part of a character.
   *
   * @returns Empty where no token has the id.
   * @throws RangeError if the decoder makes the text of a token depend on others, as that of WordPiece does.
   */
  tokenBytes(id: number): Uint8Array {
    const token = this.idToToken(id);
    return token === undefined ? new Uint8Array(0) : tokenBytes(token, this.#pipeline.parts.decoder);
  }

  /**
   * Turns text into tokens.
   *
   * @param input - A text, or a text and its pair; a lone surrogate counts as U+FFFD.
   * @throws TypeError if the input is no text; RangeError where a character has no token and there is no unknown token.
   */
  encode(input: string | TextPair, options: EncodeOptions = {}): Encoding {
    return this.#encodeAll([input], options)[0];
  }

  /** Turns several texts into tokens; padding fills them up to the length of the longest. */
  encodeBatch(inputs: readonly (string | TextPair)[], options: EncodeOptions = {}): Encoding[] {
    if (!Array.isArray(inputs)) {
      throw new TypeError(`Tokenizer.encodeBatch: expected an array of texts, got ${describe(inputs)}`);
    }
    return this.#encodeAll(inputs, options);
  }

  /**
   * Turns ids into text. Ids that stand for no token are left out.
   *
   * @throws TypeError if `ids` is no list.
   */
  decode(ids: Iterable<number> | ArrayLike<number>, options: DecodeOptions = {}): string {
    const indexed = indexedIds("Tokenizer.decode", ids);
    const tokenOf = this.#decodable(options);
    const tokens: string[] = [];
    for (let i = 0; i < indexed.length; i++) {
      const token = tokenOf(indexed[i]);
      if (token !== undefined) tokens.push(token);
    }
    return this.#textOf(tokens);
  }

  /** Turns several lists of ids into texts. */
  decodeBatch(batch: readonly (Iterable<number> | ArrayLike<number>)[], options: DecodeOptions = {}): string[] {
    return batch.map((ids) => this.decode(ids, options));
  }

  /**
   * Starts decoding ids one at a time, as a model generates them; each stream has its own state. Its strings, joined, are what
   * {@link Tokenizer.decode} gives for the ids of a text, and none ends in half a character.
   */
  decodeStream(options: DecodeOptions = {}): DecodeStream {
    const tokenOf = this.#decodable(options);
    if (this.#pipeline.parts.decoder instanceof ByteLevelDecoder) return byteStream(tokenOf);
    return tokenStream(tokenOf, (tokens) => this.#textOf(tokens));
  }

  /** The content of a `tokenizer.json`. */
  toJSON(): Record<string, unknown> {
    const { model, added } = this.#pipeline.parts;
    return {
      version: "1.0",
      truncation: this.#truncation === undefined ? null : truncationJson(this.#truncation),
      padding: this.#padding === undefined ? null : paddingJson(this.#padding),
      added_tokens: added.toJSON(),
      ...(structuredCopy(this.#document) as Record<string, unknown>),
      model: model.toJSON(),
    };
  }

  /**
   * Adds tokens; those that are there already, in the vocabulary or among the added ones, keep their id.
   *
   * @param tokens - Spellings, or tokens with their flags.
   * @returns How many were new or changed.
   */
  addTokens(tokens: readonly (string | (Partial<AddedToken> & { readonly content: string }))[]): number {
    const { model, added } = this.#pipeline.parts;
    const list = tokens.map((token) => ({
      ...plainToken,
      ...(typeof token === "string" ? { content: token } : token),
    }));
    const next = new AddedVocabulary(model.vocabulary, added.normalizer, list, added);
    this.#pipeline = this.#pipeline.withAdded(next);
    return next.changes;
  }

  #encodeAll(inputs: readonly (string | TextPair)[], options: EncodeOptions): Encoding[] {
    const { unit = "utf16", addSpecialTokens = true, specialTokens = "match", rng } = options;
    checkOneOf("unit", unit, ["utf16", "codepoint", "byte"]);
    checkOneOf("specialTokens", specialTokens, ["match", "text"]);
    const truncation = chosen(options.truncation, this.#truncation, checkedTruncation);
    const padding = chosen(options.padding, this.#padding, checkedPadding);
    const run = { addsSpecial: addSpecialTokens, findsSpecial: specialTokens === "match", rng, truncation };
    const pipeline = this.#pipeline;
    const batch = inputs.map(sequencesOf);
    const texts = batch.map((sequences) => sequences.flat());
    const encode = (index: number, isDetailed: boolean): Columns =>
      pipeline.encode(batch[index], texts[index], { ...run, isDetailed });
    const plain = batch.map((_, index) => {
      const columns = encode(index, false);
      // What overflows cannot be found again on its own.
      return columns.overflowing.length > 0 && columns.details === undefined ? encode(index, true) : columns;
    });
    const filled = padding === undefined ? plain : padded(plain, padding);
    return filled.map((columns, index) => {
      // Filled up to the length that is known by now.
      const fill = padding && { ...padding, length: columns.ids.length, multipleOf: undefined };
      return new Encoding(columns, texts[index], unit, () => {
        const detailed = encode(index, true);
        const [{ details }] = fill === undefined ? [detailed] : padded([detailed], fill);
        if (details === undefined) throw new Error("Tokenizer.encode: expected details, got none");
        return details;
      });
    });
  }

  /** Gives the token of an id, or undefined if there is none or decoding leaves it out. */
  #decodable({ skipSpecialTokens = false }: DecodeOptions): (id: number) => string | undefined {
    const { added } = this.#pipeline.parts;
    return (id) => {
      const token = this.idToToken(id);
      return token !== undefined && skipSpecialTokens && added.isSpecial(token) ? undefined : token;
    };
  }

  #textOf(tokens: readonly string[]): string {
    const { decoder } = this.#pipeline.parts;
    return decoder === undefined ? tokens.join(" ") : decoder.decode(tokens).join("");
  }
}

const plainToken: AddedToken = {
  content: "",
  singleWord: false,
  lstrip: false,
  rstrip: false,
  normalized: true,
  special: false,
};

function parse(text: string): unknown {
  try {
    // A byte order mark, which some editors write, is not JSON.
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\s+/g, " ").slice(0, 120) : "not JSON";
    throw new RangeError(`Tokenizer.fromJSON: expected the JSON of a tokenizer.json, got invalid JSON (${reason})`, {
      cause,
    });
  }
}

/** A copy of JSON without the reader's objects in it. */
/** @throws TypeError if it is no JSON, such as an object that holds itself. */
function structuredCopy(json: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(json));
  } catch (error) {
    throw new TypeError("Tokenizer.fromJSON: expected plain JSON, got objects in a circle or a bigint", {
      cause: error,
    });
  }
}
