/**
 * Nondeterministic automata over bytes, and the deterministic ones that they become by the construction of sets of states.
 */

import type { Budget } from "../budget.ts";
import { type ByteEdge, type TableAutomaton, trimmed } from "./byteAutomaton.ts";

/** When an edge without a byte may be taken: always, before the first byte, after the last. */
export type Condition = "always" | "atStart" | "atEnd";

interface FreeEdge {
  readonly target: number;
  readonly condition: Condition;
}

/** An automaton in the making. State 0 is the start, state 1 the end. */
export class ByteNfa {
  readonly start = 0;
  readonly end = 1;
  readonly #budget: Budget;
  readonly #edges: ByteEdge[][] = [[], []];
  readonly #free: FreeEdge[][] = [[], []];
  #hasAnchors = false;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** A new state. */
  state(): number {
    this.#budget.takeWork(4);
    this.#edges.push([]);
    return this.#free.push([]) - 1;
  }

  /** Leads from one state to another by any byte from `low` to `high`. */
  edge(from: number, low: number, high: number, target: number): void {
    this.#budget.takeWork(1);
    this.#edges[from].push({ low, high, target });
  }

  /** Leads from one state to another by nothing. */
  free(from: number, target: number, condition: Condition = "always"): void {
    this.#budget.takeWork(1);
    this.#free[from].push({ target, condition });
    if (condition !== "always") this.#hasAnchors = true;
  }

  /**
   * The deterministic automaton of the same language.
   *
   * @returns `undefined` if the language is empty.
   * @throws RangeError if it has too many states.
   */
  determinized(): TableAutomaton | undefined {
    const numbers = new Map<string, number>();
    const sets: number[][] = [];
    /** Numbers by the states right after a byte, before those that are reached from them by nothing. */
    const after = new Map<string, number>();
    const numberAfter = (targets: number[]): number => {
      const key = targets.join();
      let number = after.get(key);
      if (number === undefined) {
        number = numberOf(this.#closure([...new Set(targets)], "inside"));
        after.set(key, number);
      }
      return number;
    };
    const numberOf = (set: number[]): number => {
      const key = set.join();
      let number = numbers.get(key);
      if (number === undefined) {
        this.#budget.takeStates(1);
        this.#budget.takeWork(16 + set.length);
        number = sets.push(set) - 1;
        numbers.set(key, number);
      }
      return number;
    };
    // The first set has no entry: a later one like it is another state, since what is bound to the beginning may not follow there.
    this.#budget.takeStates(1);
    sets.push(this.#closure([this.start], "atStart"));
    const edges: ByteEdge[][] = [];
    const accepting: number[] = [];
    for (let at = 0; at < sets.length; at++) {
      const set = sets[at];
      edges.push(this.#edgesOf(set, numberAfter));
      const ended = this.#hasAnchors ? this.#closure(set, "atEnd", at === 0) : set;
      accepting.push(ended.includes(this.end) ? 1 : 0);
    }
    return trimmed(edges, accepting);
  }

  /** The states that are reached without a byte, in order. */
  #closure(states: number[], place: "inside" | "atStart" | "atEnd", isEmpty = false): number[] {
    this.#budget.takeWork(1);
    if (states.every((state) => this.#free[state].length === 0)) return states.toSorted((a, b) => a - b);
    const seen = new Set(states);
    const stack = [...states];
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      this.#budget.takeWork(1);
      for (const { target, condition } of this.#free[state]) {
        const isOpen = condition === "always" || condition === place || (isEmpty && condition === "atStart");
        if (!isOpen || seen.has(target)) continue;
        seen.add(target);
        stack.push(target);
      }
    }
    return [...seen].toSorted((a, b) => a - b);
  }

  /** The edges of a set of states: bytes that lead to the same states together are one. */
  #edgesOf(set: readonly number[], numberAfter: (targets: number[]) => number): ByteEdge[] {
    const all = set.flatMap((state) => this.#edges[state]);
    if (all.length === 1) return [{ ...all[0], target: numberAfter([all[0].target]) }];
    const cuts = new Set<number>();
    for (const { low, high } of all) cuts.add(low).add(high + 1);
    const ordered = [...cuts].toSorted((a, b) => a - b);
    const edges: ByteEdge[] = [];
    for (let i = 0; i + 1 < ordered.length; i++) {
      const low = ordered[i];
      const targets = all.filter((edge) => edge.low <= low && low <= edge.high).map(({ target }) => target);
      this.#budget.takeWork(1 + (all.length >> 4));
      if (targets.length === 0) continue;
      const target = numberAfter(targets);
      const last = edges.at(-1);
      const high = ordered[i + 1] - 1;
      if (last !== undefined && last.high === low - 1 && last.target === target)
        edges[edges.length - 1] = { ...last, high };
      else edges.push({ low, high, target });
    }
    return edges;
  }
}
