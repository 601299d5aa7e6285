/**
 * Byte-pair encoding as Hugging Face's library does it: a piece is taken apart into characters, and those are merged.
 *
 * A character that the vocabulary lacks becomes the tokens of its bytes (`byte_fallback`), or the unknown token, or nothing.
 */

import { quote } from "../../describe.ts";
import { encodeUtf8 } from "../../utf8.ts";
import { type Fields, outOfRange, wrongType } from "../fields.ts";
import type { TokenSink } from "../tokenSink.ts";
import { utf8Length } from "../utf8Length.ts";
import { byteToken } from "./byteToken.ts";
import { MAX_MERGES, Merges } from "./merges.ts";
import type { Model } from "./model.ts";
import { PieceTokens } from "./pieceTokens.ts";
import { TokenMap } from "./tokenMap.ts";
import { unknownId as unknownIdOf } from "./wordLevel.ts";

/** Longer pieces are cut where no merge reaches across. */
const LONG_PIECE = 64;
/** What the library calls a missing token. */
const NONE = -1;

/** The settings of a model besides its vocabulary. */
export interface BpeOptions {
  readonly dropout: number | undefined;
  readonly unknown: string | undefined;
  /** Stands before all characters of a piece but the first, and after the last. */
  readonly prefix: string;
  readonly suffix: string;
  readonly fusesUnknown: boolean;
  readonly hasByteFallback: boolean;
  /** Whether a piece that is a token is that token, whatever the merges make of it. */
  readonly ignoresMerges: boolean;
}

export class Bpe implements Model {
  readonly vocabulary: TokenMap;
  readonly merges: Merges;
  readonly options: BpeOptions;
  readonly #json: Record<string, unknown>;
  /** Ids of characters of one unit; {@link NONE} for those that are no token. */
  readonly #characters = new Int32Array(0x10000).fill(NONE);
  /** Ids of the byte tokens `<0x00>` to `<0xFF>`. */
  readonly #bytes: Int32Array;
  readonly #cache = new PieceTokens();
  /** Pairs of UTF-16 units that stand side by side in some merged token; null where pieces cannot be cut. */
  #neighbors: ReadonlySet<number> | null | undefined;
  #ids = new Int32Array(256);
  #lengths = new Int32Array(256);
  #count = 0;

  constructor(vocabulary: TokenMap, merges: Merges, options: BpeOptions, json: Record<string, unknown>) {
    this.vocabulary = vocabulary;
    this.merges = merges;
    this.options = options;
    this.#json = json;
    for (const [token, id] of vocabulary.entries()) {
      if (token.length === 1) this.#characters[token.charCodeAt(0)] = id;
    }
    this.#bytes = Int32Array.from({ length: 256 }, (_, byte) => vocabulary.idOf(byteToken(byte)) ?? NONE);
  }

  static read(fields: Fields): Bpe {
    const vocabulary = TokenMap.read(fields);
    const dropout = fields.value("dropout") === undefined ? undefined : fields.number("dropout");
    if (dropout !== undefined && !(dropout >= 0 && dropout <= 1)) throw fields.error("dropout", "from 0 to 1");
    const options: BpeOptions = {
      dropout,
      unknown: fields.optionalString("unk_token"),
      prefix: fields.string("continuing_subword_prefix", ""),
      suffix: fields.string("end_of_word_suffix", ""),
      fusesUnknown: fields.boolean("fuse_unk", false),
      hasByteFallback: fields.boolean("byte_fallback", false),
      ignoresMerges: fields.boolean("ignore_merges", false),
    };
    const { vocab: _vocab, merges: _merges, ...json } = fields.json;
    return new Bpe(vocabulary, readMerges(fields, vocabulary, options.prefix), options, { type: "BPE", ...json });
  }

  tokenize(piece: string, sink: TokenSink, rng?: (() => number) | undefined): void {
    const { dropout = 0, ignoresMerges } = this.options;
    const isRandom = dropout > 0 && rng !== undefined;
    if (ignoresMerges && !isRandom) {
      const whole = this.vocabulary.idOf(piece);
      if (whole !== undefined) {
        sink.push(whole, piece, 0, sink.isDetailed ? utf8Length(piece) : 0);
        return;
      }
    }
    if (isRandom) {
      this.#takeApart(piece);
      const count = this.merges.applyWithDropout(this.#ids, this.#lengths, this.#count, dropout, rng);
      this.#push(this.#ids, this.#lengths, count, 0, sink);
      return;
    }
    let place = 0;
    let from = 0;
    for (let to = 0; to < piece.length; from = to) {
      to = piece.length > LONG_PIECE ? this.#nextCut(piece, from) : piece.length;
      place = this.#encode(to - from === piece.length ? piece : piece.slice(from, to), place, sink);
    }
  }

  toJSON(): Record<string, unknown> {
    const tokenOf = (id: number): string => this.vocabulary.tokenOf(id) ?? "";
    const merges = Array.from(this.merges.pairs(), ([left, right]) => [tokenOf(left), tokenOf(right)]);
    return { ...this.#json, vocab: this.vocabulary.toJSON(), merges };
  }

  /** Merges one stretch that begins at a place in its piece; gives where it ends. */
  #encode(stretch: string, place: number, sink: TokenSink): number {
    const known = this.#cache.get(stretch);
    if (known !== undefined) return this.#push(known.ids, known.lengths, known.ids.length, place, sink);
    this.#takeApart(stretch);
    const count = this.merges.apply(this.#ids, this.#lengths, this.#count);
    this.#cache.set(stretch, this.#ids, this.#lengths, count);
    return this.#push(this.#ids, this.#lengths, count, place, sink);
  }

  #push(ids: Int32Array, lengths: Int32Array, count: number, place: number, sink: TokenSink): number {
    let start = place;
    for (let at = 0; at < count; at++) {
      const end = start + lengths[at];
      sink.push(ids[at], sink.isDetailed ? (this.vocabulary.tokenOf(ids[at]) ?? "") : "", start, end);
      start = end;
    }
    return start;
  }

  /**
   * The first place after `from` that no merge reaches across, which does not change what the merges on either side make: between two
   * characters of the vocabulary that are neighbours in no token that a merge makes.
   */
  #nextCut(piece: string, from: number): number {
    if (this.#neighbors === undefined) this.#neighbors = neighborsIn(this.merges, this.vocabulary, this.options);
    const neighbors = this.#neighbors;
    if (neighbors === null) return piece.length;
    for (let at = from + 1; at < piece.length; at++) {
      const before = piece.charCodeAt(at - 1);
      const after = piece.charCodeAt(at);
      if (this.#characters[before] === NONE || this.#characters[after] === NONE) continue;
      if (!neighbors.has(before * 0x10000 + after)) return at;
    }
    return piece.length;
  }

  /** Puts the tokens of the characters into the scratch arrays. */
  #takeApart(piece: string): void {
    this.#count = 0;
    const { prefix, suffix, unknown, fusesUnknown } = this.options;
    const isBare = prefix === "" && suffix === "";
    let unknownId = NONE;
    let unknownLength = 0;
    for (let at = 0; at < piece.length;) {
      const point = piece.codePointAt(at)!;
      const next = point > 0xffff ? at + 2 : at + 1;
      const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      let symbol = "";
      let id: number;
      if (isBare && point < 0x10000) id = this.#characters[point];
      else {
        symbol = piece.slice(at, next);
        if (at > 0) symbol = prefix + symbol;
        if (next === piece.length) symbol += suffix;
        id = this.vocabulary.idOf(symbol) ?? NONE;
      }
      if (id !== NONE) {
        if (unknownId !== NONE) this.#add(unknownId, unknownLength);
        unknownId = NONE;
        this.#add(id, length);
      } else if (!this.#addBytes(symbol || piece.slice(at, next)) && unknown !== undefined) {
        // Bytes do not end a run of unknown characters; the library puts them before it.
        if (unknownId !== NONE && fusesUnknown) unknownLength += length;
        else {
          if (unknownId !== NONE) this.#add(unknownId, unknownLength);
          unknownId = unknownIdOf(this.vocabulary, unknown);
          unknownLength = length;
        }
      }
      at = next;
    }
    if (unknownId !== NONE) this.#add(unknownId, unknownLength);
  }

  /** Adds the tokens of the bytes of a symbol, if there are all of them. */
  #addBytes(symbol: string): boolean {
    if (!this.options.hasByteFallback) return false;
    const bytes = Array.from(encodeUtf8(symbol), (byte) => this.#bytes[byte]);
    if (bytes.includes(NONE)) return false;
    for (const id of bytes) this.#add(id, 1);
    return true;
  }

  #add(id: number, length: number): void {
    if (this.#count === this.#ids.length) {
      const [ids, lengths] = [new Int32Array(2 * this.#count), new Int32Array(2 * this.#count)];
      ids.set(this.#ids);
      lengths.set(this.#lengths);
      this.#ids = ids;
      this.#lengths = lengths;
    }
    this.#ids[this.#count] = id;
    this.#lengths[this.#count++] = length;
  }
}

/** The neighbours in merged tokens; null where characters are not spelled as they are. */
function neighborsIn(merges: Merges, vocabulary: TokenMap, { prefix, suffix }: BpeOptions): Set<number> | null {
  if (prefix !== "" || suffix !== "") return null;
  const neighbors = new Set<number>();
  for (let rank = 0; rank < merges.size; rank++) {
    const token = vocabulary.tokenOf(merges.madeBy(rank)) ?? "";
    for (let at = 1; at < token.length; at++) neighbors.add(token.charCodeAt(at - 1) * 0x10000 + token.charCodeAt(at));
  }
  return neighbors;
}

function readMerges(fields: Fields, vocabulary: TokenMap, prefix: string): Merges {
  let list = fields.array("merges");
  // As lines of a file that begins with its version.
  if (list.some((merge) => typeof merge === "string" && merge.startsWith("#version"))) {
    list = list.filter((merge) => typeof merge !== "string" || !merge.startsWith("#version"));
  }
  if (list.length >= MAX_MERGES) throw fields.error("merges", `shorter than ${MAX_MERGES}`);
  const lefts = new Int32Array(list.length);
  const rights = new Int32Array(list.length);
  const made = new Int32Array(list.length);
  list.forEach((merge, rank) => {
    const path = `${fields.pathOf("merges")}[${rank}]`;
    const pair: unknown = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(pair)) throw wrongType(path, "two tokens", merge);
    const [left, right, ...others] = pair as unknown[];
    if (typeof left !== "string" || typeof right !== "string" || others.length > 0) {
      throw wrongType(path, "two tokens", merge);
    }
    if (!right.startsWith(prefix) && right.length < prefix.length) {
      throw outOfRange(path, `a pair whose second token begins with ${quote(prefix)}`, right);
    }
    const idOf = (token: string): number => {
      const id = vocabulary.idOf(token);
      if (id === undefined) throw outOfRange(path, "a merge of tokens of the vocabulary to one of them", token);
      return id;
    };
    lefts[rank] = idOf(left);
    rights[rank] = idOf(right);
    made[rank] = idOf(left + right.slice(prefix.length));
  });
  return new Merges(lefts, rights, made);
}
