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
}

/** Walks the tree of tokens as far as an automaton goes. */
export function localTokens(automaton: ByteAutomaton, from: number, vocabulary: TokenVocabulary): LocalTokens {
  const { trie } = vocabulary;
  const { bytes, depths, ends } = trie;
  const states = new Float64Array(trie.longest + 1);
  states[0] = from;
  const ids: number[] = [];
  const exits: number[] = [];
  for (let node = 1; node < trie.size;) {
    const state = automaton.next(states[depths[node] - 1], bytes[node]);
    if (state === DEAD) {
      node = ends[node];
      continue;
    }
    states[depths[node]] = state;
    if (trie.hasTokens(node) && vocabulary.isLive(automaton, state)) trie.tokensAt(node, (id) => ids.push(id));
    if (automaton.isAccepting(state) && ends[node] > node + 1) exits.push(node);
    node++;
  }
  const words = (vocabulary.size + 31) >>> 5;
  if (ids.length < words) return { ids: Uint32Array.from(ids), bits: undefined, exits };
  const bits = new Uint32Array(words);
  for (const id of ids) bits[id >>> 5] |= 1 << (id & 31);
  return { ids: undefined, bits, exits };
}
