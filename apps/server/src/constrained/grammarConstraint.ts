/**
 * Holds one sequence to a grammar: says before each token which ones may come, and follows the one that did.
 *
 * Whatever is allowed leads on: from every place that is reached, a whole text can be written. Nothing but the grammar, the vocabulary and
 * the tokens so far has a part in it.
 */

import type { TokenConstraint } from "@llm-learning/onnx";
import { Effort } from "./effort.ts";
import type { Grammar } from "./grammar.ts";
import { type Configuration, GrammarMachine, type Head } from "./grammarMachine.ts";
import type { LocalTokens } from "./tokens/localTokens.ts";
import type { TokenVocabulary } from "./tokens/tokenVocabulary.ts";

/** What ends a sequence. */
export interface GrammarConstraintOptions {
  /** Tokens that end it; none for a model that has no such token, whose sequences end by {@link GrammarConstraint.isComplete}. */
  readonly eosIds: readonly number[];
  /**
   * Tokens of the model, where it has more than its tokenizer.
   *
   * @defaultValue as many as the vocabulary has
   */
  readonly vocabSize?: number | undefined;
}

const needs = new WeakMap<Grammar, WeakMap<TokenVocabulary, Float64Array>>();

/** The state of one sequence. */
export class GrammarConstraint implements TokenConstraint {
  readonly #vocabulary: TokenVocabulary;
  readonly #eosIds: readonly number[];
  readonly #machine: GrammarMachine;
  readonly #effort: Effort;
  readonly #mask: Uint32Array;
  #configuration: Configuration;
  #hasEnded = false;
  #isMaskKnown = false;

  /**
   * @param vocabulary - Of the model's tokenizer.
   * @throws RangeError if the vocabulary cannot write any text of the grammar.
   */
  constructor(
    grammar: Grammar,
    vocabulary: TokenVocabulary,
    { eosIds, vocabSize = vocabulary.size }: GrammarConstraintOptions,
  ) {
    for (const id of eosIds) {
      if (Number.isInteger(id) && id >= 0) continue;
      throw new RangeError(`GrammarConstraint: expected eosIds that are ids, got ${id}`);
    }
    this.#vocabulary = vocabulary;
    this.#eosIds = eosIds;
    const needed = depthsNeeded(grammar, vocabulary);
    if (needed[grammar.start] > grammar.maxDepth) throw cannotWrite(vocabulary);
    this.#effort = new Effort(vocabulary.trie.size);
    this.#machine = new GrammarMachine(grammar, needed, this.#effort);
    const most = eosIds.reduce((size, id) => Math.max(size, id + 1), Math.max(vocabSize, vocabulary.size));
    this.#mask = new Uint32Array((most + 31) >>> 5);
    this.#configuration = this.#machine.begin();
  }

  /** Whether the text is whole and nothing may follow but the end. */
  get isComplete(): boolean {
    return this.#hasEnded || (this.#configuration.isComplete && this.#configuration.heads.length === 0);
  }

  /** Whether the text is whole; more may follow, as digits after a number. */
  get canEnd(): boolean {
    return this.#hasEnded || this.#configuration.isComplete;
  }

  /**
   * The tokens that may come next: bit `id & 31` of word `id >>> 5`. Ids beyond its end may not. It has some, but for a text that is
   * complete where there is no token to end it.
   *
   * @returns The same array every time, which holds until the next call of {@link GrammarConstraint.accept}.
   * @throws RangeError where the schema has so many different ways to go on that looking at all of them would take too long, here or again and
   * again. Whether it does depends on the schema, the vocabulary and the tokens so far only.
   */
  allowed(): Uint32Array {
    if (this.#isMaskKnown) return this.#mask;
    const mask = this.#mask.fill(0);
    if (!this.#hasEnded) this.#markTokens(mask);
    for (const id of this.#eosIds) {
      if (this.canEnd) mask[id >>> 5] |= 1 << (id & 31);
      else mask[id >>> 5] &= ~(1 << (id & 31));
    }
    this.#isMaskKnown = true;
    return mask;
  }

  /**
   * Takes the token that came.
   *
   * @throws RangeError if it was not allowed, or there are too many ways on from it; the state stays as it was.
   */
  accept(token: number): void {
    if (this.#eosIds.includes(token)) {
      if (!this.canEnd) throw this.#refusal(token);
      this.#hasEnded = true;
      this.#isMaskKnown = false;
      return;
    }
    const bytes = this.#vocabulary.bytesOf(token);
    let configuration = this.#configuration;
    for (const byte of bytes) configuration = this.#machine.step(configuration, byte);
    if (this.#hasEnded || bytes.length === 0 || !this.#leadsOn(configuration)) throw this.#refusal(token);
    this.#configuration = configuration;
    this.#isMaskKnown = false;
    this.#effort.refill();
  }

  #markTokens(mask: Uint32Array): void {
    const { places } = this.#machine.grammar;
    // Heads in like texts, as alternatives with like properties have, are one piece of work.
    const groups = new Map<LocalTokens, Head[]>();
    for (const head of this.#configuration.heads) {
      const place = places[head.place];
      if (place.kind !== "text") continue;
      const local = this.#vocabulary.localTokens(place.automaton, head.state);
      const group = groups.get(local);
      if (group === undefined) groups.set(local, [head]);
      else group.push(head);
    }
    for (const [{ ids, bits, exits, work }, heads] of groups) {
      this.#effort.spend(work);
      if (ids !== undefined) for (const id of ids) mask[id >>> 5] |= 1 << (id & 31);
      if (bits !== undefined) for (let word = 0; word < bits.length; word++) mask[word] |= bits[word];
      if (exits.length === 0) continue;
      const after = this.#machine.after(heads);
      if (after.heads.length > 0) for (const node of exits) this.#markBelow(node, after, mask);
    }
  }

  /** Marks the tokens below a node of the tree that the grammar lets through. */
  #markBelow(parent: number, from: Configuration, mask: Uint32Array): void {
    const { trie } = this.#vocabulary;
    for (let node = parent + 1; node < trie.ends[parent]; node = trie.ends[node]) {
      const configuration = this.#machine.step(from, trie.bytes[node]);
      if (configuration.heads.length === 0 && !configuration.isComplete) continue;
      if (trie.hasTokens(node) && this.#leadsOn(configuration)) trie.mark(node, mask);
      if (configuration.heads.length > 0) this.#markBelow(node, configuration, mask);
    }
  }

  /** Whether a whole text can be written from here with the tokens there are. */
  #leadsOn({ heads, isComplete }: Configuration): boolean {
    if (isComplete) return true;
    return heads.some(({ place, state }) => {
      const text = this.#machine.grammar.places[place];
      return text.kind === "text" && this.#vocabulary.isLive(text.automaton, state);
    });
  }

  #refusal(token: number): RangeError {
    return new RangeError(`GrammarConstraint.accept: expected a token that may come next, got ${token}`);
  }
}

function depthsNeeded(grammar: Grammar, vocabulary: TokenVocabulary): Float64Array {
  let known = needs.get(grammar);
  if (known === undefined) needs.set(grammar, (known = new WeakMap()));
  let needed = known.get(vocabulary);
  if (needed === undefined) {
    needed = grammar.depthsNeeded((automaton) => vocabulary.isLive(automaton, automaton.start));
    known.set(vocabulary, needed);
  }
  return needed;
}

function cannotWrite(vocabulary: TokenVocabulary): RangeError {
  const missing = Array.from('{}[]":,0123456789-truefalsn').filter((character) => !vocabulary.hasToken(character));
  return new RangeError(
    "GrammarConstraint: expected a vocabulary that can write the texts of the schema, got one without a token for " +
      (missing.length > 0 ? [...new Set(missing)].join(" ") : "some character of a name or value in it"),
  );
}
