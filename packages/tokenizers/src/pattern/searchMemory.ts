/**
 * What a search remembers once the work is out of proportion to the progress, so that no way is gone twice.
 *
 * Of splits and of what follows runs: where they failed. Of atomic groups and look-arounds: where they ended. Of runs: the last
 * stretch of each, so that it is passed over once, from whatever place in it.
 */

import { FailureMemo } from "./failureMemo.ts";
import { CHOICE, FIRST, LOOP, type Program, REST_SYMBOL, RUN_NUMBER, SLOT, SPLIT } from "./program.ts";
import { placeBefore, type Symbols } from "./symbolText.ts";

/** Steps back per unit of the text, and at its beginning, up to which nothing is remembered. */
const FREE_STEPS = 16;
const FREE_START = 4096;
const MAX_SUCCESSES = 1 << 20;

export class SearchMemory {
  readonly #program: Program;
  readonly #registers: Int32Array;
  readonly #failures: FailureMemo;
  readonly #successes = new Map<number, number>();
  /** The last stretch that each run has passed over, and the least place in it from where on all has failed. */
  readonly #runStarts: Int32Array;
  readonly #runEnds: Int32Array;
  readonly #runFailures: Int32Array;
  #symbols: Symbols;
  #from = 1;
  /** Steps that may be taken until remembering begins. */
  credit = 0;
  /** Whether failures and successes are remembered, which costs time as well. */
  isOn = false;

  /** @param registers - Where the last round of each loop began, as the machine has it at the time of each call. */
  constructor(program: Program, registers: Int32Array, symbols: Symbols) {
    this.#program = program;
    this.#registers = registers;
    this.#failures = new FailureMemo(program.slots);
    this.#runStarts = new Int32Array(program.runs).fill(-1);
    this.#runEnds = new Int32Array(program.runs).fill(-1);
    this.#runFailures = new Int32Array(program.runs);
    this.#symbols = symbols;
  }

  /** Forgets everything, for another text. */
  begin(symbols: Symbols): void {
    this.#symbols = symbols;
    this.#from = 1;
    this.credit = FREE_START;
    if (!this.isOn) return;
    this.isOn = false;
    this.#failures.clear();
    this.#successes.clear();
    this.#runStarts.fill(-1);
    this.#runEnds.fill(-1);
  }

  /** Takes note of progress to a place, which gives credit. */
  earn(place: number): void {
    if (place <= this.#from) return;
    if (this.credit < 0) this.isOn = true;
    this.credit += FREE_STEPS * (place - this.#from);
    this.#from = place;
    // What is before the place is of no interest any more.
    if (this.isOn && !this.#program.looksBehind) this.#failures.dropBefore(place);
  }

  /** Whether an instruction has failed at a place. */
  hasFailed(pc: number, place: number): boolean {
    return this.#failures.has(this.#slot(pc, place), place);
  }

  /** Remembers that a split fails at a place. */
  splitFails(pc: number, place: number): void {
    this.#failures.add(this.#slot(pc, place), place);
  }

  /** Remembers that what follows a run fails at a place, as it has at all later ones of the run. */
  runFails(pc: number, place: number): void {
    this.#failures.add(this.#slot(pc, place), place);
    this.#runFailsFrom(pc, place);
  }

  /** The end of the group around a split, if it is known; undefined otherwise. */
  knownSuccess(pc: number, place: number): number | undefined {
    return this.#program.code[pc + LOOP] === -1 ? this.#successes.get(this.#key(pc, place)) : undefined;
  }

  /** Remembers the end of a group for all splits on the way to it, which are what the stack has since its beginning. */
  learn(stack: Int32Array, from: number, to: number, entry: number, end: number): void {
    const { code } = this.#program;
    if (this.#successes.size + (to - from) / entry > MAX_SUCCESSES) this.#successes.clear();
    for (let at = from; at < to; at += entry) {
      const pc = stack[at] as number;
      if (code[pc] === SPLIT && code[pc + LOOP] === -1)
        this.#successes.set(this.#key(pc, stack[at + 1] as number), end);
    }
  }

  /** The end of a run without limit, remembered for all places in it. */
  runEnd(pc: number, place: number): number {
    const { code, members } = this.#program;
    const run = code[pc + RUN_NUMBER] as number;
    const set = code[pc + FIRST] as number;
    const start = this.#runStarts[run] as number;
    const end = this.#runEnds[run] as number;
    if (place >= start && place <= end) return end;
    // What is known may be the rest of a run that begins before it.
    let found = place;
    while (members[set + (this.#symbols[found] as number)] === 1 && found !== start) found++;
    this.#runStarts[run] = place;
    if (found === start) return end;
    this.#runEnds[run] = found;
    this.#runFailures[run] = found + 1;
    return found;
  }

  /** As {@link SearchMemory.runEnd}, without the last places where it is known that what follows fails. */
  openRunEnd(pc: number, place: number): number {
    this.runEnd(pc, place);
    return placeBefore(this.#symbols, this.#runFailures[this.#program.code[pc + RUN_NUMBER] as number] as number);
  }

  /** The last place from `low` to `high` where what follows a run may match and is not known to fail, or -1. */
  chooseEnd(pc: number, low: number, high: number): number {
    const { code, choices } = this.#program;
    const choice = code[pc + CHOICE] as number;
    const slot = code[pc + SLOT] as number;
    for (let place = high; ; place--) {
      // After the first place a round of the loops around is no longer empty, so that the slot is the same.
      place = place > low ? this.#failures.lastFree(slot, low + 1, place) : low;
      const symbol = this.#symbols[place] as number;
      const isPossible = symbol !== REST_SYMBOL && choices[choice + symbol] !== 0;
      const at = place === low ? this.#slot(pc, low) : slot;
      if (isPossible && !(place === low && this.#failures.has(at, place))) {
        if (place < high) this.#runFailsFrom(pc, place + 1);
        return place;
      }
      this.#failures.add(at, place);
      if (place > low) continue;
      this.#runFailsFrom(pc, low);
      return -1;
    }
  }

  /** Remembers that what follows a run fails from a place of it to its end, if that does not depend on loops around. */
  #runFailsFrom(pc: number, first: number): void {
    const { code } = this.#program;
    const run = code[pc + RUN_NUMBER] as number;
    const place = this.#slot(pc, first) === code[pc + SLOT] ? first : first + 1;
    if (place >= (this.#runStarts[run] as number) && place <= (this.#runEnds[run] as number)) {
      this.#runFailures[run] = Math.min(this.#runFailures[run] as number, place);
    }
  }

  /** Where failures of an instruction are remembered: it matters how many of the loops around are at the beginning of a round. */
  #slot(pc: number, place: number): number {
    const { code, outerLoops } = this.#program;
    let slot = code[pc + SLOT] as number;
    let loop = code[pc + LOOP] as number;
    for (; loop >= 0 && this.#registers[loop] === place; loop = outerLoops[loop] as number) slot++;
    return slot;
  }

  #key(pc: number, place: number): number {
    return (this.#program.code[pc + SLOT] as number) * this.#symbols.length + place;
  }
}
