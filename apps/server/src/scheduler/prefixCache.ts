/**
 * Keys and values of prompts that were read before, so that the next prompt that begins alike need not be read from its beginning.
 *
 * They are kept in blocks of tokens, each a child of the block before it: a trie whose root is the client. What one client asked is never
 * used for another, whose waiting time would tell of it. The blocks used least recently are let go first.
 */

import type { SavedTokens } from "@llm-learning/onnx/node";

/** Options of {@link PrefixCache}. */
export interface PrefixCacheOptions {
  /** Most memory that blocks take together, in bytes; 0 keeps none. */
  readonly maxBytes: number;
  /** Tokens of a block. @defaultValue 32 */
  readonly blockTokens?: number | undefined;
}

interface Node {
  readonly children: Map<string, Block>;
}

interface Block extends Node {
  /** Its tokens, joined by commas. */
  readonly key: string;
  readonly parent: Node;
  readonly client: string;
  readonly saved: SavedTokens;
}

/** A cache of prefixes. */
export class PrefixCache {
  readonly #maxBytes: number;
  readonly #blockTokens: number;
  readonly #roots = new Map<string, Node>();
  /** From the least recently used to the most: a block stands before its parent, which is used whenever it is. */
  readonly #recent = new Set<Block>();
  #bytes = 0;
  #queries = 0;
  #hits = 0;

  constructor({ maxBytes, blockTokens = 32 }: PrefixCacheOptions) {
    this.#maxBytes = maxBytes;
    this.#blockTokens = blockTokens;
  }

  /** Memory that the blocks take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Tokens that were looked for, and found, since the start. */
  get queries(): number {
    return this.#queries;
  }

  get hits(): number {
    return this.#hits;
  }

  /** Copies of the first tokens of a prompt, block by block; never of the last token, whose scores are still wanted. */
  find(client: string, prompt: ArrayLike<number>): SavedTokens[] {
    const chain = this.#follow(client, prompt, prompt.length - 1);
    this.#touch(chain);
    this.#queries += prompt.length;
    this.#hits += chain.length * this.#blockTokens;
    return chain.map(({ saved }) => saved);
  }

  /**
   * Keeps the first `length` tokens of a prompt, as far as they make whole blocks.
   *
   * @param save - Makes a copy of the tokens of a place (inclusive) to another (exclusive); asked for what is not known yet.
   */
  keep(
    client: string,
    prompt: ArrayLike<number>,
    { length, save }: { readonly length: number; readonly save: (from: number, to: number) => SavedTokens },
  ): void {
    if (this.#maxBytes === 0) return;
    const chain = this.#follow(client, prompt, length);
    this.#touch(chain);
    for (let from = chain.length * this.#blockTokens; from + this.#blockTokens <= length; from += this.#blockTokens) {
      const saved = save(from, from + this.#blockTokens);
      if (!this.#makeRoom(saved.bytes, chain)) return;
      const parent = chain.at(-1) ?? this.#rootOf(client);
      const block = { key: this.#keyAt(prompt, from), parent, client, saved, children: new Map<string, Block>() };
      parent.children.set(block.key, block);
      this.#bytes += saved.bytes;
      chain.push(block);
      this.#touch(chain);
    }
  }

  /** The known blocks of the first `length` tokens. */
  #follow(client: string, prompt: ArrayLike<number>, length: number): Block[] {
    const chain: Block[] = [];
    let node: Node | undefined = this.#roots.get(client);
    for (let from = 0; node !== undefined && from + this.#blockTokens <= length; from += this.#blockTokens) {
      const block: Block | undefined = node.children.get(this.#keyAt(prompt, from));
      if (block !== undefined) chain.push(block);
      node = block;
    }
    return chain;
  }

  /** Lets go of blocks until there is room; false where only those of `chain` are left. */
  #makeRoom(bytes: number, chain: readonly Block[]): boolean {
    while (this.#bytes + bytes > this.#maxBytes) {
      const [oldest] = this.#recent;
      if (oldest === undefined || chain.includes(oldest)) return false;
      this.#recent.delete(oldest);
      oldest.parent.children.delete(oldest.key);
      this.#bytes -= oldest.saved.bytes;
      const root = this.#roots.get(oldest.client);
      if (root?.children.size === 0) this.#roots.delete(oldest.client);
    }
    return true;
  }

  #touch(chain: readonly Block[]): void {
    for (const block of chain.toReversed()) {
      this.#recent.delete(block);
      this.#recent.add(block);
    }
  }

  #rootOf(client: string): Node {
    const root = this.#roots.get(client) ?? { children: new Map<string, Block>() };
    this.#roots.set(client, root);
    return root;
  }

  #keyAt(prompt: ArrayLike<number>, from: number): string {
    let key = "";
    for (let at = from; at < from + this.#blockTokens; at++) key += `${prompt[at]},`;
    return key;
  }
}
