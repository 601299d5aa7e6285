/**
 * What a model file says about itself as a causal language model with a KV cache: read off its inputs, outputs and
 * metadata, in the names that optimum and transformers.js use.
 *
 * Only declared types are looked at; whether the graph computes anything sensible is for the runtime to say.
 */

import { described } from "../format/described.ts";
import type { OnnxModel, OnnxNode } from "../format/model.ts";
import { DeclaredTensors, isSize } from "./declaredTensors.ts";

/** Sizes of a causal language model. */
export interface CausalLMSignature {
  readonly nLayer: number;
  /** Heads of keys and values. */
  readonly nKvHead: number;
  readonly headDim: number;
  readonly vocabSize: number;
  /** Longest context in tokens, where the file's metadata has `block_size`. */
  readonly blockSize: number | undefined;
  /** Whether a past cache and the present one may be the same memory, with room for more tokens than it holds. */
  readonly cacheInPlace: boolean;
  /** Whether it has the input `num_logits_to_keep`, so that it need not score every token of a prompt. */
  readonly keepsLogits: boolean;
}

/** A scalar: how many of the last tokens are scored. */
const LOGITS_TO_KEEP = "num_logits_to_keep";

/** Most layers that are believed; a file that declares more is damage or mischief. */
const maxLayers = 4096;

/** Most numbers that a token is believed to leave in the cache, six times those of the largest GPT-3, and most tokens of a vocabulary. */
const maxCacheSize = 2 ** 24;
const maxVocabSize = 2 ** 24;

/**
 * Reads the signature of a model.
 *
 * @throws RangeError naming the input, output or metadata that is missing or of another kind.
 */
export function causalLMSignature(model: OnnxModel): CausalLMSignature {
  const inputs = new DeclaredTensors("input", model.graph.inputs, fail);
  const outputs = new DeclaredTensors("output", model.graph.outputs, fail);
  for (const name of ["input_ids", "attention_mask", "position_ids"]) inputs.shapeOf(name, "int64", 2);

  const nLayer = model.graph.inputs.filter(({ name }) => /^past_key_values\.\d+\.key$/.test(name)).length;
  if (nLayer < 1 || nLayer > maxLayers) fail(`an input past_key_values.N.key for each layer`, `${nLayer} of them`);
  const [, nKvHead, , headDim] = cacheShape(inputs, "past_key_values.0.key");
  for (let layer = 0; layer < nLayer; layer++) {
    for (const part of ["key", "value"]) {
      for (const [tensors, prefix] of [
        [inputs, "past_key_values"],
        [outputs, "present"],
      ] as const) {
        const name = `${prefix}.${layer}.${part}`;
        const [, heads, , size] = cacheShape(tensors, name);
        if (heads !== nKvHead || size !== headDim) {
          fail(`${tensors.kind} ${name} to have ${nKvHead} heads of ${headDim}`, `${heads} of ${size}`);
        }
      }
    }
  }
  // Buffers are made by what is declared here, before the runtime is asked.
  const cacheSize = 2 * nLayer * nKvHead * headDim;
  if (cacheSize > maxCacheSize) fail(`a cache of at most ${maxCacheSize} numbers for each token`, String(cacheSize));
  const keepsLogits = inputs.has(LOGITS_TO_KEEP);
  if (keepsLogits) inputs.shapeOf(LOGITS_TO_KEEP, "int64", 0);
  const known = new Set(["input_ids", "attention_mask", "position_ids", LOGITS_TO_KEEP]);
  const stray = inputs.names.find((name) => !known.has(name) && !name.startsWith("past_key_values."));
  if (stray !== undefined) fail("no inputs but tokens, mask, positions and cache", described(stray));

  const vocabSize = outputs.lastSizeOf("logits", "float32", 3);
  if (vocabSize > maxVocabSize) fail(`output logits of at most ${maxVocabSize} tokens`, String(vocabSize));
  const cacheInPlace = extendsInPlace(model, nLayer);
  return { nLayer, nKvHead, headDim, vocabSize, blockSize: readBlockSize(model), cacheInPlace, keepsLogits };
}

/** Whether each layer's cache is read by nothing but a GroupQueryAttention that gives the present one. */
function extendsInPlace({ graph }: OnnxModel, nLayer: number): boolean {
  // What a branch or a loop reads is not looked at.
  if (graph.nodes.some(({ attributes }) => Object.values(attributes).some(({ type }) => type === "graph")))
    return false;
  const readers = new Map<string, OnnxNode[]>();
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      if (!name.startsWith("past_key_values.")) continue;
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  }
  return Array.from({ length: nLayer }, (_, layer) => layer).every((layer) => {
    const [key, value] = ["key", "value"].map((part) => readers.get(`past_key_values.${layer}.${part}`) ?? []);
    const [node] = key;
    const isOnly = key.length === 1 && value.length === 1 && value[0] === node;
    if (!isOnly || node.opType !== "GroupQueryAttention" || node.domain !== "com.microsoft") return false;
    if (!node.inputs[3]?.endsWith(".key") || !node.inputs[4]?.endsWith(".value")) return false;
    return node.outputs[1] === `present.${layer}.key` && node.outputs[2] === `present.${layer}.value`;
  });
}

function cacheShape(tensors: DeclaredTensors, name: string): [unknown, number, unknown, number] {
  const [B, heads, T, size] = tensors.shapeOf(name, "float32", 4);
  if (!isSize(heads) || !isSize(size)) {
    fail(
      `${tensors.kind} ${name} to have numbers as axes 1 (heads) and 3 (size of a head)`,
      `${described(heads)} and ${described(size)}`,
    );
  }
  return [B, heads, T, size];
}

function readBlockSize({ metadata }: OnnxModel): number | undefined {
  if (!Object.hasOwn(metadata, "block_size")) return undefined;
  const blockSize = Number(metadata["block_size"]);
  if (!isSize(blockSize)) fail("metadata block_size to be an integer >= 1", described(metadata["block_size"]));
  return blockSize;
}

function fail(expected: string, got: string): never {
  throw new RangeError(
    `causalLMSignature: expected ${expected}, got ${got}; is this a causal language model with a cache?`,
  );
}
