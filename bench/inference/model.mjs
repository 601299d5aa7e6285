// A Llama of 100 million parameters for the measurements: the sizes of a small published model, with weights that are drawn.
//
// Drawn weights alone give scores so close to one another that rounding decides between tokens. Here the output layer knows the
// embedding of one token in particular for each token, so that the best token is the best by a margin that 4 bits leave standing,
// in every program alike; the end of a text is never it. Written in Hugging Face's form, which `llm-learning import` reads.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Rng } from "@llm-learning/init";
import { encodeSafetensors, safetensorsEntry } from "@llm-learning/nn-core";

export const sizes = {
  vocabSize: 16384,
  blockSize: 2304,
  nLayer: 12,
  nHead: 12,
  nKeyValueHead: 4,
  nEmbd: 768,
  nHidden: 2048,
};

/** The share of the known embedding in a row of the output layer; the rest is drawn. */
const knowledge = 0.4;
const endOfText = sizes.vocabSize - 1;

/**
 * @param {string} folder - Written: config.json, tokenizer.json, model.safetensors.
 * @returns {number} Parameters.
 */
export function writeModel(folder) {
  mkdirSync(folder, { recursive: true });
  const tensors = drawnTensors(new Rng(1));
  writeFileSync(join(folder, "config.json"), JSON.stringify(config(), null, 2));
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizer()));
  writeFileSync(join(folder, "model.safetensors"), encodeSafetensors(tensors, { format: "pt" }));
  return [...tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0);
}

function drawnTensors(rng) {
  const { vocabSize, nLayer, nHead, nKeyValueHead, nEmbd, nHidden } = sizes;
  const headDim = nEmbd / nHead;
  const tensors = new Map();
  const add = (name, data, ...shape) => tensors.set(name, safetensorsEntry(data, shape));
  const matrix = (name, rows, columns) => add(name, normal(rng, rows * columns, 0.02), rows, columns);
  const ones = (name) => add(name, new Float32Array(nEmbd).fill(1), nEmbd);

  const embedding = normal(rng, vocabSize * nEmbd, 1);
  add("model.embed_tokens.weight", embedding, vocabSize, nEmbd);
  for (let layer = 0; layer < nLayer; layer++) {
    const of = (name) => `model.layers.${layer}.${name}.weight`;
    ones(of("input_layernorm"));
    matrix(of("self_attn.q_proj"), nHead * headDim, nEmbd);
    matrix(of("self_attn.k_proj"), nKeyValueHead * headDim, nEmbd);
    matrix(of("self_attn.v_proj"), nKeyValueHead * headDim, nEmbd);
    matrix(of("self_attn.o_proj"), nEmbd, nHead * headDim);
    ones(of("post_attention_layernorm"));
    matrix(of("mlp.gate_proj"), nHidden, nEmbd);
    matrix(of("mlp.up_proj"), nHidden, nEmbd);
    matrix(of("mlp.down_proj"), nEmbd, nHidden);
  }
  ones("model.norm.weight");
  add("lm_head.weight", outputLayer(rng, embedding), vocabSize, nEmbd);
  return tensors;
}

/** Row `next(i)` holds a share of the embedding of token i. */
function outputLayer(rng, embedding) {
  const { vocabSize, nEmbd } = sizes;
  const rows = normal(rng, vocabSize * nEmbd, 0.02);
  for (let token = 0; token < vocabSize; token++) {
    const next = (token * 5 + 3) % vocabSize;
    for (let j = 0; j < nEmbd; j++) rows[next * nEmbd + j] += 0.02 * knowledge * embedding[token * nEmbd + j];
  }
  rows.fill(0, endOfText * nEmbd);
  return rows;
}

function normal(rng, length, standardDeviation) {
  return Float32Array.from({ length }, () => standardDeviation * rng.normal());
}

function config() {
  const { vocabSize, blockSize, nLayer, nHead, nKeyValueHead, nEmbd, nHidden } = sizes;
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    vocab_size: vocabSize,
    max_position_embeddings: blockSize,
    num_hidden_layers: nLayer,
    num_attention_heads: nHead,
    num_key_value_heads: nKeyValueHead,
    hidden_size: nEmbd,
    head_dim: nEmbd / nHead,
    intermediate_size: nHidden,
    hidden_act: "silu",
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: false,
    bos_token_id: endOfText,
    eos_token_id: endOfText,
    torch_dtype: "float32",
  };
}

/** Byte-level BPE whose merges are the first pairs of bytes there are: as many tokens as the model has. */
function tokenizer() {
  const alphabet = byteAlphabet();
  const merges = [];
  for (const first of alphabet) {
    for (const second of alphabet) {
      if (merges.length < endOfText - 256) merges.push([first, second]);
    }
  }
  const tokens = [...alphabet, ...merges.map((pair) => pair.join(""))];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: endOfText,
        content: "<|endoftext|>",
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

/** GPT-2's characters for the 256 bytes: printable ones stand for themselves, the others for those from U+0100 on. */
function byteAlphabet() {
  const isPrintable = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  let unprintable = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : 256 + unprintable++));
}
