/**
 * The automaton of a list of texts: their tree, made without a detour.
 */

import type { Budget } from "../budget.ts";
import { TableAutomaton } from "./byteAutomaton.ts";

const utf8 = new TextEncoder();

/** Texts as they are. @returns `undefined` if there are none. */
export function literals(texts: readonly string[], budget: Budget): TableAutomaton | undefined {
  const nodes: Map<number, number>[] = [new Map()];
  const ends = new Set<number>();
  for (const text of texts) {
    let node = 0;
    for (const byte of utf8.encode(text)) {
      let next = nodes[node].get(byte);
      if (next === undefined) {
        budget.takeStates(1);
        next = nodes.push(new Map()) - 1;
        nodes[node].set(byte, next);
      }
      node = next;
    }
    ends.add(node);
  }
  if (ends.size === 0) return undefined;
  return new TableAutomaton(
    nodes.map((next) => Array.from(next, ([byte, target]) => ({ low: byte, high: byte, target }))),
    nodes.map((_, node) => (ends.has(node) ? 1 : 0)),
  );
}
