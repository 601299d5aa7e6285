/**
 * Slots that run in one batch: a reading is a run over the slot's own row, a step one over the first so many rows.
 *
 * Kernels for a single token are not those for several, and give other bits. So a token that is read alone is followed by one that means
 * nothing, which no token hears and which the next one overwrites; and where the kernels for a single row differ as well, as those
 * of 4 bits do, a row that means nothing is beside it. How many rows that takes is tried out (`trial.ts`).
 */

import type { TensorValue } from "@llm-learning/nn-core";
import type { CausalLMSignature } from "../generate/causalLMSignature.ts";
import { cacheBytes } from "../generate/keyValueCache.ts";
import type { Session } from "../runtime/session.ts";
import type { RaggedModel } from "./raggedModel.ts";
import { SlotCache } from "./slotCache.ts";
import { SlotLedger } from "./slotLedger.ts";
import type {
  HiddenStates,
  HiddenStatesOptions,
  ReadOptions,
  SavedTokens,
  SlotRuntime,
  StepEntry,
} from "./slotRuntime.ts";
import { StepBinding } from "./stepBinding.ts";
import { HIDDEN_STATES, int64, piecesOf, scalar } from "./tokenRuns.ts";

/** What a runtime is made of. */
export interface BatchedSlotsParts extends Pick<RaggedModel, "lastPlaces" | "longest"> {
  readonly session: Session;
  readonly signature: CausalLMSignature;
  readonly slots: number;
  readonly blockSize: number;
  /** Numbers of a token's hidden state, where the model gives it. */
  readonly hiddenSize: number | undefined;
}

/** Most rows that a step may be in need of. */
export const MAX_LEAST_ROWS = 8;

/** Kernels for one token are not those for several. */
const LEAST_TOKENS = 2;

export class BatchedSlots implements SlotRuntime {
  readonly mode = "batched";
  readonly reason = undefined;
  readonly signature: CausalLMSignature;
  readonly slots: number;
  readonly blockSize: number;
  readonly bytesPerSlot: number;
  readonly hiddenStates: SlotRuntime["hiddenStates"];
  /** Fewest rows of a step; set once, by who has tried out how many give the same bits as more. */
  leastRows = 1;
  readonly #parts: BatchedSlotsParts;
  readonly #keepsLogits: boolean;
  readonly #cache: SlotCache;
  readonly #ledger: SlotLedger;
  /** By the number of rows, with the version of the memory that they lie in. */
  readonly #bindings = new Map<number, { readonly binding: StepBinding; readonly version: number }>();

  constructor(parts: BatchedSlotsParts) {
    const { session, signature, slots, blockSize } = parts;
    this.#parts = parts;
    this.signature = signature;
    this.slots = slots;
    this.blockSize = blockSize;
    this.#keepsLogits = signature.keepsLogits && session.optionalInputNames?.includes("num_logits_to_keep") === true;
    // One slot more, for the text that stands in none.
    const all = slots + 1;
    const rows = Math.max(all, MAX_LEAST_ROWS);
    const longest = blockSize + MAX_LEAST_ROWS - 1;
    // Memory that is not written is not there; but a binding that copies would copy it at every step.
    this.#cache = new SlotCache(signature, { slots: all, rows, longest, grows: session.writesInPlace !== true });
    this.#ledger = new SlotLedger(this, this.#cache);
    this.bytesPerSlot = cacheBytes(signature, blockSize);
    if (parts.hiddenSize !== undefined) this.hiddenStates = this.#hiddenStates.bind(this);
  }

  get vocabSize(): number {
    return this.signature.vocabSize;
  }

  lengthOf(slot: number): number {
    return this.#ledger.lengthOf(slot);
  }

  async read(slot: number, tokens: ArrayLike<number>, options: ReadOptions = {}): Promise<Float32Array> {
    const { scores = "last", signal } = options;
    const begin = this.#ledger.beginRead(slot, tokens);
    const V = this.vocabSize;
    const all = new Float32Array(scores === "all" ? tokens.length * V : 0);
    let logits: Float32Array = all;
    try {
      this.#cache.reserve(begin + tokens.length + MAX_LEAST_ROWS - 1);
      const row = this.#cache.rowOf(slot);
      for (const { from, to } of piecesOf(tokens.length)) {
        const isLast = to === tokens.length;
        const wanted = scores === "all" || (scores === "last" && isLast) ? scores : "none";
        const data = await this.#piece(row, begin + from, { tokens, from, to }, { wanted, signal });
        if (wanted === "all") all.set(data, from * V);
        else logits = data;
      }
    } catch (error) {
      this.#ledger.endRead(slot, begin, begin);
      throw error;
    }
    this.#ledger.endRead(slot, begin, begin + tokens.length);
    return logits;
  }

  async step(entries: readonly StepEntry[], signal?: AbortSignal): Promise<Float32Array[]> {
    if (entries.length === 0) return [];
    this.#ledger.beginStep(entries);
    try {
      // Rows of other slots are written behind their tokens too.
      this.#cache.reserve(this.#cache.mostTokens + 1);
      const { rows, count } = this.#cache.batchOf(entries.map(({ slot }) => slot));
      const binding = this.#binding(Math.max(count, this.leastRows));
      binding.clear((row) => this.#cache.lengthIn(row), this.blockSize);
      for (const [index, { token }] of entries.entries()) binding.setToken(rows[index], token);
      await this.#parts.session.run(binding.feeds, binding.fetches, { signal });
      for (const { slot } of entries) this.#cache.setLength(slot, this.#cache.lengthOf(slot) + 1);
      return rows.map((row) => binding.logits[row]);
    } finally {
      this.#ledger.endStep();
    }
  }

  truncate(slot: number, length: number): void {
    this.#ledger.truncate(slot, length);
  }

  save(slot: number, from: number, to: number): SavedTokens {
    return this.#ledger.save(slot, from, to);
  }

  restore(slot: number, saved: SavedTokens): void {
    this.#ledger.restore(slot, saved);
  }

  async dispose(): Promise<void> {
    await this.#parts.session.dispose();
  }

  async #hiddenStates(
    tokens: ArrayLike<number>,
    { from: begin = 0, signal }: HiddenStatesOptions = {},
  ): Promise<HiddenStates> {
    const size = this.#parts.hiddenSize ?? 0;
    this.#ledger.beginText(tokens, begin);
    let length = begin;
    try {
      this.#cache.reserve(begin + tokens.length + MAX_LEAST_ROWS - 1);
      const row = this.#cache.lastRowOf(this.slots);
      const data = new Float32Array(tokens.length * size);
      for (const { from, to } of piecesOf(tokens.length)) {
        data.set(await this.#piece(row, begin + from, { tokens, from, to }, { wanted: "hidden", signal }), from * size);
      }
      length = begin + tokens.length;
      return { data, size };
    } finally {
      this.#ledger.endText(length);
    }
  }

  /** Tokens from `from` to `to` at place `at` of a row, and what is wanted of them. */
  async #piece(
    row: number,
    at: number,
    { tokens, from, to }: { readonly tokens: ArrayLike<number>; readonly from: number; readonly to: number },
    {
      wanted,
      signal,
    }: { readonly wanted: "none" | "last" | "all" | "hidden"; readonly signal: AbortSignal | undefined },
  ): Promise<Float32Array> {
    const count = to - from;
    // Where there are too few, some that mean nothing stand behind them, at the last one's position: there may be no further one. So it is
    // where their number is odd: attention takes queries in blocks, and a last block of a single one rounds otherwise.
    const least = Math.max(LEAST_TOKENS, this.leastRows);
    const T = Math.max(least, count + (count % 2));
    const ids = new BigInt64Array(T);
    const positions = new BigInt64Array(T);
    for (let t = 0; t < T; t++) {
      ids[t] = BigInt(tokens[from + Math.min(t, count - 1)]);
      positions[t] = BigInt(at + Math.min(t, count - 1));
    }
    const { lastPlaces, longest, session } = this.#parts;
    const { past, present } = this.#cache.views(row, 1);
    // The output layer too is to have as many.
    const kept = wanted === "all" || !this.#keepsLogits ? T : least;
    const { output, size } = wanted === "hidden" ? this.#hidden : { output: "logits", size: this.vocabSize };
    const numbers = wanted === "hidden" ? T : kept;
    const data = new Float32Array(wanted === "none" ? 0 : numbers * size);
    await session.run(
      {
        input_ids: int64([1, T], ids),
        position_ids: int64([1, T], positions),
        [lastPlaces]: { dtype: "int32", shape: [1], data: Int32Array.of(at + T - 1) },
        [longest]: { dtype: "int32", shape: [1], data: Int32Array.of(at + T) },
        ...(this.#keepsLogits && { num_logits_to_keep: scalar(kept) }),
        ...past,
      },
      { ...present, ...(wanted !== "none" && { [output]: { dtype: "float32", shape: [1, numbers, size], data } }) },
      { signal },
    );
    if (wanted === "none") return data;
    const end = numbers - (T - count);
    return data.subarray(wanted === "last" ? (end - 1) * size : 0, end * size);
  }

  get #hidden(): { readonly output: string; readonly size: number } {
    return { output: HIDDEN_STATES, size: this.#parts.hiddenSize ?? 0 };
  }

  #binding(count: number): StepBinding {
    const { version } = this.#cache;
    const known = this.#bindings.get(count);
    if (known?.version === version) return known.binding;
    const { past, present } = this.#cache.views(0, count);
    const extra: Readonly<Record<string, TensorValue>> = this.#keepsLogits ? { num_logits_to_keep: scalar(1) } : {};
    const binding = new StepBinding(this.#parts, { count, feeds: { ...past, ...extra }, fetches: present });
    this.#bindings.set(count, { binding, version });
    return binding;
  }
}
