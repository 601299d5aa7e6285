/**
 * Which tokens go on with a text, looking at that text alone and not at what comes after it. This is most of the work of a step, and depends
 * on the state of one automaton only: so it is done once for each state. What is left for every step are the few tokens that go beyond the
 * end of the text, as `",` does in a string.
 *
 * @see Y. Dong et al., "XGrammar" (2024), section 3.1: tokens that depend on the context, and those that do not
 */

import { type ByteAutomaton, DEAD } from "../automata/byteAutomaton.ts";
import type { TokenVocabulary } from "./tokenVocabulary.ts";

/** The tokens of a state. */
export interface LocalTokens {
  /** Ids of tokens, where they are few; otherwise a set of bits. */
  readonly ids: Uint32Array | undefined;
  /** Bit `id & 31` of word `id >>> 5`. */
  readonly bits: Uint32Array | undefined;
  /** Nodes of the tree below which tokens go beyond the end of the text. */
  readonly exits: readonly number[];
  /** Nodes that were walked: what it cost. */
  readonly work: number;
}

/** Walks the tree of tokens as far as an automaton goes. */
export function localTokens(automaton: ByteAutomaton, from: number, vocabulary: TokenVocabulary): LocalTokens {
  const { trie } = vocabulary;
  const { bytes, depths, ends } = trie;
  const states = new Float64Array(trie.longest + 1);
  states[0] = from;
  const bits = new Uint32Array((vocabulary.size + 31) >>> 5);
  let count = 0;
  const exits: number[] = [];
  let work = 0;
  for (let node = 1; node < trie.size;) {
    work++;
    const state = automaton.next(states[depths[node] - 1], bytes[node]);
    if (state === DEAD) {
      node = ends[node];
      continue;
    }
    states[depths[node]] = state;
    if (trie.hasTokens(node) && vocabulary.isLive(automaton, state)) count += trie.mark(node, bits);
    if (automaton.isAccepting(state) && ends[node] > node + 1) exits.push(node);
    node++;
  }
  if (count >= bits.length) return { ids: undefined, bits, exits, work };
  const ids: number[] = [];
  bits.forEach((word, at) => {
    for (let rest = word; rest !== 0; rest &= rest - 1) ids.push(at * 32 + 31 - Math.clz32(rest & -rest));
  });
  return { ids: Uint32Array.from(ids), bits: undefined, exits, work };
}
