/**
 * WebAssembly modules as bytes: as much of the binary format as the passes of optimizers need, and no more. A module has a memory,
 * which is given to it, and functions without results.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html
 */

/** Types of values, by their codes. */
export const valueTypes = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;

export type ValueType = keyof typeof valueTypes;

/** A function, of parameters and locals that its code knows by index, in this order. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  /** Instructions, without the closing `end`. */
  readonly code: readonly number[];
}

const FUNCTION_TYPE = 0x60;
const FUNCTION = 0;
const MEMORY = 2;
const WITHOUT_MAXIMUM = 0;
const END = 0x0b;

const section = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;

/** The module that exports `functions` and imports the memory `memory` of `outside`. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array {
  const types = functions.map(({ parameters }) => [
    FUNCTION_TYPE,
    ...vector(parameters.map((type) => [valueTypes[type]])),
    ...vector([]),
  ]);
  const exports = functions.map(({ name }, index) => [...text(name), FUNCTION, ...unsigned(index)]);
  const bodies = functions.map(({ locals, code }) => {
    const declared = vector(locals.map((type) => [1, valueTypes[type]]));
    return sized([...declared, ...code, END]);
  });
  const imported = [...text("outside"), ...text("memory"), MEMORY, WITHOUT_MAXIMUM, 1];
  const indices = functions.map((_, index) => unsigned(index));
  return Uint8Array.from(
    [
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
      [section.type, ...sized(vector(types))],
      [section.import, ...sized(vector([imported]))],
      [section.function, ...sized(vector(indices))],
      [section.export, ...sized(vector(exports))],
      [section.code, ...sized(vector(bodies))],
    ].flat(),
  );
}

/** LEB128 of an integer from 0 to below 2^31. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function text(ascii: string): number[] {
  return sized([...ascii].map((character) => character.charCodeAt(0)));
}
