/**
 * From a pattern's tree to its program.
 */

import type { CodePointSet } from "../unicode/codePointSet.ts";
import { bareWordSet, lineFeed } from "./namedSets.ts";
import type { PatternDialect } from "./patternSource.ts";
import { possibilities } from "./possibilities.ts";
import {
  AGAIN,
  ASSERT,
  assertionNumbers,
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
import { symbolTables } from "./symbolTable.ts";
import type { PatternNode } from "./syntaxTree.ts";

/** Instructions that a pattern may come to, its counted repetitions written out. */
const MAX_INSTRUCTIONS = 20000;

/** @throws RangeError if the program becomes too large. */
export function compile(tree: PatternNode, dialect: PatternDialect): Program {
  const compiler = new Compiler(dialect);
  compiler.node(tree, false);
  compiler.emit(MATCH);
  return compiler.program();
}

class Compiler {
  readonly #dialect: PatternDialect;
  readonly #code: number[] = [];
  readonly #sets: CodePointSet[] = [];
  readonly #numberOfSet = new Map<CodePointSet, number>();
  readonly #numberOfRanges = new Map<string, number>();
  readonly #nullable = new Map<PatternNode, boolean>();
  readonly #outerLoops: number[] = [];
  /** The innermost loop around whose rounds may be empty, and how many there are one within the other. */
  #loop = -1;
  #loopDepth = 0;
  #slots = 0;
  #choices = 0;
  #runs = 0;
  #looksBehind = false;

  constructor(dialect: PatternDialect) {
    this.#dialect = dialect;
  }

  program(): Program {
    const code = Int32Array.from(this.#code);
    const newlines = this.#setNumber(lineFeed);
    const words = this.#setNumber(code.some(isWordAssertion) ? bareWordSet(this.#dialect) : []);
    const { symbols, members } = symbolTables(this.#sets);
    for (let pc = 0; pc < code.length; pc += STRIDE) {
      const op = code[pc] as number;
      if (op === SET || op === SET_BEFORE || op === RUN || op === GRAB || op === NEXT_IN)
        code[pc + FIRST]! *= symbols.count;
      if (op === SPLIT || op === RUN) code[pc + CHOICE]! *= symbols.count;
    }
    threadJumps(code);
    const { choices, starts } = possibilities(code, members, symbols.count, this.#choices);
    // From here on the units of a character after its first are in every set.
    for (let set = 0; set < members.length; set += symbols.count) members[set + REST_SYMBOL] = 1;
    return {
      code,
      symbols,
      members,
      choices,
      starts,
      slots: this.#slots,
      outerLoops: Int32Array.from(this.#outerLoops),
      runs: this.#runs,
      looksBehind: this.#looksBehind,
      newlines: newlines * symbols.count,
      words: words * symbols.count,
    };
  }

  /** Adds an instruction; returns its place. */
  emit(op: number, first = 0, second = 0, third = 0): number {
    const place = this.#code.length;
    if (place >= MAX_INSTRUCTIONS * STRIDE) {
      throw new RangeError(
        `Pattern: expected a pattern of at most ${MAX_INSTRUCTIONS} instructions, got more; repeat less often, or without a limit`,
      );
    }
    const slot = this.#slots;
    const hasChoice = op === SPLIT || op === RUN;
    // A failure within loops depends on which of them are at the beginning of a round: the inner ones are, if an outer one is.
    if (hasChoice) this.#slots += this.#loopDepth + 1;
    const choice = hasChoice ? this.#choices++ : 0;
    const run = op === RUN || op === GRAB ? this.#runs++ : 0;
    this.#code.push(op, first, second, third, slot, this.#loop, choice, run);
    return place;
  }

  /** Adds what matches a node; backwards, from its end to its beginning, inside a look-behind. */
  node(node: PatternNode, backwards: boolean): void {
    switch (node.kind) {
      case "set":
        this.emit(backwards ? SET_BEFORE : SET, this.#setNumber(node.set));
        break;
      case "sequence":
        for (const item of backwards ? node.items.toReversed() : node.items) this.node(item, backwards);
        break;
      case "choice":
        this.#choice(node.options, backwards);
        break;
      case "repeat":
        this.#repeat(node, backwards);
        break;
      case "atomic":
        this.#atomic(node.item, backwards);
        break;
      case "look":
        this.#look(node);
        break;
      case "assertion":
        this.emit(ASSERT, assertionNumbers[node.assertion]);
    }
  }

  #choice(options: readonly PatternNode[], backwards: boolean): void {
    const jumps: number[] = [];
    options.forEach((option, i) => {
      const isLast = i === options.length - 1;
      const split = isLast ? -1 : this.#split();
      this.node(option, backwards);
      if (isLast) return;
      jumps.push(this.emit(JUMP));
      this.#code[split + SECOND] = this.#code.length;
    });
    for (const jump of jumps) this.#code[jump + FIRST] = this.#code.length;
  }

  /** A split whose first way is what comes next. */
  #split(): number {
    const split = this.emit(SPLIT);
    this.#code[split + FIRST] = this.#code.length;
    return split;
  }

  #repeat({ item, min, max, greedy }: Extract<PatternNode, { kind: "repeat" }>, backwards: boolean): void {
    if (item.kind === "set" && greedy && !backwards) {
      this.emit(RUN, this.#setNumber(item.set), min, max === Infinity ? -1 : max);
      return;
    }
    const isNullable = this.#isNullable(item);
    const isRust = this.#dialect === "rust";
    const exits: number[] = [];
    if (max === Infinity && isNullable && isRust) {
      // An empty first round ends the loop, a later one fails: there is no way twice through the same instruction at the same place.
      for (let i = 1; i < min; i++) this.node(item, backwards);
      if (min === 0) exits.push(this.#split());
      exits.push(...this.#round(item, AGAIN, backwards));
      const split = this.#split();
      exits.push(split);
      this.#round(item, FAIL_IF_EMPTY, backwards);
      this.emit(JUMP, split);
    } else {
      // In Oniguruma every empty round ends the loop; in Rust nothing is special about one where there is a limit.
      for (let i = 0; i < min; i++) this.node(item, backwards);
      const check = isNullable && !isRust ? AGAIN : undefined;
      for (let i = min; i < (max === Infinity ? min + 1 : max); i++) {
        const split = this.#split();
        exits.push(split, ...this.#round(item, check, backwards));
        if (max === Infinity) this.emit(JUMP, split);
      }
    }
    for (const exit of exits) this.#code[exit + SECOND] = this.#code.length;
    if (greedy) return;
    for (const exit of exits) {
      if (this.#code[exit] !== SPLIT) continue;
      const inside = this.#code[exit + FIRST] as number;
      this.#code[exit + FIRST] = this.#code[exit + SECOND] as number;
      this.#code[exit + SECOND] = inside;
    }
  }

  /** One round of a loop, with a check for an empty one; returns the instructions that leave it then. */
  #round(item: PatternNode, check: number | undefined, backwards: boolean): number[] {
    if (check === undefined) {
      this.node(item, backwards);
      return [];
    }
    const outer = this.#loop;
    const loop = this.#outerLoops.push(outer) - 1;
    this.emit(ENTER, loop);
    this.#within(loop, this.#loopDepth + 1, () => this.node(item, backwards));
    const last = this.emit(check, loop);
    return check === AGAIN ? [last] : [];
  }

  #within(loop: number, depth: number, emit: () => void): void {
    const before = [this.#loop, this.#loopDepth] as const;
    [this.#loop, this.#loopDepth] = [loop, depth];
    emit();
    [this.#loop, this.#loopDepth] = before;
  }

  #atomic(item: PatternNode, backwards: boolean): void {
    if (backwards)
      throw new RangeError("Pattern: expected no atomic group or possessive quantifier in a look-behind, got one");
    if (item.kind === "repeat" && item.item.kind === "set" && item.greedy) {
      this.emit(GRAB, this.#setNumber(item.item.set), item.min, item.max === Infinity ? -1 : item.max);
      return;
    }
    const atomic = this.emit(ATOMIC);
    // Inside, only the end of the group counts, not the loops around it.
    this.#within(-1, 0, () => this.node(item, false));
    this.#code[atomic + THIRD] = this.emit(ATOMIC_END);
  }

  #look({ item, behind, negated }: Extract<PatternNode, { kind: "look" }>): void {
    this.#looksBehind ||= behind;
    if (item.kind === "set" && !behind) {
      this.emit(NEXT_IN, this.#setNumber(item.set), negated ? 0 : 1);
      return;
    }
    const look = this.emit(LOOK, 0, negated ? 1 : 0);
    this.#within(-1, 0, () => this.node(item, behind));
    this.#code[look + THIRD] = this.emit(LOOK_END);
    this.#code[look + FIRST] = this.#code.length;
  }

  #setNumber(set: CodePointSet): number {
    const known = this.#numberOfSet.get(set);
    if (known !== undefined) return known;
    const ranges = set.join();
    const number = this.#numberOfRanges.get(ranges) ?? this.#sets.push(set) - 1;
    this.#numberOfRanges.set(ranges, number);
    this.#numberOfSet.set(set, number);
    return number;
  }

  #isNullable(node: PatternNode): boolean {
    const known = this.#nullable.get(node);
    if (known !== undefined) return known;
    const found = this.#findNullable(node);
    this.#nullable.set(node, found);
    return found;
  }

  #findNullable(node: PatternNode): boolean {
    switch (node.kind) {
      case "set":
        return false;
      case "sequence":
        return node.items.every((item) => this.#isNullable(item));
      case "choice":
        return node.options.some((option) => this.#isNullable(option));
      case "repeat":
        return node.min === 0 || this.#isNullable(node.item);
      case "atomic":
        return this.#isNullable(node.item);
      default:
        return true;
    }
  }
}

/** Lets instructions go where the jumps that they lead to end, and a jump to the end be the end. */
function threadJumps(code: Int32Array): void {
  for (let pc = code.length - STRIDE; pc >= 0; pc -= STRIDE) {
    const op = code[pc];
    if (op !== SPLIT && op !== JUMP && op !== LOOK) continue;
    for (const place of op === SPLIT ? [pc + FIRST, pc + SECOND] : [pc + FIRST]) {
      const target = code[place] as number;
      // Jumps after this one have been threaded; those back to the head of a loop are left, as they may lead in a circle.
      if (code[target] === JUMP && target > pc) code[place] = code[target + FIRST] as number;
    }
    if (op === JUMP && code[code[pc + FIRST] as number] === MATCH) code[pc] = MATCH;
  }
}

function isWordAssertion(op: number, place: number, code: Int32Array): boolean {
  return place % STRIDE === 0 && op === ASSERT && (code[place + FIRST] as number) >= assertionNumbers.wordBoundary;
}
