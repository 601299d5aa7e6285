/**
 * The unigram model as Hugging Face's library has it: of all ways to cut a text into tokens, the one with the highest sum of scores.
 *
 * SentencePiece adds the scores up in single precision, this one in double; so the two part where sums are all but equal.
 *
 * @see T. Kudo, "Subword Regularization" (2018), https://arxiv.org/abs/1804.10959
 */

import { ByteTrie } from "../../sentencepiece/byteTrie.ts";
import { HAS_VALUE, LABEL_BITS, offsetOf } from "../../sentencepiece/doubleArray.ts";
import { encodeUtf8Into, utf8Decoder } from "../../utf8.ts";
import { type Fields, outOfRange, wrongType } from "../fields.ts";
import type { TokenSink } from "../tokenSink.ts";
import { byteToken } from "./byteToken.ts";
import type { Model, Vocabulary } from "./model.ts";

/** How much worse than the worst token an unknown character is. */
const UNKNOWN_PENALTY = 10;
const NONE = -1;

/** The tokens of a unigram model; their ids are their places in the list. */
class ScoredTokens implements Vocabulary {
  readonly tokens: readonly string[];
  readonly scores: Float64Array;
  /** Of equal tokens the last one counts. */
  readonly ids: ReadonlyMap<string, number>;

  constructor(tokens: readonly string[], scores: Float64Array) {
    this.tokens = tokens;
    this.scores = scores;
    this.ids = new Map(tokens.map((token, id) => [token, id]));
  }

  get size(): number {
    return this.tokens.length;
  }

  idOf(token: string): number | undefined {
    return this.ids.get(token);
  }

  tokenOf(id: number): string | undefined {
    return this.tokens[id];
  }

  entries(): Iterable<readonly [string, number]> {
    return this.ids;
  }
}

export class Unigram implements Model {
  readonly vocabulary: ScoredTokens;
  readonly #unknownId: number;
  readonly #unknownScore: number;
  readonly #trie: ByteTrie;
  /** Ids of the byte tokens, {@link NONE} for those missing; undefined without byte fallback. */
  readonly #byteIds: Int32Array | undefined;
  #bytes = new Uint8Array(1024);
  /** By end: the score of the best way to get there, where its last token begins, and what that is. */
  #best = new Float64Array(1024);
  #starts = new Int32Array(1024);
  #ids = new Int32Array(1024);

  constructor(vocabulary: ScoredTokens, unknownId: number, hasByteFallback: boolean) {
    this.vocabulary = vocabulary;
    this.#unknownId = unknownId;
    let lowest = Number.POSITIVE_INFINITY;
    for (const score of vocabulary.scores) lowest = Math.min(lowest, score);
    this.#unknownScore = lowest - UNKNOWN_PENALTY;
    this.#trie = new ByteTrie([...vocabulary.ids].filter(([token]) => token !== ""));
    if (hasByteFallback) {
      this.#byteIds = Int32Array.from({ length: 256 }, (_, byte) => vocabulary.idOf(byteToken(byte)) ?? NONE);
    }
  }

  static read(fields: Fields): Unigram {
    const list = fields.array("vocab");
    const scores = new Float64Array(list.length);
    const tokens = list.map((entry, id) => {
      const path = `${fields.pathOf("vocab")}[${id}]`;
      if (!Array.isArray(entry)) throw wrongType(path, "a token and its score", entry);
      const [token, score, ...others] = entry as unknown[];
      if (typeof token !== "string" || typeof score !== "number" || others.length > 0) {
        throw wrongType(path, "a token and its score", entry);
      }
      scores[id] = score;
      return token;
    });
    let unknownId = NONE;
    if (fields.value("unk_id") !== undefined) {
      if (tokens.length === 0) throw outOfRange(fields.pathOf("vocab"), "a list with the unknown token", list);
      unknownId = fields.count("unk_id", tokens.length - 1);
    }
    return new Unigram(new ScoredTokens(tokens, scores), unknownId, fields.boolean("byte_fallback", false));
  }

  tokenize(piece: string, sink: TokenSink): void {
    const length = this.#segment(piece);
    // The way back, from end to start, and then forward.
    const starts = this.#starts;
    const ends: number[] = [];
    for (let end = length; end > 0; end = starts[end]) ends.push(end);
    let start = 0;
    while (ends.length > 0) {
      let end = ends.pop()!;
      const id = this.#ids[end];
      if (id === this.#unknownId) {
        while (ends.length > 0 && this.#ids[ends.at(-1)!] === id) end = ends.pop()!;
        this.#pushUnknown(start, end, sink);
      } else sink.push(id, sink.isDetailed ? (this.vocabulary.tokenOf(id) ?? "") : "", start, end);
      start = end;
    }
  }

  toJSON(): Record<string, unknown> {
    const { tokens, scores } = this.vocabulary;
    return {
      type: "Unigram",
      unk_id: this.#unknownId === NONE ? null : this.#unknownId,
      vocab: tokens.map((token, id) => [token, scores[id]]),
      byte_fallback: this.#byteIds !== undefined,
    };
  }

  /** A run of unknown characters: a token after all, its bytes, or the unknown token with the text that it stands for. */
  #pushUnknown(start: number, end: number, sink: TokenSink): void {
    const bytes = this.#bytes.subarray(start, end);
    const text = utf8Decoder().decode(bytes);
    const known = this.vocabulary.idOf(text);
    const byteIds = this.#byteIds;
    if (known === undefined && byteIds !== undefined && bytes.every((byte) => byteIds[byte] !== NONE)) {
      for (const byte of bytes) sink.push(byteIds[byte], byteToken(byte), start, end);
    } else sink.push(known ?? this.#unknownId, text, start, end);
  }

  /** Finds the best way; returns the number of bytes. */
  #segment(piece: string): number {
    if (3 * piece.length >= this.#bytes.length) this.#reserve(4 * piece.length);
    const bytes = this.#bytes;
    const length = encodeUtf8Into(piece, bytes);
    // The zero byte behind the text ends every walk.
    bytes[length] = 0;
    const { units } = this.#trie;
    const { scores } = this.vocabulary;
    const best = this.#best;
    const starts = this.#starts;
    const ids = this.#ids;
    const root = offsetOf(units[0]);
    starts.fill(NONE, 0, length + 1);
    best[0] = 0;
    let next = 0;
    for (let start = 0; start < length; start = next) {
      const score = best[start];
      const lead = bytes[start];
      next = start + (lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);
      let isKnown = false;
      let place = root;
      for (let at = start; ;) {
        const byte = bytes[at++];
        place ^= byte;
        const unit = units[place];
        if ((unit & LABEL_BITS) !== byte) break;
        place ^= offsetOf(unit);
        if ((unit & HAS_VALUE) === 0) continue;
        const id = units[place] & 0x7fffffff;
        const candidate = scores[id] + score;
        if (starts[at] === NONE || candidate > best[at]) {
          best[at] = candidate;
          starts[at] = start;
          ids[at] = id;
        }
        if (at === next) isKnown = true;
      }
      if (isKnown) continue;
      const candidate = this.#unknownScore + score;
      if (starts[next] !== NONE && candidate <= best[next]) continue;
      if (this.#unknownId === NONE) {
        throw new RangeError("Tokenizer.encode: expected text of the vocabulary, as it has no unknown token");
      }
      best[next] = candidate;
      starts[next] = start;
      ids[next] = this.#unknownId;
    }
    return length;
  }

  #reserve(size: number): void {
    this.#bytes = new Uint8Array(size);
    this.#best = new Float64Array(size);
    this.#starts = new Int32Array(size);
    this.#ids = new Int32Array(size);
  }
}
