/**
 * What a model may write, as a network: places with a text to write next, a choice, a call of a rule, or the return from one. Rules make
 * recursion possible; all else is written in line, each place knowing what comes after it.
 */

import type { ByteAutomaton } from "./automata/byteAutomaton.ts";
import type { Budget } from "./budget.ts";

/** A place of a grammar. Places are named by their numbers. */
export type Place =
  | { readonly kind: "text"; readonly automaton: ByteAutomaton; readonly next: number }
  | { readonly kind: "choice"; readonly targets: readonly number[] }
  | { readonly kind: "call"; readonly rule: number; readonly next: number }
  | { readonly kind: "return" };

/** A compiled schema: plain data that any number of sequences may share. */
export class Grammar {
  readonly places: readonly Place[];
  /** The place at which a text begins. */
  readonly start: number;
  /** Most calls that are open at a time. */
  readonly maxDepth: number;

  constructor(places: readonly Place[], start: number, maxDepth: number) {
    this.places = places;
    this.start = start;
    this.maxDepth = maxDepth;
  }

  /** Whether a call is the last thing its rule does, so that nobody has to come back to it. */
  isTail(place: Extract<Place, { kind: "call" }>): boolean {
    return this.places[place.next].kind === "return";
  }

  /**
   * The open calls that it takes at least to come from each place to the end of its rule: what lies deeper than allowed is not begun.
   *
   * @param canWrite - Whether a text can be written at all.
   * @returns Infinity where there is no way.
   */
  depthsNeeded(canWrite: (automaton: ByteAutomaton) => boolean = () => true): Float64Array {
    const { places } = this;
    const needed = new Float64Array(places.length).fill(Infinity);
    const neededAt = (place: Place): number => {
      if (place.kind === "return") return 0;
      if (place.kind === "text") return canWrite(place.automaton) ? needed[place.next] : Infinity;
      if (place.kind === "choice") return place.targets.reduce((least, to) => Math.min(least, needed[to]), Infinity);
      if (this.isTail(place)) return needed[place.rule];
      return Math.max(needed[place.rule] + 1, needed[place.next]);
    };
    // From the ends backwards: a place is looked at again when one that it leads to has become less.
    const before = placesBefore(places);
    let pending = Array.from(places.keys());
    while (pending.length > 0) {
      const next = new Set<number>();
      for (const place of pending) {
        const depth = neededAt(places[place]);
        // What is too deep anyway is no way, so that a place is looked at a limited number of times.
        if (depth >= needed[place] || depth > this.maxDepth) continue;
        needed[place] = depth;
        for (const source of before[place]) next.add(source);
      }
      pending = [...next];
    }
    return needed;
  }
}

/** The places that lead to each. */
function placesBefore(places: readonly Place[]): number[][] {
  const before: number[][] = places.map(() => []);
  places.forEach((place, at) => {
    const targets = place.kind === "choice" ? place.targets : place.kind === "return" ? [] : [place.next];
    for (const target of targets) before[target].push(at);
    if (place.kind === "call") before[place.rule].push(at);
  });
  return before;
}

/** Makes a grammar from its end to its beginning. */
export class GrammarBuilder {
  readonly #places: Place[] = [];
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** A text, and then `next`. A text may be empty where its automaton says so. */
  text(automaton: ByteAutomaton, next: number): number {
    const place = this.#add({ kind: "text", automaton, next });
    return automaton.isAccepting(automaton.start) ? this.choice([place, next]) : place;
  }

  /** One of several ways; none is a place without a way. */
  choice(targets: readonly number[]): number {
    return targets.length === 1 ? targets[0] : this.#add({ kind: "choice", targets });
  }

  /** A rule, and then `next`. */
  call(rule: number, next: number): number {
    return this.#add({ kind: "call", rule, next });
  }

  /** The end of a rule. */
  end(): number {
    return this.#add({ kind: "return" });
  }

  /** A place whose ways are told later, by {@link GrammarBuilder.fill}. */
  reserve(): number {
    return this.#add({ kind: "choice", targets: [] });
  }

  /** Tells the ways of a reserved place. */
  fill(place: number, targets: readonly number[]): void {
    this.#places[place] = { kind: "choice", targets };
  }

  /** The grammar of all places so far. */
  grammar(start: number, maxDepth: number): Grammar {
    return new Grammar(this.#places, start, maxDepth);
  }

  #add(place: Place): number {
    this.#budget.takeStates(1);
    return this.#places.push(place) - 1;
  }
}
