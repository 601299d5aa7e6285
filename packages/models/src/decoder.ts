/**
 * What all decoders of tokens have in common, whatever their blocks are: a forward pass with a KV cache.
 */

import type { KeyValueCache } from "@llm-learning/attention";
import { checkpoint, type Tensor, type Training } from "@llm-learning/nn-core";
import type { LanguageModel } from "./languageModel.ts";

/**
 * How many queries of a text listen at a time where lengths are numbers, as in training: texts that are longer need memory in proportion
 * to their length, not its square.
 */
export const attentionChunk = 512;

/** What one forward pass is given besides its tokens. */
export interface DecoderContext {
  /** Given in training: dropout is drawn from it. */
  training?: Training | undefined;
  /** Position of each token, int32 or int64 `[B, T]`. @defaultValue P, P + 1, P + 2, ...: those after the cache */
  positionIds?: Tensor | undefined;
  /** bool, broadcasting to `[B, H, T, P + T]`: false hides a token, such as padding. */
  mask?: Tensor | undefined;
  /** One cache for each block, of the P tokens before. */
  past?: readonly KeyValueCache[] | undefined;
  /** Name of the length P + T, where it is not a number. */
  totalLength?: string | undefined;
}

/** Sizes of a KV cache, `[B, heads, P, headDim]` for keys and as much for values in each of the layers. */
export interface CacheSizes {
  readonly layers: number;
  /** Heads of keys and values. */
  readonly heads: number;
  readonly headDim: number;
}

/** What one forward pass gives. */
export interface DecoderResult {
  /** Scores of the next token after each token, `[B, T, V]`. */
  readonly logits: Tensor;
  /** The cache of each block for the tokens to come. */
  readonly present: KeyValueCache[];
  /** What the last block gives, `[B, T, C]`, in front of the model's `norm`. */
  readonly residual: Tensor;
}

/** A language model that reads token after token, keeping what it has heard: GPT, Llama. */
export interface CausalLM extends LanguageModel {
  readonly config: LanguageModel["config"] & {
    readonly nLayer: number;
    readonly nHead: number;
    readonly nEmbd: number;
  };
  readonly cacheSizes: CacheSizes;
  /** The normalization behind the last block. */
  readonly norm: { forward(x: Tensor): Tensor };
  forward(inputIds: Tensor, context?: DecoderContext): DecoderResult;
}

/** What a block gives: the residual stream behind it, and its cache. */
interface BlockResult {
  readonly output: Tensor;
  readonly present: KeyValueCache;
}

/** What `block` gives for `x`, computed again for the backward pass where training asks for that. */
export function throughBlock(x: Tensor, block: (x: Tensor) => BlockResult, training?: Training): BlockResult {
  if (training?.checkpointing !== true) return block(x);
  let present: KeyValueCache | undefined;
  const output = checkpoint(
    (input) => {
      const result = block(input);
      present ??= result.present;
      return result.output;
    },
    [x],
    training,
  );
  return { output, present: present! };
}

/** Whether a model keeps a KV cache. */
export function isCausalLM(model: LanguageModel): model is CausalLM {
  return "cacheSizes" in model;
}

/**
 * The number of tokens in the cache.
 *
 * @throws RangeError for a cache of another number of blocks.
 */
export function pastLength(
  caller: string,
  { past }: DecoderContext,
  { layers }: Pick<CacheSizes, "layers">,
): KeyValueCache["key"]["shape"][number] {
  if (past !== undefined && past.length !== layers) {
    throw new RangeError(`${caller}: expected a cache of ${layers} blocks, got ${past.length}`);
  }
  return past?.[0].key.shape[2] ?? 0;
}
