/**
 * A causal language model with a cache of slots: what a server needs to run many sequences at once, each joining and leaving when it
 * will. Which sequence is in which slot, and who is next, is the caller's to decide.
 *
 * The scores of a sequence are the same bits whether it runs alone or beside others, in whichever slot, whatever the pieces in which its
 * prompt was read, and whether its first tokens were restored from a copy. `openSlotRuntime` opens one.
 */

import type { CausalLMSignature } from "../generate/causalLMSignature.ts";

/** Which scores a reading gives: of the last token, of all, or none, which spares the work. */
export type Scores = "none" | "last" | "all";

/** Options of {@link SlotRuntime.read}. */
export interface ReadOptions {
  /** @defaultValue "last" */
  readonly scores?: Scores | undefined;
  /** Ends the reading, between two pieces of it or two operators; the slot then holds what it held before. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `SlotRuntime.hiddenStates`. */
export interface HiddenStatesOptions {
  /**
   * How many tokens of the text were read by the calls before: 0 begins another text.
   *
   * @defaultValue 0
   */
  readonly from?: number | undefined;
  /** Ends the reading, between two pieces of it or two operators; as much of the text is read as was before. */
  readonly signal?: AbortSignal | undefined;
}

/** Hidden states of tokens. */
export interface HiddenStates {
  /** `[count, size]`. */
  readonly data: Float32Array;
  readonly size: number;
}

/** A token that is to be put behind those of a slot. */
export interface StepEntry {
  readonly slot: number;
  readonly token: number;
}

/** Keys and values of consecutive tokens of a sequence, copied out of a slot. They belong to the model that they came from. */
export interface SavedTokens {
  /** How many tokens there are. */
  readonly length: number;
  /** The place of the first of them in its sequence: they may be restored behind that many tokens only. */
  readonly from: number;
  /** Memory that the copy takes. */
  readonly bytes: number;
  /** Of each layer, keys and then values: `[nKvHead, length, headDim]`. */
  readonly parts: readonly Float32Array[];
}

/** A causal language model whose cache has room for several sequences. One call at a time: await each before the next. */
export interface SlotRuntime {
  readonly signature: CausalLMSignature;
  readonly vocabSize: number;
  /** Most tokens of a slot. */
  readonly blockSize: number;
  /** How many sequences there is room for; they are numbered from 0. */
  readonly slots: number;
  /** Whether a step runs all its slots in one batch, or one after the other, as models need whose file cannot be told about rows of different lengths. */
  readonly mode: "batched" | "sequential";
  /** Why the mode is "sequential"; undefined where it is "batched". */
  readonly reason: string | undefined;
  /** Bytes of cache that a full slot takes. Memory is taken when it is first needed, and kept. */
  readonly bytesPerSlot: number;

  /** Tokens that a slot holds. */
  lengthOf(slot: number): number;

  /**
   * Reads tokens of one sequence behind those that the slot holds.
   *
   * Any number of calls with any number of tokens gives the same bits as one call with all tokens, so that a long prompt can be read
   * in pieces between the steps of others. A call is not ended by other work: give it as many tokens as may take the time.
   *
   * @param tokens - At least one.
   * @returns logits: `[V]` of the last token, `[count * V]` of all, or nothing, as `scores` says. Valid until the next call.
   * @throws RangeError for a slot or token that does not exist and for more tokens than there is room for; the signal's reason.
   */
  read(slot: number, tokens: ArrayLike<number>, options?: ReadOptions): Promise<Float32Array>;

  /**
   * One further token for each of several slots, as one batch.
   *
   * @param entries - Slots that hold at least one token, each once.
   * @returns logits `[V]` of each, in the order of the entries. Valid until the next call.
   * @throws RangeError for a slot or token that cannot be; the signal's reason, the slots then hold what they held before.
   */
  step(entries: readonly StepEntry[], signal?: AbortSignal): Promise<Float32Array[]>;

  /** Forgets all tokens of a slot but the first `length`. */
  truncate(slot: number, length: number): void;

  /**
   * A copy of the keys and values of the tokens at places `from` (inclusive) to `to` (exclusive), for a cache of prefixes.
   *
   * Only tokens that were read can be saved. A token that a step has put there has keys that are not the same bits as if it had been
   * read; a prompt with them in its beginning would be scored differently, depending on who spoke before.
   *
   * @throws RangeError for places that the slot does not hold or that a step has filled.
   */
  save(slot: number, from: number, to: number): SavedTokens;

  /**
   * Puts saved tokens behind those that the slot holds.
   *
   * @throws RangeError unless they stood at the same place in their own sequence, and where there is no room.
   */
  restore(slot: number, saved: SavedTokens): void;

  /**
   * The last hidden state of each token of a text that stands in no slot. Undefined where the model has no output `last_hidden_state`.
   *
   * A long text can be read in pieces, between which slots are read and stepped: the states are the same bits. There is one text at a time.
   *
   * @param tokens - At least one: the text, or its next piece.
   * @throws RangeError for a token that does not exist, for more tokens than `blockSize` and for a piece that is not the next; the signal's reason.
   */
  readonly hiddenStates?:
    | ((tokens: ArrayLike<number>, options?: HiddenStatesOptions) => Promise<HiddenStates>)
    | undefined;

  /** Frees the model. */
  dispose(): Promise<void>;
}
