/**
 * What the next symbol says before any instruction is run: where a match cannot start, which way of a split cannot succeed, and which
 * runs never have to give back characters.
 */

import {
  AGAIN,
  ASSERT,
  assertionNumbers,
  ATOMIC,
  ATOMIC_END,
  CHOICE,
  END_SYMBOL,
  ENTER,
  FAIL_IF_EMPTY,
  FIRST,
  GRAB,
  JUMP,
  LOOK,
  LOOK_END,
  MATCH,
  NEXT_IN,
  REST_SYMBOL,
  RUN,
  SECOND,
  SET,
  SPLIT,
  STRIDE,
} from "./program.ts";

/** Symbols times instructions times rounds; a larger program goes without. */
const MAX_WORK = 1 << 27;

/**
 * Fills in the tables of a program, and turns each run into a grab after which nothing could match in the midst of it.
 *
 * @param members - As in the program.
 * @param symbols - Number of symbols.
 * @param choices - Number of splits and runs.
 */
export function possibilities(
  code: Int32Array,
  members: Uint8Array,
  symbols: number,
  choices: number,
): { choices: Uint8Array; starts: Uint8Array } {
  if (choices * symbols > MAX_WORK)
    throw new RangeError("Pattern: expected a smaller pattern, got too many choices in it");
  const firsts = new Firsts(code, members, symbols);
  const table = new Uint8Array(choices * symbols);
  for (let pc = 0; pc < code.length; pc += STRIDE) {
    const op = code[pc] as number;
    if (op !== SPLIT && op !== RUN) continue;
    const ways = op === SPLIT ? [code[pc + FIRST] as number, code[pc + SECOND] as number] : [pc + STRIDE];
    ways.forEach((way, i) => {
      const place = code[pc + CHOICE] as number;
      for (let symbol = 0; symbol < symbols; symbol++) if (firsts.has(way, symbol)) table[place + symbol]! |= 1 << i;
    });
    if (op === RUN && isFinal(code, members, symbols, pc, firsts)) code[pc] = GRAB;
  }
  const starts = Uint8Array.from({ length: symbols }, (_, symbol) => (firsts.has(0, symbol) ? 1 : 0));
  starts[REST_SYMBOL] = 0;
  return { choices: table, starts };
}

/** Whether what follows a run fails before each of the run's characters, or cannot fail. */
function isFinal(code: Int32Array, members: Uint8Array, symbols: number, pc: number, firsts: Firsts): boolean {
  let next = pc + STRIDE;
  while (code[next] === JUMP && next < (code[next + FIRST] as number)) next = code[next + FIRST] as number;
  if (code[next] === MATCH || code[next] === LOOK_END || code[next] === ATOMIC_END) return true;
  for (let symbol = 0; symbol < symbols; symbol++) {
    if (members[(code[pc + FIRST] as number) + symbol] === 1 && firsts.has(next, symbol)) return false;
  }
  return true;
}

/** For each instruction, the symbols before which it may match: never too few, at times too many. */
class Firsts {
  readonly #words: number;
  readonly #bits: Int32Array;

  constructor(code: Int32Array, members: Uint8Array, symbols: number) {
    const words = (symbols + 31) >> 5;
    const length = code.length / STRIDE;
    this.#words = words;
    if (words * length > MAX_WORK / 32)
      throw new RangeError("Pattern: expected a smaller pattern, got too many sets in it");
    this.#bits = new Int32Array(words * length);
    // From the end, and again as long as loops bring in more.
    let work = 0;
    for (let changed = true; changed; work += words * length) {
      if (work > MAX_WORK) {
        this.#bits.fill(-1);
        return;
      }
      changed = false;
      for (let pc = code.length - STRIDE; pc >= 0; pc -= STRIDE)
        changed = this.#update(code, members, symbols, pc) || changed;
    }
  }

  has(pc: number, symbol: number): boolean {
    return (((this.#bits[(pc / STRIDE) * this.#words + (symbol >> 5)] as number) >>> (symbol & 31)) & 1) === 1;
  }

  #update(code: Int32Array, members: Uint8Array, symbols: number, pc: number): boolean {
    const bits = this.#bits;
    const words = this.#words;
    const place = (pc / STRIDE) * words;
    const first = code[pc + FIRST] as number;
    const second = code[pc + SECOND] as number;
    const before = bits.slice(place, place + words);
    const add = (from: number): void => {
      const source = (from / STRIDE) * words;
      for (let word = 0; word < words; word++) bits[place + word]! |= bits[source + word] as number;
    };
    const addSet = (): void => {
      for (let symbol = 0; symbol < symbols; symbol++) {
        if (members[first + symbol] === 1) bits[place + (symbol >> 5)]! |= 1 << (symbol & 31);
      }
    };
    switch (code[pc]) {
      case SET:
        addSet();
        break;
      case RUN:
      case GRAB:
        addSet();
        if (second === 0) add(pc + STRIDE);
        break;
      case SPLIT:
        add(first);
        add(second);
        break;
      case JUMP:
      case LOOK:
        add(first);
        break;
      case AGAIN:
        add(pc + STRIDE);
        add(second);
        break;
      case ASSERT:
        if (first === assertionNumbers.textEnd) bits[place]! |= 1 << END_SYMBOL;
        else add(pc + STRIDE);
        break;
      case NEXT_IN:
        for (let symbol = 0; symbol < symbols; symbol++) {
          if (members[first + symbol] === second && this.has(pc + STRIDE, symbol))
            bits[place + (symbol >> 5)]! |= 1 << (symbol & 31);
        }
        break;
      case ENTER:
      case FAIL_IF_EMPTY:
      case ATOMIC:
        add(pc + STRIDE);
        break;
      default:
        // The end of a match, of a look-around or of an atomic group, whatever follows it; and all that goes backwards.
        bits.fill(-1, place, place + words);
    }
    for (let word = 0; word < words; word++) if (bits[place + word] !== before[word]) return true;
    return false;
  }
}
