/**
 * The passes of `Updates` in WebAssembly: the same bits as plainUpdates.ts, four elements at a time.
 *
 * A pass computes in the memory of its module. Arrays that were allocated there are changed in place; others go through it in pieces
 * that fit in the cache nearest to the processor: they are copied in, computed, and copied back.
 */

import type { Updates } from "../updates.ts";
import { type Pass, passFunction, type PassFunction } from "./lanes.ts";
import { adam, approach, descend, descendWithMomentum, direct, lion, move } from "./passes.ts";
import { wasmModule } from "./wasmModule.ts";

/** A memory of WebAssembly. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** The part of the platform that is used here, declared because the compiler is told of no platform. */
declare const WebAssembly:
  | {
      readonly Memory: new (options: { initial: number; maximum: number }) => WasmMemory;
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object, imports: object) => { readonly exports: object };
    }
  | undefined;

type PassCall = (bytes: number, ...placesAndConstants: number[]) => void;

const PAGE_BYTES = 65_536;
/** Bytes of four elements, which every array begins at a multiple of. */
const STEP_BYTES = 16;
/** Elements of a piece. */
const PIECE = 4096;
const MOST_ARRAYS = 4;
/** Between pieces, so that equal places of two do not fall on the same line of a cache. */
const GAP_BYTES = 320;
const pieces = Array.from({ length: MOST_ARRAYS }, (_, index) => index * (4 * PIECE + GAP_BYTES));
const PIECES_BYTES = MOST_ARRAYS * (4 * PIECE + GAP_BYTES);

const passes = { adam, descend, descendWithMomentum, lion, direct, move, approach };

const functions = Object.entries(passes).map(([name, pass]) => passFunction(name, pass as never));

let compiled: object | "absent" | undefined;

/** Bytes that an array takes in a memory. */
export function bytesInMemory(length: number): number {
  return STEP_BYTES * Math.ceil((4 * length) / STEP_BYTES);
}

/** The passes over a memory, and the arrays in it. */
export class SimdPasses {
  readonly updates: Updates;
  readonly #memory: WasmMemory;
  #end = PIECES_BYTES;

  private constructor(memory: WasmMemory, module: object) {
    this.#memory = memory;
    const { exports } = new WebAssembly!.Instance(module, { outside: { memory } });
    const views = pieces.map((place) => new Float32Array(memory.buffer, place, PIECE));
    const byName = new Map(
      functions.map((pass) => [
        pass.name,
        new PassOver(memory, (exports as Record<string, PassCall>)[pass.name], pass, views),
      ]),
    );
    // Records of their own: to put arrays and constants together takes longer than a small pass.
    const run = <Name extends PassName>(name: Name, arrays: ArraysOf<Name>, constants: ConstantsOf<Name>): void => {
      const pass: Pass<string, string> = passes[name];
      const given: Readonly<Record<string, Float32Array>> = arrays;
      const numbers: Readonly<Record<string, number>> = constants;
      byName.get(name)!.run(
        pass.arrays.map((key) => given[key]),
        pass.constants.map((key) => numbers[key]),
      );
    };
    this.updates = {
      adam: (arrays, constants) => run("adam", arrays, constants),
      descend: (weight, gradient, constants) => run("descend", { weight, gradient }, constants),
      descendWithMomentum: (arrays, constants) => run("descendWithMomentum", arrays, constants),
      lion: (arrays, constants) => run("lion", arrays, constants),
      direct: (arrays, constants) => run("direct", arrays, constants),
      move: (weight, direction, constants) => run("move", { weight, direction }, constants),
      approach: (average, weight, gain) => run("approach", { average, weight }, { gain }),
    };
  }

  /** Passes over a memory with room for arrays of `bytes` together; undefined where there is no WebAssembly with vectors, or no such memory. */
  static create(bytes: number): SimdPasses | undefined {
    if (typeof WebAssembly === "undefined") return undefined;
    try {
      compiled ??= new WebAssembly.Module(wasmModule(functions));
    } catch {
      compiled = "absent";
    }
    if (compiled === "absent") return undefined;
    const pages = Math.ceil((PIECES_BYTES + bytes) / PAGE_BYTES);
    try {
      return new SimdPasses(new WebAssembly.Memory({ initial: pages, maximum: pages }), compiled);
    } catch {
      return undefined;
    }
  }

  /** An array of zeros in the memory. @throws RangeError where there is no room left. */
  allocate(length: number): Float32Array {
    const array = new Float32Array(this.#memory.buffer, this.#end, length);
    this.#end += bytesInMemory(length);
    return array;
  }
}

type PassName = keyof typeof passes;

/** An array for each array of a pass. */
type ArraysOf<Name extends PassName> = Readonly<Record<(typeof passes)[Name]["arrays"][number], Float32Array>>;

/** A number for each constant of a pass. */
type ConstantsOf<Name extends PassName> = Readonly<Record<(typeof passes)[Name]["constants"][number], number>>;

/** One pass over a memory. */
class PassOver {
  readonly #memory: WasmMemory;
  readonly #call: PassCall;
  readonly #pass: PassFunction;
  /** The pieces of memory that other arrays go through. */
  readonly #views: readonly Float32Array[];

  constructor(memory: WasmMemory, call: PassCall, pass: PassFunction, views: readonly Float32Array[]) {
    this.#memory = memory;
    this.#call = call;
    this.#pass = pass;
    this.#views = views;
  }

  run(arrays: readonly Float32Array[], constants: readonly number[]): void {
    const { length } = arrays[0];
    const inside = arrays.map(({ buffer }) => buffer === this.#memory.buffer);
    if (inside.every(Boolean)) {
      // What is beyond the last four may be another array's.
      const whole = length - (length % 4);
      if (whole > 0) this.#call(4 * whole, ...arrays.map(({ byteOffset }) => byteOffset), ...constants);
      if (whole < length) this.#runPiece(arrays, constants, whole, length);
      return;
    }
    for (let begin = 0; begin < length; begin += PIECE) {
      this.#runPiece(arrays, constants, begin, Math.min(begin + PIECE, length));
    }
  }

  /** Copies what lies outside of the memory, and computes it and what lies inside. */
  #runPiece(arrays: readonly Float32Array[], constants: readonly number[], begin: number, end: number): void {
    const { reads, writes } = this.#pass;
    const isWhole = (end - begin) % 4 === 0;
    const stays = arrays.map(({ buffer }) => isWhole && buffer === this.#memory.buffer);
    const views = this.#views;
    for (const index of reads) if (!stays[index]) views[index].set(arrays[index].subarray(begin, end));
    const places = arrays.map(({ byteOffset }, index) => (stays[index] ? byteOffset + 4 * begin : pieces[index]));
    // Of a last piece four are computed where fewer are left; what is beyond them is not copied back.
    this.#call(STEP_BYTES * Math.ceil((end - begin) / 4), ...places, ...constants);
    for (const index of writes) {
      if (!stays[index]) arrays[index].set(views[index].subarray(0, end - begin), begin);
    }
  }
}
