/**
 * Slots that run one after the other, each with a cache of its own: for models that cannot be told about rows of different lengths,
 * as those whose attention consists of ordinary operators.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import type { CausalLMSignature } from "../generate/causalLMSignature.ts";
import { FreshCache } from "../generate/freshCache.ts";
import { InPlaceCache } from "../generate/inPlaceCache.ts";
import { cacheBytes, type KeyValueCache } from "../generate/keyValueCache.ts";
import type { Session } from "../runtime/session.ts";
import { SlotLedger, type SlotStore } from "./slotLedger.ts";
import type {
  HiddenStates,
  HiddenStatesOptions,
  ReadOptions,
  SavedTokens,
  SlotRuntime,
  StepEntry,
} from "./slotRuntime.ts";
import { HIDDEN_STATES, int64, piecesOf, scalar } from "./tokenRuns.ts";

/** What a runtime is made of. */
export interface SequentialSlotsParts {
  readonly session: Session;
  readonly signature: CausalLMSignature;
  readonly slots: number;
  readonly blockSize: number;
  /** Numbers of a token's hidden state, where the model gives it. */
  readonly hiddenSize: number | undefined;
  readonly reason: string;
}

type Wanted = "none" | "last" | "all" | "hidden";

export class SequentialSlots implements SlotRuntime {
  readonly mode = "sequential";
  readonly reason: string;
  readonly signature: CausalLMSignature;
  readonly slots: number;
  readonly blockSize: number;
  readonly bytesPerSlot: number;
  readonly hiddenStates: SlotRuntime["hiddenStates"];
  readonly #parts: SequentialSlotsParts;
  readonly #keepsLogits: boolean;
  readonly #store: CacheStore;
  readonly #ledger: SlotLedger;

  constructor(parts: SequentialSlotsParts) {
    const { session, signature, slots, blockSize, reason } = parts;
    this.#parts = parts;
    this.reason = reason;
    this.signature = signature;
    this.slots = slots;
    this.blockSize = blockSize;
    this.#keepsLogits = signature.keepsLogits && session.optionalInputNames?.includes("num_logits_to_keep") === true;
    // One slot more, for the text that stands in none.
    this.#store = new CacheStore(slots + 1, () => this.#newCache());
    this.#ledger = new SlotLedger(this, this.#store);
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
      const cache = this.#store.cacheOf(slot);
      for (const { from, to } of piecesOf(tokens.length)) {
        const isLast = to === tokens.length;
        const wanted = scores === "all" || (scores === "last" && isLast) ? scores : "none";
        const data = await this.#run(cache, Array.prototype.slice.call(tokens, from, to), { wanted, signal, least: 2 });
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
    this.#ledger.beginStep(entries);
    const logits: Float32Array[] = [];
    try {
      for (const { slot, token } of entries) {
        logits.push(await this.#run(this.#store.cacheOf(slot), [token], { wanted: "last", signal, least: 1 }));
      }
    } catch (error) {
      for (const { slot } of entries.slice(0, logits.length)) {
        this.#store.setLength(slot, this.#store.lengthOf(slot) - 1);
      }
      throw error;
    } finally {
      this.#ledger.endStep();
    }
    return logits;
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
      const cache = this.#store.cacheOf(this.slots);
      const data = new Float32Array(tokens.length * size);
      for (const { from, to } of piecesOf(tokens.length)) {
        const piece = Array.prototype.slice.call(tokens, from, to) as number[];
        data.set(await this.#run(cache, piece, { wanted: "hidden", signal, least: 2 }), from * size);
      }
      length = begin + tokens.length;
      return { data, size };
    } finally {
      this.#ledger.endText(length);
    }
  }

  /** Tokens behind those of a cache, and what is wanted of them; filled up to `least` by tokens that mean nothing. */
  async #run(
    cache: KeyValueCache,
    tokens: readonly number[],
    { wanted, signal, least }: { wanted: Wanted; signal: AbortSignal | undefined; least: number },
  ): Promise<Float32Array> {
    const count = tokens.length;
    const before = cache.length;
    // As in `batchedSlots.ts`: an odd number that is read has one more behind it.
    const T = least === 1 ? count : Math.max(least, count + (count % 2));
    const ids = new BigInt64Array(T);
    const positions = new BigInt64Array(T);
    for (let t = 0; t < T; t++) {
      ids[t] = BigInt(tokens[Math.min(t, count - 1)]);
      positions[t] = BigInt(before + Math.min(t, count - 1));
    }
    const kept = wanted === "all" || !this.#keepsLogits ? T : least;
    const isHidden = wanted === "hidden";
    const size = isHidden ? (this.#parts.hiddenSize ?? 0) : this.vocabSize;
    const numbers = isHidden ? T : kept;
    const value: TensorValue = {
      dtype: "float32",
      shape: [1, numbers, size],
      data: new Float32Array(wanted === "none" ? 0 : numbers * size),
    };
    const { feeds, fetches, finish } = cache.run(T);
    const outputs = await this.#parts.session.run(
      {
        input_ids: int64([1, T], ids),
        position_ids: int64([1, T], positions),
        attention_mask: int64([1, before + T], new BigInt64Array(before + T).fill(1n)),
        ...(this.#keepsLogits && { num_logits_to_keep: scalar(kept) }),
        ...feeds,
      },
      { ...fetches, ...(wanted !== "none" && { [isHidden ? HIDDEN_STATES : "logits"]: value }) },
      { signal },
    );
    finish(outputs);
    if (T > count) cache.truncate(before + count);
    const data = value.data as Float32Array;
    const end = numbers - (T - count);
    return wanted === "none" ? data : data.subarray(wanted === "last" ? (end - 1) * size : 0, end * size);
  }

  #newCache(): KeyValueCache {
    const { signature, blockSize } = this.#parts;
    const sizes = { rows: 1, longest: blockSize + 1 };
    return signature.cacheInPlace ? new InPlaceCache(signature, sizes) : new FreshCache(signature, sizes);
  }
}

/** A cache for each slot that holds tokens. */
class CacheStore implements SlotStore {
  readonly #caches: (KeyValueCache | undefined)[];
  readonly #create: () => KeyValueCache;

  constructor(slots: number, create: () => KeyValueCache) {
    this.#caches = Array.from({ length: slots }, () => undefined);
    this.#create = create;
  }

  cacheOf(slot: number): KeyValueCache {
    return (this.#caches[slot] ??= this.#create());
  }

  lengthOf(slot: number): number {
    return this.#caches[slot]?.length ?? 0;
  }

  setLength(slot: number, length: number): void {
    if (length === 0) this.#caches[slot] = undefined;
    else if (length < this.lengthOf(slot)) this.#caches[slot]?.truncate(length);
  }

  copyOut(slot: number, from: number, to: number): Float32Array[] {
    return this.cacheOf(slot).copyOut(from, to);
  }

  copyIn(slot: number, _at: number, parts: readonly Float32Array[]): void {
    this.cacheOf(slot).copyIn(parts);
  }
}
