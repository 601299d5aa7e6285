/**
 * A runtime without a model: after token n comes n + 1, modulo the vocabulary. What it is asked to do is recorded, and its clock goes by one
 * millisecond for each call.
 */

import type { HiddenStates, HiddenStatesOptions, SavedTokens, SlotRuntime, StepEntry } from "@llm-learning/onnx/node";

export interface CountingRuntimeOptions {
  readonly slots?: number;
  readonly blockSize?: number;
  readonly vocabSize?: number;
  /** Called when a call begins; what it throws is the call's failure. */
  readonly before?: (call: Call) => void;
}

/** What the runtime was asked to do. */
export type Call =
  | { readonly kind: "read"; readonly slot: number; readonly tokens: readonly number[]; readonly scores: string }
  | { readonly kind: "step"; readonly entries: readonly StepEntry[] }
  | { readonly kind: "restore"; readonly slot: number; readonly tokens: readonly number[] }
  | { readonly kind: "embed"; readonly tokens: readonly number[]; readonly from: number };

/** Leads so far that nothing else is ever drawn. */
const LEAD = 50;

export class CountingRuntime implements SlotRuntime {
  readonly signature: SlotRuntime["signature"];
  readonly mode = "batched";
  readonly reason = undefined;
  readonly slots: number;
  readonly blockSize: number;
  readonly vocabSize: number;
  readonly bytesPerSlot = 0;
  readonly calls: Call[] = [];
  /** The tokens in each slot. */
  readonly contents: number[][];
  time = 0;
  readonly #before: (call: Call) => void;
  #isRunning = false;
  #textLength = 0;

  constructor({
    slots = 2,
    blockSize = 1000,
    vocabSize = 1000,
    before = () => undefined,
  }: CountingRuntimeOptions = {}) {
    this.slots = slots;
    this.blockSize = blockSize;
    this.vocabSize = vocabSize;
    this.#before = before;
    this.contents = Array.from({ length: slots }, () => []);
    const none = { cacheInPlace: true, keepsLogits: true };
    this.signature = { nLayer: 1, nKvHead: 1, headDim: 1, vocabSize, blockSize, ...none };
  }

  lengthOf(slot: number): number {
    return this.contents[slot].length;
  }

  async read(slot: number, given: ArrayLike<number>, { scores = "last" } = {}): Promise<Float32Array> {
    const tokens = Array.from(given);
    await this.#call({ kind: "read", slot, tokens, scores });
    this.contents[slot].push(...tokens);
    if (this.lengthOf(slot) > this.blockSize) throw new Error(`slot ${slot} is too full`);
    const wanted = scores === "all" ? tokens : scores === "last" ? tokens.slice(-1) : [];
    const logits = new Float32Array(wanted.length * this.vocabSize);
    for (const [at, token] of wanted.entries()) logits.set(this.#scores(token), at * this.vocabSize);
    return logits;
  }

  async step(entries: readonly StepEntry[]): Promise<Float32Array[]> {
    await this.#call({ kind: "step", entries });
    for (const { slot, token } of entries) this.contents[slot].push(token);
    return entries.map(({ token }) => this.#scores(token));
  }

  truncate(slot: number, length: number): void {
    this.#checkIdle();
    this.contents[slot].length = length;
  }

  /** The tokens themselves, as the only part. */
  save(slot: number, from: number, to: number): SavedTokens {
    this.#checkIdle();
    const parts = [Float32Array.from(this.contents[slot].slice(from, to))];
    if (parts[0].length !== to - from) throw new Error("there are no such tokens");
    return { length: to - from, from, bytes: parts[0].byteLength, parts };
  }

  restore(slot: number, { from, parts: [part] }: SavedTokens): void {
    this.#checkIdle();
    if (from !== this.lengthOf(slot)) throw new Error("the tokens are of another place");
    const tokens = Array.from(part);
    this.calls.push({ kind: "restore", slot, tokens });
    this.contents[slot].push(...tokens);
  }

  /** Two numbers of each token: itself and its square. */
  hiddenStates = async (given: ArrayLike<number>, { from = 0 }: HiddenStatesOptions = {}): Promise<HiddenStates> => {
    const tokens = Array.from(given);
    if (from > 0 && from !== this.#textLength) throw new Error("the piece is not the next");
    this.#textLength = from + tokens.length;
    await this.#call({ kind: "embed", tokens, from });
    return { data: Float32Array.from(tokens.flatMap((token) => [token, token * token])), size: 2 };
  };

  async dispose(): Promise<void> {}

  async #call(call: Call): Promise<void> {
    this.#checkIdle();
    this.#isRunning = true;
    try {
      this.calls.push(call);
      this.time++;
      this.#before(call);
      await new Promise((resolve) => void setImmediate(resolve));
    } finally {
      this.#isRunning = false;
    }
  }

  #checkIdle(): void {
    if (this.#isRunning) throw new Error("one call at a time");
  }

  #scores(token: number): Float32Array {
    const scores = new Float32Array(this.vocabSize);
    scores[(token + 1) % this.vocabSize] = LEAD;
    return scores;
  }
}
