/**
 * Two automata read together: what both accept, or what one accepts and the other does not.
 */

import type { Budget } from "../budget.ts";
import { type ByteAutomaton, type ByteEdge, DEAD, type TableAutomaton, trimmed } from "./byteAutomaton.ts";

/** The texts that both accept; `undefined` if there are none. */
export function intersection(first: TableAutomaton, second: ByteAutomaton, budget: Budget): TableAutomaton | undefined {
  return product(first, second, budget, (a, b) => a && b, false);
}

/** The texts that the first accepts and the second does not; `undefined` if there are none. */
export function difference(first: TableAutomaton, second: ByteAutomaton, budget: Budget): TableAutomaton | undefined {
  return product(first, second, budget, (a, b) => a && !b, true);
}

/** @param goesOnAlone - Whether the first goes on where the second is dead. */
function product(
  first: TableAutomaton,
  second: ByteAutomaton,
  budget: Budget,
  accepts: (a: boolean, b: boolean) => boolean,
  goesOnAlone: boolean,
): TableAutomaton | undefined {
  const numbers = new Map<string, number>();
  const pairs: [number, number][] = [];
  const numberOf = (a: number, b: number): number => {
    const key = `${a},${b}`;
    let number = numbers.get(key);
    if (number === undefined) {
      budget.takeStates(1);
      number = pairs.push([a, b]) - 1;
      numbers.set(key, number);
    }
    return number;
  };
  numberOf(first.start, second.start);
  const edges: ByteEdge[][] = [];
  const accepting: number[] = [];
  for (let at = 0; at < pairs.length; at++) {
    const [a, b] = pairs[at];
    const list: ByteEdge[] = [];
    for (const edge of first.edgesOf(a)) {
      for (let byte = edge.low; byte <= edge.high; byte++) {
        const next = b === DEAD ? DEAD : second.next(b, byte);
        if (next === DEAD && !goesOnAlone) continue;
        const target = numberOf(edge.target, next);
        const last = list.at(-1);
        if (last?.high === byte - 1 && last.target === target) list[list.length - 1] = { ...last, high: byte };
        else list.push({ low: byte, high: byte, target });
      }
    }
    edges.push(list);
    accepting.push(accepts(first.isAccepting(a), b !== DEAD && second.isAccepting(b)) ? 1 : 0);
  }
  return trimmed(edges, accepting);
}
