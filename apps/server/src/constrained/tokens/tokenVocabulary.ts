/**
 * A tokenizer's vocabulary as a grammar needs it: the bytes of every token, as a tree. Special tokens have none, since a text that a model
 * writes has no special tokens in it.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import type { ByteAutomaton } from "../automata/byteAutomaton.ts";
import { liveStates } from "./liveStates.ts";
import { localTokens, type LocalTokens } from "./localTokens.ts";
import { type Spelling, TokenTrie } from "./tokenTrie.ts";

/** Longer tokens, if a vocabulary has any, are never allowed. */
const LONGEST = 512;
/** Bytes of masks that are remembered; then they are forgotten, and found again where they are needed. */
const MOST_REMEMBERED = 1 << 26;

const vocabularies = new WeakMap<Tokenizer, TokenVocabulary>();

/**
 * The vocabulary of a tokenizer; made once, and the same for every later call.
 *
 * @throws RangeError if the tokens of the tokenizer have no bytes of their own, as those of WordPiece.
 */
export function tokenVocabulary(tokenizer: Tokenizer): TokenVocabulary {
  let vocabulary = vocabularies.get(tokenizer);
  if (vocabulary === undefined) {
    const special = new Set(tokenizer.specialTokens.values());
    const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => {
      return special.has(id) ? new Uint8Array(0) : tokenizer.tokenBytes(id);
    });
    vocabulary = new TokenVocabulary(tokens);
    vocabularies.set(tokenizer, vocabulary);
  }
  return vocabulary;
}

/** The tokens that a model may write, by their bytes. */
export class TokenVocabulary {
  /** Number of ids. */
  readonly size: number;
  readonly trie: TokenTrie;
  /** Tokens of a single character or a single byte, from which longer texts can be put together. */
  readonly characters: TokenTrie;
  /** Whether there is a token for every byte, so that every text can be written. */
  readonly isComplete: boolean;
  readonly #tokens: readonly Uint8Array[];
  #local = new WeakMap<object, Map<number, LocalTokens>>();
  #remembered = 0;
  readonly #live = new WeakMap<object, (state: number) => boolean>();

  /** @param tokens - The bytes of each token by its id, none for a token that is not to be written. */
  constructor(tokens: readonly Uint8Array[]) {
    this.size = tokens.length;
    this.#tokens = tokens;
    const spelled = tokens
      .map((bytes, id): Spelling => ({ id, bytes }))
      .filter(({ bytes }) => bytes.length > 0 && bytes.length <= LONGEST);
    this.trie = new TokenTrie(spelled);
    this.characters = new TokenTrie(spelled.filter(({ bytes }) => isCharacter(bytes)));
    this.isComplete =
      new Set(spelled.filter(({ bytes }) => bytes.length === 1).map(({ bytes }) => bytes[0])).size === 256;
  }

  /** The bytes of a token; none for one that is not to be written, or is none. */
  bytesOf(id: number): Uint8Array {
    return this.#tokens[id] ?? new Uint8Array(0);
  }

  /** Whether a text exists that begins as `text` says and is a token. */
  hasToken(text: string): boolean {
    const bytes = new TextEncoder().encode(text);
    let node = 0;
    for (const byte of bytes) {
      let child = node + 1;
      while (child < this.trie.ends[node] && this.trie.bytes[child] !== byte) child = this.trie.ends[child];
      if (child >= this.trie.ends[node]) return false;
      node = child;
    }
    return this.trie.hasTokens(node);
  }

  /** Whether the rest of a text can be written from a state on, with the tokens there are. */
  isLive(automaton: ByteAutomaton, state: number): boolean {
    if (this.isComplete) return true;
    let lives = this.#live.get(automaton.family);
    if (lives === undefined) {
      lives = liveStates(automaton, this.characters);
      this.#live.set(automaton.family, lives);
    }
    return lives(state);
  }

  /** The tokens that go on with a text from a state on, and the places where they go beyond its end. */
  localTokens(automaton: ByteAutomaton, state: number): LocalTokens {
    const key = automaton.canonical(state, this.trie.longest);
    let known = this.#local.get(automaton.family);
    let tokens = known?.get(key);
    if (tokens !== undefined) return tokens;
    tokens = localTokens(automaton, state, this);
    this.#remembered += 64 + 4 * ((tokens.ids ?? tokens.bits ?? []).length + tokens.exits.length);
    if (this.#remembered > MOST_REMEMBERED) {
      this.#local = new WeakMap();
      this.#remembered = 0;
      known = undefined;
    }
    if (known === undefined) this.#local.set(automaton.family, new Map([[key, tokens]]));
    else known.set(key, tokens);
    return tokens;
  }
}

/** Whether bytes are one byte, or one character of UTF-8. */
function isCharacter(bytes: Uint8Array): boolean {
  const lead = bytes[0];
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return bytes.length === 1 || bytes.length === length;
}
