/**
 * An {@link Encoding} as the `tokenizer.json` of a byte-level BPE tokenizer, and back.
 *
 * The two differ in what they write down: an encoding has the tokens in the order of their merges, the file has the merges
 * themselves, a pair of tokens each. So the merges are found from the tokens (see bpe/mergeTable.ts) when a file is written; when one
 * is read, it has to name the same ones, and then both give the same ids for every text.
 */

import { fromByteSymbols, toByteSymbols } from "./byteAlphabet.ts";
import { quote } from "./describe.ts";
import {
  expectArray,
  expectComponent,
  expectObject,
  expectOneOf,
  expectString,
  field,
  type JsonObject,
  unsupported,
} from "./jsonFields.ts";
import { Encoding, encodingParts } from "./tiktoken/encoding.ts";
import type { PatternName } from "./tiktoken/encodingDefinitions.ts";
import { mergeTableOf } from "./tiktoken/mergeTableOf.ts";
import {
  byteLevelDecoder,
  tokenizerDocument,
  type TokenizerComponentJson,
  type TokenizerJson,
} from "./tokenizerJson.ts";

/** As Llama 3 and Hugging Face's GPT-4o files spell the patterns that GPT-2's pre-tokenizer does not have. */
const regularExpressions: readonly (readonly [PatternName, string])[] = [
  [
    "cl100k_base",
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  ],
  [
    "o200k_base",
    [
      String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?`,
      String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?`,
      String.raw`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    ].join("|"),
  ],
];

/** The content of a `tokenizer.json`. @throws RangeError where the encoding's tokens are not in the order of their merges. */
export function bpeTokenizerJson(encoding: Encoding): TokenizerJson {
  const { pattern, tokens } = encodingParts("BpeTokenizer.toJSON", encoding);
  if (typeof pattern !== "string") {
    throw new RangeError(
      `BpeTokenizer.toJSON: expected an encoding with the pattern of r50k_base, cl100k_base or o200k_base, got ${quote(pattern.source)}, ` +
        "which Hugging Face's library may read in another way",
    );
  }
  const table = mergeTableOf("BpeTokenizer.toJSON", encoding);
  const vocab: [string, number][] = [];
  for (let id = 0; id < tokens.size; id++) {
    const bytes = tokens.bytesOf(id);
    if (bytes.length > 0) vocab.push([toByteSymbols(bytes), id]);
  }
  // Of two spellings of one id the file can have but one.
  const specialTokens = new Map([...encoding.specialTokens].filter(([token, id]) => encoding.decode([id]) === token));
  const symbols = (rank: number): string => toByteSymbols(tokens.bytesOf(table.ids[rank]));
  const merges: [string, string][] = [];
  for (let rank = 256; rank < table.ids.length; rank++) {
    const [left, right] = table.halves(rank);
    merges.push([symbols(left), symbols(right)]);
  }
  return tokenizerDocument({
    vocab: [...vocab, ...specialTokens].toSorted((a, b) => a[1] - b[1]),
    merges,
    specialTokens,
    unknown: undefined,
    preTokenizer: preTokenizerOf(pattern),
    decoder: byteLevelDecoder,
  });
}

function preTokenizerOf(pattern: PatternName): TokenizerComponentJson {
  const regex = regularExpressions.find(([name]) => name === pattern)?.[1];
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: regex === undefined };
  if (regex === undefined) return byteLevel;
  const split = { type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false };
  return { type: "Sequence", pretokenizers: [split, byteLevel] };
}

/** What the vocabulary of a document says. */
export interface BpeVocabulary {
  /** Token to id. */
  readonly ids: ReadonlyMap<string, number>;
  readonly specialTokens: ReadonlySet<string>;
}

/**
 * The encoding that means the same as a document with merges.
 *
 * @throws TypeError or RangeError naming the field that is wrong, or that no encoding can mean.
 */
export function readEncoding(document: JsonObject, model: JsonObject, vocabulary: BpeVocabulary): Encoding {
  const pattern = readPattern(field(document, "pre_tokenizer"));
  expectComponent("decoder", field(document, "decoder"), "ByteLevel");
  const postProcessor = field(document, "post_processor") ?? null;
  if (postProcessor !== null) expectComponent("post_processor", postProcessor, "ByteLevel");
  expectOneOf("model.unk_token", field(model, "unk_token"), [null, undefined]);
  const { ranks, specialTokens } = readRanks(vocabulary);
  const encoding = new Encoding({ name: "the model", pattern, ranks, specialTokens });
  checkMerges(expectArray("model.merges", field(model, "merges")), encoding);
  return encoding;
}

function readPattern(value: unknown): PatternName {
  const component = expectObject("pre_tokenizer", value);
  const type = expectString("pre_tokenizer.type", field(component, "type"));
  if (type === "ByteLevel") {
    expectOneOf("pre_tokenizer.add_prefix_space", field(component, "add_prefix_space"), [false]);
    expectOneOf("pre_tokenizer.use_regex", field(component, "use_regex"), [true, undefined]);
    return "r50k_base";
  }
  if (type !== "Sequence")
    throw unsupported("pre_tokenizer.type", '"ByteLevel", or "Sequence" of "Split" and "ByteLevel"', type);
  const [first, second, ...others] = expectArray("pre_tokenizer.pretokenizers", field(component, "pretokenizers"));
  if (others.length > 0) throw unsupported("pre_tokenizer.pretokenizers", "two", others.length + 2);
  const split = expectComponent("pre_tokenizer.pretokenizers[0]", first, "Split");
  expectOneOf("pre_tokenizer.pretokenizers[0].behavior", field(split, "behavior"), ["Isolated"]);
  expectOneOf("pre_tokenizer.pretokenizers[0].invert", field(split, "invert"), [false, undefined]);
  const byteLevel = expectComponent("pre_tokenizer.pretokenizers[1]", second, "ByteLevel");
  expectOneOf("pre_tokenizer.pretokenizers[1].add_prefix_space", field(byteLevel, "add_prefix_space"), [false]);
  expectOneOf("pre_tokenizer.pretokenizers[1].use_regex", field(byteLevel, "use_regex"), [false]);
  const pattern = expectObject("pre_tokenizer.pretokenizers[0].pattern", field(split, "pattern"));
  const regex = expectString("pre_tokenizer.pretokenizers[0].pattern.Regex", field(pattern, "Regex"));
  const known = regularExpressions.find(([, expression]) => expression === regex)?.[0];
  if (known === undefined) {
    throw unsupported("pre_tokenizer.pretokenizers[0].pattern.Regex", "that of cl100k_base or o200k_base", regex);
  }
  return known;
}

function readRanks({ ids, specialTokens }: BpeVocabulary): {
  ranks: readonly (Uint8Array | undefined)[];
  specialTokens: Readonly<Record<string, number>>;
} {
  const found = new Map<number, Uint8Array>();
  const specials: [string, number][] = [];
  let end = 0;
  for (const [token, id] of ids) {
    if (specialTokens.has(token)) {
      specials.push([token, id]);
      continue;
    }
    const name = `model.vocab[${quote(token)}]`;
    const bytes = fromByteSymbols(token);
    if (bytes === undefined) throw unsupported(name, "a token of byte symbols, or one of added_tokens", token);
    // A larger one would only take memory: vocabularies leave out a few ids at most.
    if (id > 2 * ids.size) throw unsupported(name, `an id of ${2 * ids.size} at most, twice the number of tokens`, id);
    if (found.has(id)) throw unsupported(name, "an id of its own", id);
    found.set(id, bytes);
    end = Math.max(end, id + 1);
  }
  return { ranks: Array.from({ length: end }, (_, id) => found.get(id)), specialTokens: Object.fromEntries(specials) };
}

/** Merges of other pairs, or in another order, would give other ids. */
function checkMerges(merges: readonly unknown[], encoding: Encoding): void {
  const { tokens } = encodingParts("tokenizerFromJSON", encoding);
  const table = mergeTableOf("tokenizerFromJSON", encoding);
  for (let i = 0; i < Math.max(merges.length, table.ids.length - 256); i++) {
    const name = `model.merges[${i}]`;
    if (i + 256 >= table.ids.length) throw unsupported(name, "absent: it makes no token of its own", merges[i]);
    if (i >= merges.length) throw unsupported(name, "there, as there are more tokens", undefined);
    const expected = table.halves(i + 256).map((rank) => toByteSymbols(tokens.bytesOf(table.ids[rank])));
    const merge = merges[i];
    const parts = typeof merge === "string" ? merge.split(" ") : expectArray(name, merge);
    const found = parts.map((part) => expectString(name, part));
    if (found.length !== 2 || found[0] !== expected[0] || found[1] !== expected[1]) {
      throw unsupported(name, `${quote(expected.join(" "))}, by the order of the ids`, found.join(" "));
    }
  }
}
