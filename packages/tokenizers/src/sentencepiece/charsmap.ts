/**
 * The normalization rules of a model, compiled: a double array from what is replaced to where its replacement stands.
 *
 * The blob is foreign. It is checked once, when it is read: the trie has no cycle, its keys and replacements have an
 * end, and all lie inside the blob. Steps that lead outside the array end a walk.
 */

import { HAS_VALUE, LABEL_BITS, offsetOf } from "./doubleArray.ts";

/** The longest key and the longest replacement that are accepted; real rules have less than 64 bytes. */
const MAX_LENGTH = 1024;

/** Rules as bytes to bytes. */
export class Charsmap {
  readonly units: Int32Array;
  /** The replacements, each ended by a zero byte. */
  readonly replacements: Uint8Array;
  /** Where the last match's replacement begins in {@link replacements}. */
  replacement = 0;

  /**
   * @param blob - `precompiled_charsmap` of a model, not empty.
   * @throws RangeError if it is damaged.
   */
  constructor(blob: Uint8Array) {
    const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
    const size = blob.length < 4 ? 0 : view.getUint32(0, true);
    if (size < 4 || size >= blob.length - 3) throw damaged(`a trie of 4 to ${blob.length - 4} bytes, got ${size}`);
    this.units = new Int32Array(size >>> 2);
    for (let i = 0; i < this.units.length; i++) this.units[i] = view.getInt32(4 + 4 * i, true);
    this.replacements = blob.slice(4 + size);
    this.#check();
  }

  /** Length of the longest key that begins at `start`, or 0; sets {@link replacement}. */
  longest(bytes: Uint8Array, start: number, end: number): number {
    const { units } = this;
    let place = offsetOf(units[0]);
    let length = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      place ^= byte;
      if (byte === 0 || place >= units.length) break;
      const unit = units[place];
      if ((unit & LABEL_BITS) !== byte) break;
      place ^= offsetOf(unit);
      if ((unit & HAS_VALUE) === 0) continue;
      this.replacement = units[place] & 0x7fffffff;
      length = at + 1 - start;
    }
    return length;
  }

  /** Whether a step from the root by a byte leads on: 0 no, 1 yes, but to no rule of it alone, 2 to a rule. */
  rootStep(first: number): 0 | 1 | 2 {
    const place = offsetOf(this.units[0]) ^ first;
    if (place >= this.units.length || (this.units[place] & LABEL_BITS) !== first) return 0;
    return (this.units[place] & HAS_VALUE) === 0 ? 1 : 2;
  }

  /** Whether some key begins with two bytes. */
  hasPrefix(first: number, second: number): boolean {
    if (this.rootStep(first) === 0) return false;
    const parent = offsetOf(this.units[0]) ^ first;
    const place = parent ^ offsetOf(this.units[parent]) ^ second;
    return place < this.units.length && (this.units[place] & LABEL_BITS) === second;
  }

  /** Visits all that can be reached from the root, each set of children once. */
  #check(): void {
    const { units } = this;
    // Children by origin: the places p with p ^ label = origin.
    const origins = (units.length | 0xff) + 1;
    const begin = new Int32Array(origins + 1);
    const originOf = (place: number) => place ^ (units[place] & 0xff);
    // Neither values nor places without a label can be stepped to.
    const isNode = (place: number) => units[place] >= 0 && (units[place] & 0xff) !== 0;
    for (let place = 1; place < units.length; place++) if (isNode(place)) begin[originOf(place) + 1]++;
    for (let origin = 0; origin < origins; origin++) begin[origin + 1] += begin[origin];
    const children = new Int32Array(units.length);
    const filled = begin.slice();
    for (let place = 1; place < units.length; place++) {
      if (isNode(place)) children[filled[originOf(place)]++] = place;
    }
    const ends = replacementEnds(this.replacements);
    /** Length of the longest key below an origin; -1 not visited, -2 being visited. */
    const heights = new Int32Array(origins).fill(-1);
    const stack = [offsetOf(units[0])];
    if (stack[0] >= origins) throw damaged("children of the root inside it");
    const cursor = begin.slice();
    while (stack.length > 0) {
      const origin = stack.at(-1)!;
      if (heights[origin] === -1) heights[origin] = -2;
      if (cursor[origin] === begin[origin + 1]) {
        let height = 0;
        for (let i = begin[origin]; i < begin[origin + 1]; i++) {
          const below = children[i] ^ offsetOf(units[children[i]]);
          height = Math.max(height, 1 + (below < origins ? heights[below] : 0));
        }
        if (height > MAX_LENGTH) throw damaged(`keys of at most ${MAX_LENGTH} bytes`);
        heights[origin] = height;
        stack.pop();
        continue;
      }
      const place = children[cursor[origin]++];
      const below = place ^ offsetOf(units[place]);
      if ((units[place] & HAS_VALUE) !== 0) {
        const start = below < units.length ? units[below] & 0x7fffffff : ends.length;
        const end = start < ends.length ? ends[start] : -1;
        if (end < 0 || end - start > MAX_LENGTH) {
          throw damaged(`replacements inside it that end after at most ${MAX_LENGTH} bytes`);
        }
      }
      if (below >= origins) continue;
      if (heights[below] === -2) throw damaged("a trie without cycles");
      if (heights[below] === -1) stack.push(below);
    }
  }
}

/** For each byte, where the next zero byte stands, or -1. */
function replacementEnds(replacements: Uint8Array): Int32Array {
  const ends = new Int32Array(replacements.length);
  let end = -1;
  for (let at = replacements.length - 1; at >= 0; at--) {
    if (replacements[at] === 0) end = at;
    ends[at] = end;
  }
  return ends;
}

function damaged(expected: string): RangeError {
  return new RangeError(`SentencePieceProcessor: expected a precompiledCharsmap with ${expected}`);
}
