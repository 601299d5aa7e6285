/**
 * Normalization of text before it is cut into pieces: rules replace characters (leftmost first, the longest match),
 * user-defined pieces stay as they are, and spaces are collapsed, marked with U+2581 and put before the text.
 *
 * The platform's NFKC is not used: rule sets differ from it, and it changes with the platform's Unicode version.
 */

import type { ByteTrie } from "./byteTrie.ts";
import { Charsmap } from "./charsmap.ts";
import type { NormalizerSpec } from "./modelProto.ts";
import { characterLength } from "./segments.ts";

const SPACE = 0x20;
const SPACE_MARK = Uint8Array.of(0xe2, 0x96, 0x81);
/** What the normalized form of one text may take. */
const MAX_SIZE = 2 ** 29;
/** Scratch for longer texts is not kept. */
const KEPT = 1 << 20;

/** What to do with a character by its first byte: copy it; copy it if ASCII follows; look for a rule. */
const COPY = 0;
const COPY_BEFORE_ASCII = 1;
const LOOK_UP = 2;

/** Options of a {@link Normalizer} besides its spec. */
export interface NormalizerOptions {
  /** The space mark goes behind the text instead of before it. */
  readonly treatWhitespaceAsSuffix?: boolean | undefined;
  /** Texts that no rule touches. */
  readonly userDefined?: ByteTrie | undefined;
}

/** Normalizes one text after another into the same memory. */
export class Normalizer {
  /** The last normalized text, followed by zero bytes. */
  bytes: Uint8Array = new Uint8Array(1024);
  /** Its length. */
  length = 0;
  /** Length of the text itself, in bytes. */
  textLength = 0;
  /** For each normalized byte and the end, the byte of the text that it comes from; filled in on demand. */
  origins: Int32Array = new Int32Array(0);
  readonly #charsmap: Charsmap | undefined;
  readonly #userDefined: ByteTrie | undefined;
  readonly #collapse: boolean;
  readonly #space: Uint8Array;
  readonly #prefix: boolean;
  readonly #suffix: boolean;
  readonly #treatment = new Uint8Array(256);
  // What the last look-up found: bytes from..to of #found instead of `consumed` bytes of the text.
  #found: Uint8Array = SPACE_MARK;
  #from = 0;
  #to = 0;

  /** @throws RangeError if the compiled rules are damaged. */
  constructor(spec: NormalizerSpec, { treatWhitespaceAsSuffix = false, userDefined }: NormalizerOptions = {}) {
    const { precompiledCharsmap, addDummyPrefix = true, removeExtraWhitespaces = true } = spec;
    this.#charsmap = precompiledCharsmap?.length ? new Charsmap(precompiledCharsmap) : undefined;
    this.#userDefined = userDefined;
    this.#collapse = removeExtraWhitespaces;
    this.#space = (spec.escapeWhitespaces ?? true) ? SPACE_MARK : Uint8Array.of(SPACE);
    this.#prefix = addDummyPrefix && !treatWhitespaceAsSuffix;
    this.#suffix = addDummyPrefix && treatWhitespaceAsSuffix;
    this.#prepare();
  }

  /**
   * Normalizes a text into {@link bytes}.
   *
   * @param text - Well-formed UTF-8, followed by a zero byte.
   * @param end - Its length without that.
   * @param track - Whether to fill in {@link origins}.
   */
  normalize(text: Uint8Array, end: number, track = false): void {
    this.length = 0;
    this.textLength = end;
    let at = 0;
    if (this.#collapse) {
      while (at < end) {
        const consumed = this.#lookUp(text, at, end);
        if (this.#to - this.#from !== 1 || this.#found[this.#from] !== SPACE) break;
        at += consumed;
      }
    }
    this.#reserve(0, end - at, track);
    if (at < end) {
      if (this.#prefix) this.#write(this.#space, 0, this.#space.length, at, track);
      this.#run(text, at, end, track);
      at = end;
      if (this.#collapse) at = this.#trim(at);
      if (this.#suffix) this.#write(this.#space, 0, this.#space.length, at, track);
    }
    if (track) this.origins[this.length] = at;
    this.bytes.fill(0, this.length, this.length + 8);
  }

  /** Lets go of memory that only a very long text needs. */
  release(): void {
    if (this.bytes.length <= KEPT) return;
    this.bytes = new Uint8Array(1024);
    this.origins = new Int32Array(0);
  }

  #run(text: Uint8Array, start: number, end: number, track: boolean): void {
    const treatment = this.#treatment;
    const collapse = this.#collapse;
    let afterSpace = collapse;
    for (let at = start; at < end;) {
      const byte = text[at];
      const kind = treatment[byte];
      if (kind === COPY || (kind === COPY_BEFORE_ASCII && text[at + 1] < 0x80)) {
        if (byte === SPACE) {
          if (!afterSpace) this.#write(this.#space, 0, this.#space.length, at, track);
          afterSpace = collapse;
          at++;
          continue;
        }
        afterSpace = false;
        const next = byte < 0x80 ? at + 1 : at + characterLength(byte);
        if (track) this.origins.fill(at, this.length, this.length + next - at);
        while (at < next) this.bytes[this.length++] = text[at++];
        continue;
      }
      const consumed = this.#lookUp(text, at, end);
      const found = this.#found;
      let from = this.#from;
      const to = this.#to;
      if (afterSpace) while (from < to && found[from] === SPACE) from++;
      if (from < to) {
        this.#reserve(3 * (to - from), end - at, track);
        for (let i = from; i < to; i++) {
          if (found[i] === SPACE) this.#write(this.#space, 0, this.#space.length, at, track);
          else this.#write(found, i, i + 1, at, track);
        }
        afterSpace = collapse && found[to - 1] === SPACE;
      }
      at += consumed;
    }
  }

  /** Finds what stands for the text at `at`; gives the length of what it stands for. */
  #lookUp(text: Uint8Array, at: number, end: number): number {
    const symbol = this.#userDefined === undefined ? 0 : this.#userDefined.longest(text, at, end);
    const ruled = symbol > 0 || this.#charsmap === undefined ? 0 : this.#charsmap.longest(text, at, end);
    if (ruled > 0) {
      const { replacements, replacement } = this.#charsmap!;
      this.#found = replacements;
      this.#from = replacement;
      this.#to = replacements.indexOf(0, replacement);
      return ruled;
    }
    const length = symbol > 0 ? symbol : Math.min(end - at, characterLength(text[at]));
    this.#found = text;
    this.#from = at;
    this.#to = at + length;
    return length;
  }

  /** Removes trailing spaces; gives where the text before them ends. */
  #trim(end: number): number {
    const space = this.#space;
    let length = this.length;
    let from = end;
    while (length >= space.length && space.every((byte, i) => this.bytes[length - space.length + i] === byte)) {
      length -= space.length;
      from = this.origins[length];
    }
    this.length = length;
    return from;
  }

  #write(source: Uint8Array, from: number, to: number, origin: number, track: boolean): void {
    if (track) this.origins.fill(origin, this.length, this.length + to - from);
    for (let i = from; i < to; i++) this.bytes[this.length++] = source[i];
  }

  /** Makes room for `extra` bytes and for as much as `rest` bytes of text become without rules. */
  #reserve(extra: number, rest: number, track: boolean): void {
    const size = this.length + extra + 3 * rest + 16;
    if (size > this.bytes.length) {
      if (size > MAX_SIZE) {
        throw new RangeError(`encode: expected text whose normalized form is below ${MAX_SIZE / 4} bytes`);
      }
      const bytes = new Uint8Array(size + (size >> 1));
      bytes.set(this.bytes.subarray(0, this.length));
      this.bytes = bytes;
    }
    if (track && size > this.origins.length) {
      const origins = new Int32Array(size + (size >> 1));
      origins.set(this.origins.subarray(0, this.length));
      this.origins = origins;
    }
  }

  /** Decides which characters can be copied without looking for a rule. */
  #prepare(): void {
    const userDefined = this.#userDefined;
    for (let first = 0; first < 256; first++) {
      const step = this.#charsmap?.rootStep(first) ?? 0;
      let kind = step === 0 ? COPY : LOOK_UP;
      if (step === 1 && first < 0x80) {
        kind = COPY_BEFORE_ASCII;
        for (let second = 1; second < 0x80; second++) if (this.#charsmap!.hasPrefix(first, second)) kind = LOOK_UP;
      }
      if (userDefined?.beginsWith(first)) kind = LOOK_UP;
      this.#treatment[first] = kind;
    }
  }
}
