/**
 * Pieces back to text: space marks become spaces, except at the beginning; control pieces vanish; the unknown piece
 * shows as the model's `unkSurface`; byte pieces join to characters. The model's denormalizer, if any, comes last.
 */

import { encodeUtf8, utf8Decoder } from "../utf8.ts";
import type { ModelProto } from "./modelProto.ts";
import { Normalizer } from "./normalizer.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { validLength } from "./wireReader.ts";

const SPACE_MARK = "\u2581";
const utf8 = utf8Decoder();

/** Turns ids and pieces into text. One object decodes one text after the other. */
export class PieceDecoder {
  readonly #vocabulary: Vocabulary;
  readonly #stripsFirst: boolean;
  readonly #stripsAll: boolean;
  readonly #denormalizer: Normalizer | undefined;
  /** What each id looks like inside a text; byte pieces have none. */
  readonly #surfaces: readonly string[];

  constructor(vocabulary: Vocabulary, { normalizerSpec = {}, trainerSpec = {}, denormalizerSpec }: ModelProto) {
    const { addDummyPrefix = true, removeExtraWhitespaces = true } = normalizerSpec;
    const { unkSurface = " \u2047 " } = trainerSpec;
    this.#vocabulary = vocabulary;
    this.#stripsFirst = addDummyPrefix || removeExtraWhitespaces;
    this.#stripsAll = removeExtraWhitespaces;
    this.#surfaces = vocabulary.pieces.map((piece, id) => {
      const kind = vocabulary.kinds[id];
      if (kind === "control") return "";
      return kind === "unknown" ? unkSurface : piece.replaceAll(SPACE_MARK, " ");
    });
    const hasRules = denormalizerSpec?.precompiledCharsmap?.length;
    this.#denormalizer = hasRules ? new Normalizer(denormalizerSpec!) : undefined;
  }

  /**
   * The text that each piece gives, before the denormalizer.
   *
   * @param ids - Ids of the vocabulary.
   * @param spellings - What stands for the ids, where they come from pieces: one that is unknown stays as it is.
   */
  surfaces(ids: ArrayLike<number>, spellings?: readonly string[]): string[] {
    const { kinds, bytes, unkId, pieces } = this.#vocabulary;
    const surfaces: string[] = [];
    /** Whether a space mark at the beginning is still to be stripped. */
    let isBeginning = this.#stripsFirst;
    let isEmpty = true;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (bytes.has(id)) {
        let end = i + 1;
        while (end < ids.length && bytes.has(ids[end])) end++;
        this.#spell(ids, i, end, surfaces);
        isEmpty = false;
        i = end - 1;
        continue;
      }
      if (!isEmpty) isBeginning = false;
      const spelling = spellings?.[i];
      let surface = this.#surfaces[id];
      if (id === unkId) {
        if (spelling !== undefined && spelling !== pieces[unkId]) surface = spelling;
      } else if (isBeginning && kinds[id] !== "control" && pieces[id].startsWith(SPACE_MARK)) {
        surface = surface.slice(1);
        if (!this.#stripsAll) isBeginning = false;
      }
      if (surface !== "") isEmpty = false;
      surfaces.push(surface);
    }
    return surfaces;
  }

  /** Applies the denormalizer. */
  denormalize(text: string): string {
    if (this.#denormalizer === undefined) return text;
    const bytes = encodeUtf8(`${text}\0`);
    this.#denormalizer.normalize(bytes, bytes.length - 1);
    return utf8.decode(this.#denormalizer.bytes.subarray(0, this.#denormalizer.length));
  }

  /** Surfaces of byte pieces: the last of each character has it all, a byte that is part of none is U+FFFD. */
  #spell(ids: ArrayLike<number>, start: number, end: number, surfaces: string[]): void {
    const spelt = Uint8Array.from({ length: end - start }, (_, i) => this.#vocabulary.bytes.get(ids[start + i])!);
    for (let at = 0; at < spelt.length;) {
      const length = validLength(spelt, at, spelt.length);
      for (let k = 1; k < length; k++) surfaces.push("");
      surfaces.push(length === 0 ? "\uFFFD" : utf8.decode(spelt.subarray(at, at + length)));
      at += Math.max(1, length);
    }
  }
}
