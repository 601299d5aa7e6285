/**
 * Masks by WebAssembly, with the bits of the plain loop: the stream of the generator is cut into four pieces of equal length, which are
 * drawn side by side.
 */

import { jump } from "./linearJump.ts";
import { maskProgram, STATE_BYTES } from "./maskProgram.ts";

/** The part of the platform that is used here, declared because the compiler is told of no platform. */
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: object };
    }
  | undefined;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  fill(bytesOfPiece: number, threshold: number): void;
}

const LANES = 4;

/** Elements of a piece are two to the power of these: below, a jump costs more than it gains; above, a mask leaves the cache. */
const SMALLEST = 9;
const LARGEST = 15;

let kernel: MaskKernel | "absent" | undefined;

/** The kernel; undefined where there is no WebAssembly with vectors, or a page may not use it. */
export function maskKernel(): MaskKernel | undefined {
  if (kernel === undefined) {
    try {
      kernel = new MaskKernel();
    } catch {
      kernel = "absent";
    }
  }
  return kernel === "absent" ? undefined : kernel;
}

class MaskKernel {
  readonly #fill: Exports["fill"];
  readonly #state: Int32Array;
  readonly #mask: Uint8Array;

  constructor() {
    const most = LANES << LARGEST;
    const { exports } = new WebAssembly!.Instance(new WebAssembly!.Module(maskProgram(most)));
    const { fill, memory } = exports as Exports;
    this.#fill = fill;
    this.#state = new Int32Array(memory.buffer, 0, STATE_BYTES / 4);
    this.#mask = new Uint8Array(memory.buffer, STATE_BYTES, most);
  }

  /**
   * Fills the beginning of `target`, and moves `words`, the state of the generator, behind it.
   *
   * @param threshold - From 0 to 65535: of 65536 values of a half, how many give 1.
   * @returns how many elements were filled; fewer than a few thousand are left.
   */
  fill(target: Uint8Array, threshold: number, words: Int32Array): number {
    let done = 0;
    for (let exponent = LARGEST; exponent >= SMALLEST; exponent--) {
      const piece = 1 << exponent;
      while (target.length - done >= LANES * piece) {
        this.#fillPieces(exponent, threshold, words);
        target.set(this.#mask.subarray(0, LANES * piece), done);
        done += LANES * piece;
      }
    }
    return done;
  }

  #fillPieces(exponent: number, threshold: number, words: Int32Array): void {
    // A draw serves two elements.
    const draws = exponent - 1;
    let start = words;
    for (let lane = 0; lane < LANES; lane++) {
      for (let word = 0; word < 4; word++) this.#state[LANES * word + lane] = start[word];
      if (lane < LANES - 1) start = jump(start, draws);
    }
    this.#fill(1 << exponent, threshold);
    for (let word = 0; word < 4; word++) words[word] = this.#state[LANES * word + LANES - 1];
  }
}
