/**
 * The inner loop of `fillBernoulliMask` as a WebAssembly module: four places of the stream at once, one in each lane of a vector.
 *
 * Its memory holds the four words of the generator's state, each for four lanes, then the mask: a piece for each lane, one after
 * another. The function `fill` takes the bytes of a piece, a multiple of 4, and the threshold.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html
 */

/** Bytes of the state, which the mask follows. */
export const STATE_BYTES = 64;

const PAGE_BYTES = 65_536;

const I32 = 0x7f;
const V128 = 0x7b;

/** Instructions, and codes behind the prefix of vector instructions. */
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
const constant = (value: number): number[] => [0x41, ...signed(value)];
const ADD = [0x6a];
const LESS = [0x49];
const LOOP = [0x03, 0x40];
const AGAIN_IF = [0x0d, 0];
const END = [0x0b];
const vector = (code: number, ...immediates: number[]): number[] => [0xfd, ...unsigned(code), ...immediates];
const load = (offset: number): number[] => [...constant(0), ...vector(0, 4, offset)];
const store = (offset: number): number[] => vector(11, 4, offset);
const SHUFFLE = 13;
const SPLAT_BYTE = vector(15);
const SPLAT_HALF = vector(16);
const HALVES_BELOW = vector(0x30);
const AND = vector(0x4e);
const OR = vector(0x50);
const XOR = vector(0x51);
const storeLane = (lane: number, offset: number): number[] => vector(0x5a, 2, offset, lane);
const NARROW = vector(0x65);
const left = (bits: number): number[] => [...constant(bits), ...vector(0xab)];
const right = (bits: number): number[] => [...constant(bits), ...vector(0xad)];
const SUM = vector(0xae);

/** Parameters, then locals: the place in a piece, an address, the state, the threshold, ones, the sum, a shifted word, kept halves. */
const [BYTES, THRESHOLD, PLACE, ADDRESS, S0, S1, S2, S3, LIMIT, ONES, DRAWN, SHIFTED, KEPT] = Array(13).keys();
const locals = [
  [2, I32],
  [9, V128],
];

const rotated = (local: number, bits: number): number[] =>
  [get(local), left(bits), get(local), right(32 - bits), OR].flat();
const xorInto = (target: number, other: number): number[] => [get(target), get(other), XOR, set(target)].flat();

/** Leaves which halves of the next four words are below the threshold. */
const draw = [
  [get(S0), get(S3), SUM, set(DRAWN)],
  [rotated(DRAWN, 7), get(S0), SUM, get(LIMIT), HALVES_BELOW],
  [get(S1), left(9), set(SHIFTED)],
  [xorInto(S2, S0), xorInto(S3, S1), xorInto(S1, S2), xorInto(S0, S3), xorInto(S2, SHIFTED)],
  [rotated(S3, 11), set(S3)],
].flat(2);

/** Of two draws, the four bytes of each lane side by side: its two halves of the first, its two of the second. */
const byLane = [0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15];

const body = [
  [S0, S1, S2, S3].flatMap((local, index) => [load(16 * index), set(local)]),
  [get(THRESHOLD), SPLAT_HALF, set(LIMIT)],
  [constant(1), SPLAT_BYTE, set(ONES)],
  [LOOP],
  [draw, draw, NARROW, get(ONES), AND, set(KEPT)],
  [get(KEPT), get(KEPT), vector(SHUFFLE, ...byLane), set(KEPT)],
  [get(PLACE), set(ADDRESS)],
  [0, 1, 2, 3].flatMap((lane) => [
    [get(ADDRESS), get(KEPT), storeLane(lane, STATE_BYTES)].flat(),
    [get(ADDRESS), get(BYTES), ADD, set(ADDRESS)].flat(),
  ]),
  [get(PLACE), constant(4), ADD, tee(PLACE), get(BYTES), LESS, AGAIN_IF],
  [END],
  [S0, S1, S2, S3].flatMap((local, index) => [constant(0), get(local), store(16 * index)]),
  [END],
].flat(2);

/** The module, with `fill` and a memory for masks of `bytes`. */
export function maskProgram(bytes: number): Uint8Array {
  const pages = Math.ceil((STATE_BYTES + bytes) / PAGE_BYTES);
  return Uint8Array.from(
    [
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
      section(1, [0x60, ...list([[I32], [I32]]), ...list([])]),
      section(3, [0]),
      section(5, [0x00, ...unsigned(pages)]),
      [
        7,
        ...sized(
          list([
            [...name("fill"), 0, 0],
            [...name("memory"), 2, 0],
          ]),
        ),
      ],
      section(10, sized([...list(locals), ...body])),
    ].flat(),
  );
}

/** A section with one entry. */
function section(id: number, entry: readonly number[]): number[] {
  return [id, ...sized(list([entry]))];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function name(ascii: string): number[] {
  return sized([...ascii].map((character) => character.charCodeAt(0)));
}

/** LEB128 of an integer >= 0. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of an integer from 0 to 63, as constants have it. */
function signed(value: number): number[] {
  return [value & 0x7f];
}
