/**
 * The machine that runs a pattern's program over the symbols of a text, in time that follows the length of the text.
 *
 * It backtracks, with its stack in an array. As long as that goes well nothing else is needed; once the work is out of proportion to the
 * progress, failures are remembered, and no way is gone twice: from an instruction and a place, what follows fails again if it has failed
 * before (Davis et al. 2021, "Using selective memoization to defeat regular expression denial of service"). Inside an atomic group or a
 * look-around success is remembered too.
 */

import {
  AGAIN,
  ASSERT,
  ATOMIC,
  ATOMIC_END,
  CHOICE,
  ENTER,
  FAIL_IF_EMPTY,
  FIRST,
  GRAB,
  JUMP,
  LOOK,
  LOOK_END,
  MATCH,
  NEXT_IN,
  type Program,
  REST_SYMBOL,
  RUN,
  SECOND,
  SET,
  SET_BEFORE,
  SPLIT,
  STRIDE,
  THIRD,
} from "./program.ts";
import { Runs } from "./runs.ts";
import { SearchMemory } from "./searchMemory.ts";
import { holds, placeBefore, type Symbols } from "./symbolText.ts";

/** Numbers per entry of the stack: an instruction, a place, and what the instruction adds. */
const ENTRY = 3;
const MAX_STACK = 1 << 26;
/** A larger stack is given back before the next text. */
const KEPT_STACK = 1 << 20;

export class Matcher {
  readonly #program: Program;
  readonly #memory: SearchMemory;
  readonly #runs: Runs;
  /** Where the last round of each loop began. */
  readonly #registers: Int32Array;
  #stack = new Int32Array(1 << 10);
  #symbols: Symbols = new Uint8Array(2);
  #end = 1;
  /** Where the last match begins and ends. */
  start = 0;
  stop = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#registers = new Int32Array(program.outerLoops.length).fill(-1);
    this.#memory = new SearchMemory(program, this.#registers, this.#symbols);
    this.#runs = new Runs(program, this.#memory, this.#symbols);
  }

  /**
   * Begins with another text.
   *
   * @param symbols - Its symbols, with one symbol of the end before and at least one after.
   * @param end - The place after the last.
   */
  begin(symbols: Symbols, end: number): void {
    this.#symbols = symbols;
    this.#end = end;
    if (this.#stack.length > KEPT_STACK) this.#stack = new Int32Array(1 << 10);
    this.#memory.begin(symbols);
    this.#runs.begin(symbols);
  }

  /** Looks for the first match that begins at a place or after it. */
  find(from: number): boolean {
    const { starts } = this.#program;
    const symbols = this.#symbols;
    this.#memory.earn(from);
    for (let at = from; ; at++) {
      while (starts[symbols[at] as number] === 0 && at < this.#end) at++;
      if (starts[symbols[at] as number] === 1) {
        this.#memory.earn(at);
        const stop = this.#run(at);
        if (stop >= 0) {
          this.start = at;
          this.stop = stop;
          return true;
        }
      }
      if (at >= this.#end) return false;
    }
  }

  /** The end of the match that begins at a place, or -1. */
  #run(at: number): number {
    const { code, members, choices } = this.#program;
    const symbols = this.#symbols;
    const memory = this.#memory;
    const runs = this.#runs;
    const registers = this.#registers;
    let stack = this.#stack;
    let top = 0;
    /** The entry of the innermost atomic group or look-around that is not done yet. */
    let barrier = -1;
    let pc = 0;
    let place = at;
    for (;;) {
      if (top + 2 * ENTRY > stack.length) stack = this.#growStack();
      let failed = false;
      switch (code[pc]) {
        case MATCH:
          return place;
        case SET:
          if (members[(code[pc + FIRST] as number) + (symbols[place] as number)] === 1) {
            place++;
            while (symbols[place] === REST_SYMBOL) place++;
            pc += STRIDE;
          } else failed = true;
          break;
        case SPLIT: {
          const ways = choices[(code[pc + CHOICE] as number) + (symbols[place] as number)] as number;
          if (ways === 0) failed = true;
          else if (!memory.isOn) {
            if (ways === 3) {
              stack[top] = pc;
              stack[top + 1] = place;
              stack[top + 2] = 0;
              top += ENTRY;
            } else memory.credit--;
            pc = code[pc + (ways === 2 ? SECOND : FIRST)] as number;
          } else if (memory.hasFailed(pc, place)) failed = true;
          else {
            const known = barrier >= 0 ? memory.knownSuccess(pc, place) : undefined;
            if (known !== undefined) {
              place = known;
              pc = code[(stack[barrier] as number) + THIRD] as number;
            } else {
              stack[top] = pc;
              stack[top + 1] = place;
              stack[top + 2] = ways === 3 ? 0 : 1;
              top += ENTRY;
              pc = code[pc + (ways === 2 ? SECOND : FIRST)] as number;
            }
          }
          break;
        }
        case GRAB: {
          // One character that may be there or not, as before a word.
          if (code[pc + THIRD] === 1 && code[pc + SECOND] === 0) {
            if (members[(code[pc + FIRST] as number) + (symbols[place] as number)] === 1) {
              place++;
              while (symbols[place] === REST_SYMBOL) place++;
            }
            pc += STRIDE;
            break;
          }
          const low = runs.nearEnd(pc, place);
          if (low < 0) failed = true;
          else place = runs.farEnd(pc, place, low);
          pc += STRIDE;
          break;
        }
        case RUN: {
          const low = runs.nearEnd(pc, place);
          const high = low < 0 ? -1 : runs.chooseEnd(pc, low, runs.farEnd(pc, place, low));
          if (high < 0) failed = true;
          else {
            if (high > low || memory.isOn) {
              stack[top] = pc;
              stack[top + 1] = high;
              stack[top + 2] = low;
              top += ENTRY;
            }
            place = high;
            pc += STRIDE;
          }
          break;
        }
        case JUMP:
          pc = code[pc + FIRST] as number;
          break;
        case NEXT_IN:
          if (members[(code[pc + FIRST] as number) + (symbols[place] as number)] === code[pc + SECOND]) pc += STRIDE;
          else failed = true;
          break;
        case ASSERT:
          if (holds(this.#program, symbols, this.#end, code[pc + FIRST] as number, place)) pc += STRIDE;
          else failed = true;
          break;
        case SET_BEFORE: {
          const before = placeBefore(symbols, place);
          if (members[(code[pc + FIRST] as number) + (symbols[before] as number)] === 1) {
            place = before;
            pc += STRIDE;
          } else failed = true;
          break;
        }
        case LOOK:
        case ATOMIC:
          stack[top] = pc;
          stack[top + 1] = place;
          stack[top + 2] = barrier;
          barrier = top;
          top += ENTRY;
          pc += STRIDE;
          break;
        case LOOK_END:
        case ATOMIC_END: {
          if (memory.isOn) memory.learn(stack, barrier + ENTRY, top, ENTRY, place);
          else memory.credit -= top - barrier;
          top = barrier;
          const opening = stack[top] as number;
          barrier = stack[top + 2] as number;
          if (code[opening] === ATOMIC) pc += STRIDE;
          else {
            place = stack[top + 1] as number;
            if (code[opening + SECOND] === 1) failed = true;
            else pc = code[opening + FIRST] as number;
          }
          break;
        }
        case ENTER: {
          const loop = code[pc + FIRST] as number;
          stack[top] = pc;
          stack[top + 1] = registers[loop] as number;
          top += ENTRY;
          registers[loop] = place;
          pc += STRIDE;
          break;
        }
        case FAIL_IF_EMPTY:
          if (registers[code[pc + FIRST] as number] === place) failed = true;
          else pc += STRIDE;
          break;
        case AGAIN:
          pc = registers[code[pc + FIRST] as number] === place ? (code[pc + SECOND] as number) : pc + STRIDE;
          break;
      }
      if (!failed) continue;
      // Back to the last choice that has another way.
      for (;;) {
        if (--memory.credit < 0) memory.isOn = true;
        if (top === 0) return -1;
        top -= ENTRY;
        pc = stack[top] as number;
        place = stack[top + 1] as number;
        const more = stack[top + 2] as number;
        const op = code[pc];
        if (op === SPLIT) {
          if (more === 0) {
            if (memory.isOn) {
              stack[top + 2] = 1;
              top += ENTRY;
            }
            pc = code[pc + SECOND] as number;
            break;
          }
          memory.splitFails(pc, place);
        } else if (op === RUN) {
          if (memory.isOn) memory.runFails(pc, place);
          const high = place > more ? runs.chooseEnd(pc, more, placeBefore(symbols, place)) : -1;
          if (high < 0) continue;
          if (high > more || memory.isOn) {
            stack[top + 1] = high;
            top += ENTRY;
          }
          place = high;
          pc += STRIDE;
          break;
        } else if (op === ENTER) registers[code[pc + FIRST] as number] = place;
        else {
          barrier = more;
          if (op === LOOK && code[pc + SECOND] === 1) {
            pc = code[pc + FIRST] as number;
            break;
          }
        }
      }
    }
  }

  #growStack(): Int32Array<ArrayBuffer> {
    if (2 * this.#stack.length > MAX_STACK) {
      throw new RangeError(
        "Pattern: expected to match with at most 256 MB of stack, got a text that takes more; cut it",
      );
    }
    const larger = new Int32Array(2 * this.#stack.length);
    larger.set(this.#stack);
    this.#stack = larger;
    return larger;
  }
}
