/**
 * Keeps the tokens that end a text from being chosen before there are enough others.
 */

import type { TokenConstraint } from "@llm-learning/onnx";

/** Options of {@link StopTokens}. */
export interface StopTokensOptions {
  /** What must not come too early. */
  readonly stopIds: readonly number[];
  /** How many tokens come before it. */
  readonly minTokens: number;
  /** What else holds. @defaultValue nothing */
  readonly constraint?: TokenConstraint | undefined;
}

/** A constraint that rules out the tokens that end a text, for a while. Where another allows nothing else, it yields: the text must end. */
export class StopTokens implements TokenConstraint {
  readonly #stopIds: readonly number[];
  readonly #constraint: TokenConstraint | undefined;
  readonly #all: Uint32Array;
  #remaining: number;

  constructor(vocabSize: number, { stopIds, minTokens, constraint }: StopTokensOptions) {
    this.#stopIds = stopIds;
    this.#constraint = constraint;
    this.#remaining = minTokens;
    this.#all = new Uint32Array(Math.ceil(vocabSize / 32)).fill(0xffffffff);
    if (vocabSize % 32 > 0) this.#all[this.#all.length - 1] = 2 ** (vocabSize % 32) - 1;
  }

  allowed(): Uint32Array {
    const allowed = this.#constraint?.allowed() ?? this.#all;
    if (this.#remaining <= 0) return allowed;
    const others = allowed.slice();
    for (const id of this.#stopIds) others[id >>> 5] &= ~(1 << (id & 31));
    return others.some((word) => word !== 0) ? others : allowed;
  }

  accept(token: number): void {
    this.#remaining--;
    this.#constraint?.accept(token);
  }
}
