/**
 * Regular expressions over bytes as plain data, and the automata that they mean.
 */

import type { Budget } from "../budget.ts";
import type { TableAutomaton } from "./byteAutomaton.ts";
import { ByteNfa } from "./byteNfa.ts";

/** A regular language of bytes. */
export type Regular =
  | { readonly kind: "byte"; readonly low: number; readonly high: number }
  | { readonly kind: "sequence"; readonly parts: readonly Regular[] }
  | { readonly kind: "choice"; readonly parts: readonly Regular[] }
  | { readonly kind: "repeat"; readonly part: Regular; readonly min: number; readonly max: number }
  /** Nothing, but only before the first byte of all, or after the last. */
  | { readonly kind: "atStart" }
  | { readonly kind: "atEnd" };

const utf8 = new TextEncoder();

/** One byte of a range. */
export function byte(low: number, high: number = low): Regular {
  return { kind: "byte", low, high };
}

/** One part after another; texts stand for their UTF-8. */
export function sequence(...parts: readonly (Regular | string)[]): Regular {
  return { kind: "sequence", parts: parts.map((part) => (typeof part === "string" ? literal(part) : part)) };
}

/** One of the parts. */
export function choice(...parts: readonly (Regular | string)[]): Regular {
  return { kind: "choice", parts: parts.map((part) => (typeof part === "string" ? literal(part) : part)) };
}

/** A part from `min` to `max` times. */
export function repeat(part: Regular, min: number, max: number): Regular {
  return { kind: "repeat", part, min, max };
}

/** A part or nothing. */
export function optional(part: Regular | string): Regular {
  return repeat(typeof part === "string" ? literal(part) : part, 0, 1);
}

/** The UTF-8 of a text. */
export function literal(text: string): Regular {
  return { kind: "sequence", parts: Array.from(utf8.encode(text), (value) => byte(value)) };
}

/**
 * The automaton of an expression.
 *
 * @returns `undefined` if it stands for no text at all.
 * @throws RangeError if the automaton is too large.
 */
export function automatonOf(expression: Regular, budget: Budget): TableAutomaton | undefined {
  const nfa = new ByteNfa(budget);
  add(nfa, expression, nfa.start, nfa.end);
  return nfa.determinized();
}

/** Adds the ways of an expression from one state to another. */
function add(nfa: ByteNfa, expression: Regular, from: number, to: number): void {
  switch (expression.kind) {
    case "byte":
      nfa.edge(from, expression.low, expression.high, to);
      return;
    case "sequence": {
      if (expression.parts.length === 0) nfa.free(from, to);
      let at = from;
      expression.parts.forEach((part, i) => {
        const next = i === expression.parts.length - 1 ? to : nfa.state();
        add(nfa, part, at, next);
        at = next;
      });
      return;
    }
    case "choice":
      for (const part of expression.parts) {
        // States of its own, or a loop in one part could be left by another.
        const begin = nfa.state();
        const end = nfa.state();
        nfa.free(from, begin);
        add(nfa, part, begin, end);
        nfa.free(end, to);
      }
      return;
    case "repeat":
      addRepeated(nfa, expression, from, to);
      return;
    default:
      nfa.free(from, to, expression.kind);
  }
}

function addRepeated(
  nfa: ByteNfa,
  { part, min, max }: Extract<Regular, { kind: "repeat" }>,
  from: number,
  to: number,
): void {
  let at = nfa.state();
  nfa.free(from, at);
  for (let i = 0; i < min; i++) {
    const next = nfa.state();
    add(nfa, part, at, next);
    at = next;
  }
  if (max === Infinity) {
    const loop = nfa.state();
    const end = nfa.state();
    nfa.free(at, loop);
    add(nfa, part, loop, end);
    nfa.free(end, loop);
    nfa.free(loop, to);
    return;
  }
  for (let i = min; i < max; i++) {
    nfa.free(at, to);
    const next = nfa.state();
    add(nfa, part, at, next);
    at = next;
  }
  nfa.free(at, to);
}
