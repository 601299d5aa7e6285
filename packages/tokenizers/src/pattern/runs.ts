/**
 * Runs of one set: how far they reach, and where in them what follows may match.
 */

import { CHOICE, FIRST, type Program, RUN, SECOND, THIRD } from "./program.ts";
import type { SearchMemory } from "./searchMemory.ts";
import { exactRunEnd, placeBefore, runEnd, shortRunEnd, type Symbols } from "./symbolText.ts";

export class Runs {
  readonly #program: Program;
  readonly #memory: SearchMemory;
  #symbols: Symbols;

  constructor(program: Program, memory: SearchMemory, symbols: Symbols) {
    this.#program = program;
    this.#memory = memory;
    this.#symbols = symbols;
  }

  /** Goes on with another text. */
  begin(symbols: Symbols): void {
    this.#symbols = symbols;
  }

  /** Where a run ends at the earliest, or -1 if it has too few characters. */
  nearEnd(pc: number, place: number): number {
    const { code, members } = this.#program;
    const min = code[pc + SECOND] as number;
    return min === 0 ? place : exactRunEnd(members, this.#symbols, code[pc + FIRST] as number, place, min);
  }

  /** Where a run ends at the latest. */
  farEnd(pc: number, place: number, low: number): number {
    const { code, members } = this.#program;
    const memory = this.#memory;
    const set = code[pc + FIRST] as number;
    const max = code[pc + THIRD] as number;
    if (max >= 0) return shortRunEnd(members, this.#symbols, set, low, max - (code[pc + SECOND] as number));
    if (memory.isOn) return code[pc] === RUN ? Math.max(low, memory.openRunEnd(pc, place)) : memory.runEnd(pc, place);
    const end = runEnd(members, this.#symbols, set, low);
    memory.credit -= (end - low) >> 3;
    return end;
  }

  /** The last place from `low` to `high` where what follows a run may match, or -1. */
  chooseEnd(pc: number, low: number, high: number): number {
    const memory = this.#memory;
    if (memory.isOn) return memory.chooseEnd(pc, low, high);
    const { code, choices } = this.#program;
    const choice = code[pc + CHOICE] as number;
    const symbols = this.#symbols;
    let place = high;
    while (choices[choice + (symbols[place] as number)] === 0) {
      if (place <= low) return -1;
      place = placeBefore(symbols, place);
    }
    memory.credit -= (high - place) >> 3;
    return place;
  }
}
