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

/** What the pieces of a model look like in text. */
interface Surfaces {
  readonly unkId: number;
  readonly unkPiece: string;
  /** By id: inside of a text; byte pieces have none. */
  readonly inside: readonly string[];
  /** By id: whether the surface begins with a space that goes at the beginning of a text. */
  readonly hasSpace: Uint8Array;
  /** Whether a space at the beginning goes at all, and whether all do. */
  readonly stripsFirst: boolean;
  readonly stripsAll: boolean;
}

/** Turns ids and pieces into text. */
export class PieceDecoder {
  readonly #bytes: ReadonlyMap<number, number>;
  readonly #surfaces: Surfaces;
  readonly #denormalizer: Normalizer | undefined;

  constructor({ pieces, kinds, bytes, unkId }: Vocabulary, model: ModelProto) {
    const { normalizerSpec = {}, trainerSpec = {}, denormalizerSpec } = model;
    const { addDummyPrefix = true, removeExtraWhitespaces = true } = normalizerSpec;
    const { unkSurface = " \u2047 " } = trainerSpec;
    this.#bytes = bytes;
    this.#surfaces = {
      unkId,
      unkPiece: pieces[unkId],
      inside: pieces.map((piece, id) => {
        if (kinds[id] === "control") return "";
        return id === unkId ? unkSurface : piece.replaceAll(SPACE_MARK, " ");
      }),
      hasSpace: Uint8Array.from(pieces, (piece, id) =>
        piece.startsWith(SPACE_MARK) && kinds[id] !== "control" && id !== unkId ? 1 : 0,
      ),
      stripsFirst: addDummyPrefix || removeExtraWhitespaces,
      stripsAll: removeExtraWhitespaces,
    };
    const hasRules = denormalizerSpec?.precompiledCharsmap?.length;
    this.#denormalizer = hasRules ? new Normalizer(denormalizerSpec!) : undefined;
  }

  /** Whether the model has rules for the way back. */
  get hasDenormalizer(): boolean {
    return this.#denormalizer !== undefined;
  }

  /** Begins to read the surfaces of a text. */
  reader(): SurfaceReader {
    return new SurfaceReader(this.#surfaces);
  }

  /**
   * The text that each piece gives, before the denormalizer.
   *
   * @param ids - Ids of the vocabulary.
   * @param spellings - What stands for the ids, where they come from pieces: one that is unknown stays as it is.
   */
  surfaces(ids: ArrayLike<number>, spellings?: readonly string[]): string[] {
    const bytes = this.#bytes;
    const surfaces: string[] = [];
    const reader = this.reader();
    for (let i = 0; i < ids.length; i++) {
      if (!bytes.has(ids[i])) {
        surfaces.push(reader.read(ids[i], spellings?.[i]));
        continue;
      }
      const run: number[] = [];
      for (; i < ids.length && bytes.has(ids[i]); i++) run.push(bytes.get(ids[i])!);
      i--;
      reader.isEmpty = false;
      for (const surface of surfacesOfBytes(Uint8Array.from(run))) surfaces.push(surface);
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
}

/** Reads the surfaces of one text, which depend on what came before. */
export class SurfaceReader {
  /** Whether there is no text yet; whoever reads byte pieces says that there is. */
  isEmpty = true;
  /** Whether a space at the beginning is still to be stripped. */
  #isBeginning: boolean;
  readonly #surfaces: Surfaces;

  constructor(surfaces: Surfaces) {
    this.#surfaces = surfaces;
    this.#isBeginning = surfaces.stripsFirst;
  }

  /** The surface of the next piece, which is no byte; `spelling` is what stands for the unknown piece. */
  read(id: number, spelling?: string): string {
    const { inside, hasSpace, unkId, unkPiece, stripsAll } = this.#surfaces;
    if (!this.isEmpty) this.#isBeginning = false;
    let surface = inside[id];
    if (id === unkId && spelling !== undefined && spelling !== unkPiece) surface = spelling;
    else if (this.#isBeginning && hasSpace[id] === 1) {
      surface = surface.slice(1);
      if (!stripsAll) this.#isBeginning = false;
    }
    if (surface !== "") this.isEmpty = false;
    return surface;
  }
}

/** Surfaces of byte pieces: the last of each character has it all, a byte that is part of none is U+FFFD. */
export function surfacesOfBytes(bytes: Uint8Array): string[] {
  const surfaces: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = validLength(bytes, at, bytes.length);
    for (let k = 1; k < length; k++) surfaces.push("");
    surfaces.push(length === 0 ? "\uFFFD" : utf8.decode(bytes.subarray(at, at + length)));
    at += Math.max(1, length);
  }
  return surfaces;
}
