/**
 * Elementwise passes over float32 arrays as WebAssembly functions, four elements at a time: what is computed is written as
 * expressions, and becomes a loop.
 */

import { unsigned, type ValueType, type WasmFunction } from "./wasmModule.ts";

/** A value of four elements: of an array, a constant, or computed. */
export type Lanes =
  | { readonly kind: "array"; readonly index: number }
  | { readonly kind: "constant"; readonly index: number }
  | { readonly kind: "operation"; readonly code: number; readonly operands: readonly Lanes[] };

/** Codes after the prefix of vector instructions. */
const code = {
  load: 0x00,
  store: 0x0b,
  splat: 0x13,
  less: 0x43,
  greater: 0x44,
  and: 0x4e,
  sqrt: 0xe3,
  add: 0xe4,
  sub: 0xe5,
  mul: 0xe6,
  div: 0xe7,
} as const;

const binary =
  (operation: number) =>
  (a: Lanes, b: Lanes): Lanes => ({ kind: "operation", code: operation, operands: [a, b] });

export const add: (a: Lanes, b: Lanes) => Lanes = binary(code.add);
export const sub: (a: Lanes, b: Lanes) => Lanes = binary(code.sub);
export const mul: (a: Lanes, b: Lanes) => Lanes = binary(code.mul);
export const div: (a: Lanes, b: Lanes) => Lanes = binary(code.div);
export const sqrt = (a: Lanes): Lanes => ({ kind: "operation", code: code.sqrt, operands: [a] });

const less = binary(code.less);
const greater = binary(code.greater);
const and = binary(code.and);

/** `size` where x is above 0, `-size` where it is below, else 0. */
export function withSign(size: Lanes, x: Lanes): Lanes {
  const zero = sub(size, size);
  return sub(and(size, greater(x, zero)), and(size, less(x, zero)));
}

/** A pass over arrays: which it reads, which constants it has, and what it leaves in which arrays. */
export interface Pass<Array extends string, Constant extends string> {
  readonly arrays: readonly Array[];
  readonly constants: readonly Constant[];
  /** The new values of some of the arrays. */
  compute(values: Readonly<Record<Array | Constant, Lanes>>): Partial<Record<Array, Lanes>>;
}

/** A pass as a function, and which of its arrays it reads and writes, by their places in the list. */
export interface PassFunction extends WasmFunction {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

/**
 * The function of a pass. Its parameters are the number of bytes of each array, a multiple of 16 greater than 0; the place of each
 * array in memory, in bytes; the constants.
 */
export function passFunction<Array extends string, Constant extends string>(
  name: string,
  { arrays, constants, compute }: Pass<Array, Constant>,
): PassFunction {
  const leaves: [string, Lanes][] = [
    ...arrays.map((array, index): [string, Lanes] => [array, { kind: "array", index }]),
    ...constants.map((constant, index): [string, Lanes] => [constant, { kind: "constant", index }]),
  ];
  const results = Object.entries(compute(Object.fromEntries(leaves) as Record<Array | Constant, Lanes>));
  const writer = new PassWriter(name, arrays.length, constants.length);
  return writer.write(results.map(([array, lanes]) => [arrays.indexOf(array as Array), lanes as Lanes]));
}

/** Codes of plain instructions. */
const LOOP = 0x03;
const WITHOUT_RESULT = 0x40;
const END = 0x0b;
const BRANCH_IF = 0x0d;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const I32_LESS_UNSIGNED = 0x49;
const I32_ADD = 0x6a;
const VECTOR = 0xfd;

/** Bytes of four elements; as an exponent of 2, what memory is aligned to. */
const STEP = 16;
const ALIGNMENT = 4;

/** Writes one function. Locals: bytes, places, constants; offset, constants in four lanes, then a local for each array and operation. */
class PassWriter {
  readonly #name: string;
  readonly #arrays: number;
  readonly #constants: number;
  readonly #offset: number;
  readonly #firstLane: number;
  readonly #code: number[] = [];
  /** Locals of what was computed before. */
  readonly #known = new Map<Lanes, number>();
  readonly #reads: number[] = [];
  #lanes: number;

  constructor(name: string, arrays: number, constants: number) {
    this.#name = name;
    this.#arrays = arrays;
    this.#constants = constants;
    this.#offset = 1 + arrays + constants;
    this.#firstLane = this.#offset + 1;
    this.#lanes = constants;
  }

  write(results: readonly (readonly [array: number, lanes: Lanes])[]): PassFunction {
    for (let index = 0; index < this.#constants; index++) {
      this.#emit(LOCAL_GET, 1 + this.#arrays + index);
      this.#code.push(VECTOR, ...unsigned(code.splat));
      this.#emit(LOCAL_SET, this.#firstLane + index);
    }
    this.#code.push(LOOP, WITHOUT_RESULT);
    const values = results.map(([array, lanes]) => [array, this.#local(lanes)] as const);
    for (const [array, local] of values) {
      this.#address(array);
      this.#emit(LOCAL_GET, local);
      this.#code.push(VECTOR, ...unsigned(code.store), ALIGNMENT, 0);
    }
    this.#emit(LOCAL_GET, this.#offset);
    this.#code.push(I32_CONST, STEP, I32_ADD);
    this.#emit(LOCAL_TEE, this.#offset);
    this.#emit(LOCAL_GET, 0);
    this.#code.push(I32_LESS_UNSIGNED, BRANCH_IF, 0, END);
    return {
      name: this.#name,
      parameters: [...repeated("i32", 1 + this.#arrays), ...repeated("f32", this.#constants)],
      locals: ["i32", ...repeated("v128", this.#lanes)],
      code: this.#code,
      reads: this.#reads,
      writes: results.map(([array]) => array),
    };
  }

  /** The local that holds `lanes`, computed where it was not yet. */
  #local(lanes: Lanes): number {
    if (lanes.kind === "constant") return this.#firstLane + lanes.index;
    const known = this.#known.get(lanes);
    if (known !== undefined) return known;
    if (lanes.kind === "array") {
      this.#address(lanes.index);
      this.#code.push(VECTOR, ...unsigned(code.load), ALIGNMENT, 0);
      this.#reads.push(lanes.index);
    } else {
      const operands = lanes.operands.map((operand) => this.#local(operand));
      for (const operand of operands) this.#emit(LOCAL_GET, operand);
      this.#code.push(VECTOR, ...unsigned(lanes.code));
    }
    const local = this.#firstLane + this.#lanes++;
    this.#emit(LOCAL_SET, local);
    this.#known.set(lanes, local);
    return local;
  }

  /** Leaves the address of four elements of an array. */
  #address(array: number): void {
    this.#emit(LOCAL_GET, 1 + array);
    this.#emit(LOCAL_GET, this.#offset);
    this.#code.push(I32_ADD);
  }

  #emit(instruction: number, local: number): void {
    this.#code.push(instruction, ...unsigned(local));
  }
}

function repeated(type: ValueType, count: number): ValueType[] {
  return Array.from({ length: count }, () => type);
}
