/**
 * The states of an automaton from which its end can be reached in a vocabulary that cannot write everything, such as one of the characters
 * of a book. Only tokens of one character are looked at: what can be written by longer ones alone counts as impossible, which is safe.
 */

import { type ByteAutomaton, DEAD } from "../automata/byteAutomaton.ts";
import { StringAutomaton } from "../automata/stringAutomaton.ts";
import type { TokenTrie } from "./tokenTrie.ts";

/** Says of each state whether the end can be reached; of strings, whatever their lengths. */
export function liveStates(automaton: ByteAutomaton, characters: TokenTrie): (state: number) => boolean {
  if (automaton instanceof StringAutomaton) {
    // The states of one without a limit are the phases. Of at least one character, so that there is one to write.
    const live = liveSet(new StringAutomaton(1), characters);
    return (state) => live.has(StringAutomaton.phaseOf(state));
  }
  const live = liveSet(automaton, characters);
  return (state) => live.has(state);
}

function liveSet(automaton: ByteAutomaton, characters: TokenTrie): ReadonlySet<number> {
  const before = new Map<number, number[]>([[automaton.start, []]]);
  const pending = [automaton.start];
  for (let from = pending.pop(); from !== undefined; from = pending.pop()) {
    for (const to of reached(automaton, from, characters)) {
      const known = before.get(to);
      if (known !== undefined) known.push(from);
      else {
        before.set(to, [from]);
        pending.push(to);
      }
    }
  }
  const live = new Set([...before.keys()].filter((state) => automaton.isAccepting(state)));
  const stack = [...live];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    for (const source of before.get(state)!) {
      if (live.has(source)) continue;
      live.add(source);
      stack.push(source);
    }
  }
  return live;
}

/** The states after one token. */
function reached(automaton: ByteAutomaton, from: number, trie: TokenTrie): Set<number> {
  const found = new Set<number>();
  const states = new Float64Array(trie.longest + 1);
  states[0] = from;
  for (let node = 1; node < trie.size;) {
    const state = automaton.next(states[trie.depths[node] - 1], trie.bytes[node]);
    if (state === DEAD) {
      node = trie.ends[node];
      continue;
    }
    states[trie.depths[node]] = state;
    if (trie.hasTokens(node)) found.add(state);
    node++;
  }
  return found;
}
