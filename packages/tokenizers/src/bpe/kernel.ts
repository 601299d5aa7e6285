/**
 * The hot loop of byte-level BPE as WebAssembly: it cuts a text by one of OpenAI's patterns and looks the pieces up, and comes back for
 * those that have to be merged for the first time. Its program is in assembly/.
 *
 * Where WebAssembly is missing or forbidden there is no kernel, and textEncoder.ts does the same in JavaScript at half the speed.
 */

import { byteClasses } from "../splitting/byteClasses.ts";
import type { ShortPieces } from "../splitting/shortPieces.ts";
import { encodeUtf8Into } from "../utf8.ts";
import { kernelProgram } from "./kernelProgram.generated.ts";

/** The patterns that the kernel knows, by the numbers that it knows them by (assembly/splitters.ts). */
export const kernelPatterns = { r50k: 0, cl100k: 1, singleDigit: 2, o200k: 3 } as const;

/** One of {@link kernelPatterns}. */
export type KernelPattern = (typeof kernelPatterns)[keyof typeof kernelPatterns];

/** Why {@link Kernel.run} came back. */
export const DONE = 0;
/** There is a piece from {@link Kernel.start} to {@link Kernel.stop} that it does not know. */
export const PIECE = 1;

const PAGE = 1 << 16;
/** Zero bytes after the text: the kernel reads eight bytes at a time, and the splitters look ahead. */
const PADDING = 16;

/** What the program exports: two functions, its variables, and constants that are addresses. */
interface Program extends Readonly<
  Record<"ASCII" | "STARTS" | "PLAIN" | "AFTER_BLANK" | "POINTS" | "IDS" | "TEXT", Global>
> {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly position: Global;
  readonly stop: Global;
  readonly out: Global;
  readonly LONGEST: Global;
  run(pattern: number, end: number): number;
  learn(count: number): void;
}

interface Global {
  value: number;
}

/** The part of the platform that is used here, declared because the compiler is told of no platform. */
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: object };
    }
  | undefined;
declare const atob: (base64: string) => string;

let compiled: object | undefined;

/** A kernel for one vocabulary: it keeps the ids of pieces. */
export class Kernel {
  /** All of its memory. */
  bytes: Uint8Array;
  readonly #program: Program;
  readonly #pattern: KernelPattern;
  #words: Uint32Array;
  #end = 0;

  private constructor(program: Program, pattern: KernelPattern) {
    this.#program = program;
    this.#pattern = pattern;
    this.bytes = new Uint8Array(program.memory.buffer);
    this.#words = new Uint32Array(program.memory.buffer);
  }

  /**
   * A kernel, or undefined where the platform has or allows no WebAssembly.
   *
   * @param starts - What each byte may do at the start of a word.
   */
  static create(pattern: KernelPattern, starts: Uint8Array, short: ShortPieces): Kernel | undefined {
    if (typeof WebAssembly === "undefined") return undefined;
    let program: Program;
    try {
      compiled ??= new WebAssembly.Module(Uint8Array.from(atob(kernelProgram), (character) => character.charCodeAt(0)));
      program = new WebAssembly.Instance(compiled).exports as Program;
    } catch {
      return undefined;
    }
    const kernel = new Kernel(program, pattern);
    const { ascii, points } = byteClasses();
    kernel.#grow(program.TEXT.value);
    kernel.bytes.set(ascii, program.ASCII.value);
    kernel.bytes.set(starts, program.STARTS.value);
    kernel.bytes.set(short.plain, program.PLAIN.value);
    kernel.bytes.set(short.afterBlank, program.AFTER_BLANK.value);
    kernel.bytes.set(points, program.POINTS.value);
    return kernel;
  }

  /** Where the unknown piece begins and ends in {@link Kernel.bytes}. */
  get start(): number {
    return this.#program.position.value;
  }

  get stop(): number {
    return this.#program.stop.value;
  }

  /** Bytes of memory that texts have taken. */
  get textBytes(): number {
    return this.bytes.length - this.#program.TEXT.value;
  }

  /** Takes a text to encode; lone surrogates count as U+FFFD. @throws RangeError if there is no memory for it. */
  write(text: string): void {
    const start = this.#program.TEXT.value;
    this.#grow(start + 3 * text.length + PADDING);
    this.#end = start + encodeUtf8Into(text, this.bytes.subarray(start));
    this.bytes.fill(0, this.#end, this.#end + PADDING);
    this.#program.position.value = start;
  }

  /** Goes on with the text until it is {@link DONE}, a {@link PIECE} is unknown, or the ids have to be taken. */
  run(): number {
    return this.#program.run(this.#pattern, this.#end);
  }

  /** The ids since the last call, to be copied before the next {@link Kernel.run}. */
  takeIds(): Uint32Array {
    const { out, IDS } = this.#program;
    const ids = this.#words.subarray(IDS.value >> 2, out.value >> 2);
    out.value = IDS.value;
    return ids;
  }

  /** Keeps the first `count` ids as those of the unknown piece, and goes on after it. */
  learn(ids: Int32Array, count: number): void {
    const { IDS, LONGEST } = this.#program;
    const isKept = count <= LONGEST.value;
    if (isKept) for (let at = 0; at < count; at++) this.#words[(IDS.value >> 2) + at] = ids[at] as number;
    this.#program.learn(isKept ? count : 0);
  }

  #grow(bytes: number): void {
    const { memory } = this.#program;
    const missing = bytes - memory.buffer.byteLength;
    if (missing <= 0) return;
    // By half as much again, so that texts of growing length do not grow it each time.
    const pages = Math.ceil(Math.max(missing, this.textBytes / 2) / PAGE);
    memory.grow(pages);
    this.bytes = new Uint8Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
  }
}
