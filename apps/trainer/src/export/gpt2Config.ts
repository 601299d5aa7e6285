/**
 * `config.json` of a GPT in the form that Hugging Face gives GPT-2.
 *
 * @see https://huggingface.co/docs/transformers/model_doc/gpt2
 */

import { boundaryToken } from "@llm-learning/datasets";
import type { GPT } from "@llm-learning/models";
import type { Tokenizer } from "@llm-learning/tokenizers";
import type { ExportOrigin } from "./exportModel.ts";

/** The content of `config.json`. */
export interface GPT2Config {
  readonly model_type: "gpt2";
  readonly architectures: readonly ["GPT2LMHeadModel"];
  readonly vocab_size: number;
  readonly n_positions: number;
  readonly n_ctx: number;
  readonly n_embd: number;
  readonly n_layer: number;
  readonly n_head: number;
  readonly n_inner: number | null;
  readonly activation_function: "gelu_new" | "gelu" | "relu";
  readonly resid_pdrop: number;
  readonly embd_pdrop: number;
  readonly attn_pdrop: number;
  readonly layer_norm_epsilon: number;
  readonly tie_word_embeddings: boolean;
  readonly bos_token_id: number | null;
  readonly eos_token_id: number | null;
  readonly use_cache: true;
  readonly torch_dtype: "float32";
  /** What wrote the directory, and from what; other readers pass over it. */
  readonly llm_learning: ExportOrigin;
}

/** Names there of the non-linearities. */
const hubActivations = { gelu: "gelu_new", "exact-gelu": "gelu", relu: "relu" } as const;

/** The content of `config.json` for `model`. */
export function gpt2Config(model: GPT, endOfText: number | null, origin: ExportOrigin): GPT2Config {
  const { vocabSize, blockSize, nEmbd, nLayer, nHead, nHidden, dropout, tieWeights, activation } = model.config;
  return {
    model_type: "gpt2",
    architectures: ["GPT2LMHeadModel"],
    vocab_size: vocabSize,
    n_positions: blockSize,
    n_ctx: blockSize,
    n_embd: nEmbd,
    n_layer: nLayer,
    n_head: nHead,
    n_inner: nHidden === 4 * nEmbd ? null : nHidden,
    activation_function: hubActivations[activation],
    resid_pdrop: dropout,
    embd_pdrop: dropout,
    attn_pdrop: dropout,
    layer_norm_epsilon: model.norm.eps,
    tie_word_embeddings: tieWeights,
    bos_token_id: endOfText,
    eos_token_id: endOfText,
    use_cache: true,
    torch_dtype: "float32",
    llm_learning: origin,
  };
}

/** The token that ends a text: of lines the boundary between them, else the tokenizer's own if it has one. */
export function endOfTextId(tokenizer: Tokenizer, { lines }: { lines: boolean }): number | null {
  return lines ? boundaryToken(tokenizer) : (tokenizer.specialTokens.get("<|endoftext|>") ?? null);
}
