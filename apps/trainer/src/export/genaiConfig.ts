/**
 * `genai_config.json`: how onnxruntime-genai is to run the ONNX model of a directory.
 *
 * @see https://onnxruntime.ai/docs/genai/reference/config.html
 */

import type { CausalLM } from "@llm-learning/models";
import { causalLMSignature, type OnnxModel } from "@llm-learning/onnx";
import type { Tokenizer } from "@llm-learning/tokenizers";
import type { TextConventions } from "./textConventions.ts";

/** Types that it knows by name; a GPT-2 there has a cache of another form than ours. */
const namedTypes: readonly string[] = ["llama", "qwen3"];

export interface GenaiFacts {
  /** `model_type` of `config.json`. */
  readonly modelType: string;
  readonly tokenizer: Tokenizer;
  readonly conventions: TextConventions;
  readonly onnx: OnnxModel;
}

/**
 * The content of the file.
 *
 * It demands a token that ends a text, and takes the last token of a prompt that is not padding for its end. So what pads is a token
 * that no text has, and where nothing else ends a text that one does.
 */
export function genaiConfig(model: CausalLM, { modelType, tokenizer, conventions, onnx }: GenaiFacts): object {
  const { vocabSize, blockSize, nHead, nEmbd } = model.config;
  const { layers, heads, headDim } = model.cacheSizes;
  const { bosTokenId, eosTokenIds } = conventions;
  const filler = fillerToken(tokenizer, conventions);
  return {
    model: {
      type: namedTypes.includes(modelType) ? modelType : "decoder",
      bos_token_id: bosTokenId ?? filler,
      eos_token_id: eosTokenIds.length > 0 ? eosTokenIds : filler,
      pad_token_id: filler,
      context_length: blockSize,
      vocab_size: vocabSize,
      decoder: {
        session_options: { log_id: "onnxruntime-genai", provider_options: [] },
        filename: "onnx/model.onnx",
        head_size: headDim,
        hidden_size: nEmbd,
        num_attention_heads: nHead,
        num_hidden_layers: layers,
        num_key_value_heads: heads,
        inputs: {
          input_ids: "input_ids",
          attention_mask: "attention_mask",
          position_ids: "position_ids",
          past_key_names: "past_key_values.%d.key",
          past_value_names: "past_key_values.%d.value",
        },
        outputs: {
          logits: "logits",
          present_key_names: "present.%d.key",
          present_value_names: "present.%d.value",
        },
      },
    },
    search: {
      do_sample: false,
      temperature: 1,
      top_k: 50,
      top_p: 1,
      num_beams: 1,
      num_return_sequences: 1,
      repetition_penalty: 1,
      length_penalty: 1,
      diversity_penalty: 0,
      no_repeat_ngram_size: 0,
      min_length: 0,
      max_length: blockSize,
      early_stopping: true,
      // GroupQueryAttention adds to the cache in place; a standard operator needs room for the longer one beside it.
      past_present_share_buffer: causalLMSignature(onnx).cacheInPlace,
    },
  };
}

/**
 * A token that texts do not have: the byte 0xFF, which is no part of UTF-8; else the one that pads; else, of characters, a symbol such as $,
 * a digit, or the last one.
 */
export function fillerToken(tokenizer: Tokenizer, { padTokenId }: Pick<TextConventions, "padTokenId">): number {
  const byte = ["ÿ", "<0xFF>"].map((token) => tokenizer.tokenToId(token)).find((id) => id !== undefined);
  if (byte !== undefined && tokenizer.decode([byte]) === "\ufffd") return byte;
  if (padTokenId !== null) return padTokenId;
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id);
  const spelled = (pattern: RegExp): number | undefined => ids.find((id) => pattern.test(textOf(tokenizer, id)));
  return spelled(/^\p{S}$/u) ?? spelled(/^\p{N}$/u) ?? tokenizer.vocabSize - 1;
}

/** The text of a token; empty where an id has none. */
function textOf(tokenizer: Tokenizer, id: number): string {
  try {
    return tokenizer.decode([id]);
  } catch {
    return "";
  }
}
