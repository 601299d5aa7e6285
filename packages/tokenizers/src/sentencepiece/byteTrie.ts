/**
 * Looks up byte strings in a double array. The innermost loops of encoding walk its units themselves.
 */

import { encodeUtf8 } from "../utf8.ts";
import { buildDoubleArray, HAS_VALUE, LABEL_BITS, offsetOf } from "./doubleArray.ts";
import { KeyTree } from "./keyTree.ts";

/** A set of byte strings, each with a value. */
export class ByteTrie {
  /** Units in Darts-clone's layout. No step by a zero byte leads anywhere, so that text may end with one. */
  readonly units: Int32Array;
  /** The value of the last match. */
  value = -1;

  /** @param entries - Distinct strings, none empty, with their values. */
  constructor(entries: Iterable<readonly [string, number]>) {
    const sorted = Array.from(entries, ([key, value]) => ({ key: encodeUtf8(key), value }))
      // C strings end at a zero byte; a key with one in it never matches here.
      .filter(({ key }) => !key.includes(0))
      .sort((a, b) => compareBytes(a.key, b.key));
    const tree = new KeyTree(
      sorted.map(({ key }) => key),
      sorted.map(({ value }) => value),
    );
    this.units = buildDoubleArray(tree);
    for (let place = 1; place < this.units.length; place++) {
      if ((this.units[place] & LABEL_BITS) === 0) this.units[place] = LABEL_BITS;
    }
  }

  /** Length of the longest key that begins at `start`, or 0; sets {@link value}. */
  longest(bytes: Uint8Array, start: number, end: number): number {
    const { units } = this;
    let place = offsetOf(units[0]);
    let length = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      place ^= byte;
      const unit = units[place];
      if ((unit & LABEL_BITS) !== byte) break;
      place ^= offsetOf(unit);
      if ((unit & HAS_VALUE) === 0) continue;
      this.value = units[place] & 0x7fffffff;
      length = at + 1 - start;
    }
    return length;
  }

  /** Whether some key begins with a byte. */
  beginsWith(byte: number): boolean {
    return (this.units[offsetOf(this.units[0]) ^ byte] & LABEL_BITS) === byte;
  }

  /** The value of the key that these bytes are, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return start < end && this.longest(bytes, start, end) === end - start ? this.value : -1;
  }
}

/** Compares byte by byte, the shorter first. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
