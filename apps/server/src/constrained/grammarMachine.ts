/**
 * Follows a grammar byte by byte, in all the ways that are open at once.
 *
 * A way is a head: a place with a text, the state in that text, and the calls to come back to. Heads that differ in nothing but their
 * calls are one: their stacks become one stack of several frames, so that alternatives which nest in each other do not double the heads at
 * every level.
 *
 * @see M. Tomita, "An efficient augmented-context-free parsing algorithm" (1987), for stacks as graphs
 */

import { DEAD } from "./automata/byteAutomaton.ts";
import { type Effort, tooMuch } from "./effort.ts";
import type { Grammar } from "./grammar.ts";

/** Counts what is done. */
type Work = Pick<Effort, "spend">;

/** A way on. */
export interface Head {
  /** A place with a text. */
  readonly place: number;
  /** The state of the text's automaton. */
  readonly state: number;
  readonly stack: Stack;
}

/** Where a text is: the ways on, and whether it may end. */
export interface Configuration {
  readonly heads: readonly Head[];
  readonly isComplete: boolean;
}

/** The open calls of a head, in all the ways it has come: a set of stacks of one depth. Equal ones are one object. */
interface Stack {
  readonly id: number;
  readonly depth: number;
  readonly frames: readonly Frame[];
}

/** The place after a call, and the calls below. */
interface Frame {
  readonly place: number;
  readonly below: Stack;
}

/** More ways than any sensible schema has open at once. */
const MOST_HEADS = 1024;
/** What is remembered is forgotten when there is so much of it: heads and frames, some hundred bytes each. */
const MOST_REMEMBERED = 1 << 16;

/** What a head, a place on the way to it and a frame take, in steps of automata. */
const STEPS_PER_HEAD = 32;
const STEPS_PER_PLACE = 16;
const STEPS_PER_FRAME = 16;

/** Follows one grammar. */
export class GrammarMachine {
  readonly grammar: Grammar;
  /** Open calls that each place needs at least. */
  readonly #needed: Float64Array;
  readonly #effort: Work;
  readonly #bottom: Stack = { id: 0, depth: 0, frames: [] };
  #stacks = new Map<string, Stack>();
  #closures = new Map<string, Configuration>();
  #unions = new Map<string, Stack>();
  #remembered = 0;
  #ids = 1;

  /**
   * @param needed - As `grammar.depthsNeeded` gives them.
   * @param effort - Counts the work of all that is done here.
   */
  constructor(grammar: Grammar, needed: Float64Array, effort: Work) {
    this.grammar = grammar;
    this.#needed = needed;
    this.#effort = effort;
  }

  /** The beginning of a text. */
  begin(): Configuration {
    return this.#closure(this.grammar.start, this.#bottom);
  }

  /** What follows a byte; without heads and incomplete where it must not come. */
  step({ heads }: Configuration, byte: number): Configuration {
    this.#effort.spend(heads.length);
    const found = this.#noHeads();
    for (const { place, state, stack } of heads) {
      const text = this.grammar.places[place];
      if (text.kind !== "text") continue;
      const next = text.automaton.next(state, byte);
      if (next === DEAD) continue;
      if (text.automaton.hasNext(next)) found.add({ place, state: next, stack });
      if (text.automaton.isAccepting(next)) found.addAll(this.#closure(text.next, stack));
    }
    return found;
  }

  /** What follows the texts of heads that are at an end of theirs. */
  after(heads: readonly Head[]): Configuration {
    const found = this.#noHeads();
    for (const { place, stack } of heads) {
      const text = this.grammar.places[place];
      if (text.kind === "text") found.addAll(this.#closure(text.next, stack));
    }
    return found;
  }

  /** The ways on from a place. */
  #closure(place: number, stack: Stack): Configuration {
    const key = `${place},${stack.id}`;
    const known = this.#closures.get(key);
    if (known !== undefined) return known;
    const closure = this.#follow(place, stack);
    this.#remember(1 + closure.heads.length);
    this.#closures.set(key, closure);
    return closure;
  }

  #follow(begin: number, above: Stack): Configuration {
    const { grammar } = this;
    const found = this.#noHeads();
    const seen = new Set<string>();
    const pending: [number, Stack][] = [[begin, above]];
    const visit = (place: number, stack: Stack): void => {
      const key = `${place},${stack.id}`;
      if (stack.depth + this.#needed[place] > grammar.maxDepth || seen.has(key)) return;
      seen.add(key);
      pending.push([place, stack]);
    };
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [number, stack] = next;
      this.#effort.spend(STEPS_PER_PLACE);
      const place = grammar.places[number];
      if (place.kind === "text") found.add({ place: number, state: place.automaton.start, stack });
      else if (place.kind === "choice") for (const target of place.targets.toReversed()) visit(target, stack);
      else if (place.kind === "call") visit(place.rule, grammar.isTail(place) ? stack : this.#push(place.next, stack));
      else if (stack === this.#bottom) found.isComplete = true;
      else for (const frame of stack.frames) visit(frame.place, frame.below);
    }
    return found;
  }

  #push(place: number, below: Stack): Stack {
    return this.#stack(below.depth + 1, [{ place, below }]);
  }

  /** The one stack of these frames, which are in order of their places. */
  #stack(depth: number, frames: readonly Frame[]): Stack {
    const key = frames.map(({ place, below }) => `${place},${below.id}`).join(";");
    let stack = this.#stacks.get(key);
    if (stack === undefined) {
      this.#remember(1 + frames.length);
      stack = { id: this.#ids++, depth, frames };
      this.#stacks.set(key, stack);
    }
    return stack;
  }

  /** All stacks of two sets, which have one depth. */
  #union(first: Stack, second: Stack): Stack {
    if (first === second || first.depth === 0) return first;
    const key = `${Math.min(first.id, second.id)},${Math.max(first.id, second.id)}`;
    const known = this.#unions.get(key);
    if (known !== undefined) return known;
    this.#remember(1);
    this.#effort.spend(STEPS_PER_FRAME * (first.frames.length + second.frames.length));
    const frames = new Map(first.frames.map((frame) => [frame.place, frame.below]));
    for (const { place, below } of second.frames) {
      const other = frames.get(place);
      frames.set(place, other === undefined ? below : this.#union(other, below));
    }
    const ordered = Array.from(frames, ([place, below]) => ({ place, below })).toSorted((a, b) => a.place - b.place);
    const union = this.#stack(first.depth, ordered);
    this.#unions.set(key, union);
    return union;
  }

  #noHeads(): HeadSet {
    return new HeadSet((a, b) => this.#union(a, b), this.#effort);
  }

  /** Makes room for so much more. */
  #remember(count: number): void {
    this.#remembered += count;
    if (this.#remembered <= MOST_REMEMBERED) return;
    this.#closures = new Map();
    this.#stacks = new Map();
    this.#unions = new Map();
    this.#remembered = count;
  }
}

/** Heads in the making of a configuration. */
class HeadSet implements Configuration {
  readonly heads: Head[] = [];
  isComplete = false;
  readonly #union: (first: Stack, second: Stack) => Stack;
  readonly #effort: Work;
  /** Indices of heads by place, where there are many. */
  #index: Map<number, number[]> | undefined;

  constructor(union: (first: Stack, second: Stack) => Stack, effort: Work) {
    this.#union = union;
    this.#effort = effort;
  }

  /** Adds a head, or its stacks to the head that is like it. */
  add(head: Head): void {
    const { heads } = this;
    this.#effort.spend(STEPS_PER_HEAD);
    if (heads.length === 8) this.#index = indexOf(heads);
    const candidates = this.#index?.get(head.place) ?? (this.#index === undefined ? heads.keys() : []);
    for (const at of candidates) {
      const { place, state, stack } = heads[at];
      if (place !== head.place || state !== head.state || stack.depth !== head.stack.depth) continue;
      heads[at] = { place, state, stack: this.#union(stack, head.stack) };
      return;
    }
    if (heads.length >= MOST_HEADS) {
      throw tooMuch(`${MOST_HEADS} ways to go on at a time`);
    }
    const at = heads.push(head) - 1;
    if (this.#index === undefined) return;
    const known = this.#index.get(head.place);
    if (known === undefined) this.#index.set(head.place, [at]);
    else known.push(at);
  }

  addAll({ heads, isComplete }: Configuration): void {
    for (const head of heads) this.add(head);
    if (isComplete) this.isComplete = true;
  }
}

function indexOf(heads: readonly Head[]): Map<number, number[]> {
  const index = new Map<number, number[]>();
  heads.forEach(({ place }, at) => index.set(place, [...(index.get(place) ?? []), at]));
  return index;
}
