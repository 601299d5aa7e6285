/**
 * What the models make of normalized text: where each segment ends, and the id of its piece.
 */

import type { Vocabulary } from "./vocabulary.ts";

/** A list of segments that cover the normalized bytes; each begins where the one before ends. */
export class Segments {
  count = 0;
  ends: Int32Array = new Int32Array(256);
  ids: Int32Array = new Int32Array(256);

  push(end: number, id: number): void {
    if (this.count === this.ends.length) this.reserve(2 * this.count);
    this.ends[this.count] = end;
    this.ids[this.count++] = id;
  }

  /** Makes room for `count` segments in all. */
  reserve(count: number): void {
    if (count <= this.ends.length) return;
    const ends = new Int32Array(count);
    const ids = new Int32Array(count);
    ends.set(this.ends.subarray(0, this.count));
    ids.set(this.ids.subarray(0, this.count));
    this.ends = ends;
    this.ids = ids;
  }
}

/** Cuts normalized text into pieces; one implementation for each type of model. */
export interface Segmenter {
  /**
   * Replaces the content of `segments`.
   *
   * @param bytes - Normalized text, followed by a zero byte.
   * @param length - Its length without that.
   */
  segment(bytes: Uint8Array, length: number, segments: Segments): void;
}

/**
 * The ids of segments: an unknown one is spelled in bytes under byte fallback, otherwise a run of unknown ones is one id.
 *
 * @param bytes - The normalized text.
 * @param prefix - Ids to put before, of which there may be none.
 * @param suffix - Ids to put behind.
 */
export function idsOfSegments(
  { ids, ends, count }: Segments,
  bytes: Uint8Array,
  { unkId, byteIds }: Vocabulary,
  options: { readonly first: number; readonly last: number; readonly reverse: boolean },
): Uint32Array<ArrayBuffer> {
  let size = count;
  if (byteIds !== undefined) {
    for (let i = 0; i < count; i++) if (ids[i] === unkId) size += ends[i] - (i > 0 ? ends[i - 1] : 0) - 1;
  } else for (let i = 1; i < count; i++) if (ids[i] === unkId && ids[i - 1] === unkId) size--;
  const { first, last, reverse } = options;
  const result = new Uint32Array(size + (first >= 0 ? 1 : 0) + (last >= 0 ? 1 : 0));
  let at = 0;
  if (first >= 0) result[at++] = first;
  const start = at;
  for (let i = 0; i < count; i++) {
    const id = ids[i];
    if (id !== unkId) result[at++] = id;
    else if (byteIds !== undefined) {
      for (let k = i > 0 ? ends[i - 1] : 0; k < ends[i]; k++) result[at++] = byteIds[bytes[k]];
    } else if (i === 0 || ids[i - 1] !== unkId) result[at++] = id;
  }
  if (reverse) result.subarray(start, at).reverse();
  if (last >= 0) result[at] = last;
  return result;
}

/** Bytes of the character that begins with `lead`; 1 for a byte that begins none. */
export function characterLength(lead: number): number {
  return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}
