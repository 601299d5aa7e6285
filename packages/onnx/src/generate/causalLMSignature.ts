/**
 * What a model file says about itself as a causal language model with a KV cache: read off its inputs, outputs and
 * metadata, in the names that optimum and transformers.js use.
 *
 * Only declared types are looked at; whether the graph computes anything sensible is for the runtime to say.
 */

import { described } from "../format/described.ts";
import type { OnnxModel, OnnxNode } from "../format/model.ts";
import type { OnnxTensorType, OnnxValueInfo } from "../format/valueInfo.ts";

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
  const inputs = new Map(model.graph.inputs.map((info) => [info.name, info]));
  const outputs = new Map(model.graph.outputs.map((info) => [info.name, info]));
  const expectInt64 = (name: string): void => void tensorOf(inputs, "input", name, "int64", 2);
  ["input_ids", "attention_mask", "position_ids"].forEach(expectInt64);

  const nLayer = model.graph.inputs.filter(({ name }) => /^past_key_values\.\d+\.key$/.test(name)).length;
  if (nLayer < 1 || nLayer > maxLayers) fail(`an input past_key_values.N.key for each layer`, `${nLayer} of them`);
  const [, nKvHead, , headDim] = cacheShape(inputs, "input", "past_key_values.0.key");
  for (let layer = 0; layer < nLayer; layer++) {
    for (const part of ["key", "value"]) {
      for (const [kind, infos, prefix] of [
        ["input", inputs, "past_key_values"],
        ["output", outputs, "present"],
      ] as const) {
        const name = `${prefix}.${layer}.${part}`;
        const [, heads, , size] = cacheShape(infos, kind, name);
        if (heads !== nKvHead || size !== headDim) {
          fail(`${kind} ${name} to have ${nKvHead} heads of ${headDim}`, `${heads} of ${size}`);
        }
      }
    }
  }
  // Buffers are made by what is declared here, before the runtime is asked.
  const cacheSize = 2 * nLayer * nKvHead * headDim;
  if (cacheSize > maxCacheSize) fail(`a cache of at most ${maxCacheSize} numbers for each token`, String(cacheSize));
  const keepsLogits = inputs.has(LOGITS_TO_KEEP);
  if (keepsLogits) tensorOf(inputs, "input", LOGITS_TO_KEEP, "int64", 0);
  const known = new Set(["input_ids", "attention_mask", "position_ids", LOGITS_TO_KEEP]);
  const stray = [...inputs.keys()].find((name) => !known.has(name) && !name.startsWith("past_key_values."));
  if (stray !== undefined) fail("no inputs but tokens, mask, positions and cache", described(stray));

  const vocabSize = tensorOf(outputs, "output", "logits", "float32", 3)[2];
  if (!isSize(vocabSize)) fail("output logits to have a fixed last axis", described(vocabSize));
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
      if (name.startsWith("past_key_values.")) readers.set(name, [...(readers.get(name) ?? []), node]);
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

type Infos = ReadonlyMap<string, OnnxValueInfo>;

function cacheShape(infos: Infos, kind: string, name: string): [unknown, number, unknown, number] {
  const [B, heads, T, size] = tensorOf(infos, kind, name, "float32", 4);
  if (!isSize(heads) || !isSize(size)) {
    fail(
      `${kind} ${name} to have numbers as axes 1 (heads) and 3 (size of a head)`,
      `${described(heads)} and ${described(size)}`,
    );
  }
  return [B, heads, T, size];
}

function tensorOf(infos: Infos, kind: string, name: string, dataType: string, rank: number): readonly unknown[] {
  const info = infos.get(name);
  if (info === undefined) fail(`an ${kind} ${name}`, "none");
  const { dataType: actual, shape } = info as Partial<OnnxTensorType>;
  if (actual !== dataType || shape?.length !== rank) {
    fail(
      `${kind} ${name} to be ${dataType} of ${rank} axes`,
      `${String(actual)} of ${shape?.length ?? "unknown"} axes`,
    );
  }
  return shape;
}

function readBlockSize({ metadata }: OnnxModel): number | undefined {
  if (!Object.hasOwn(metadata, "block_size")) return undefined;
  const blockSize = Number(metadata["block_size"]);
  if (!isSize(blockSize)) fail("metadata block_size to be an integer >= 1", described(metadata["block_size"]));
  return blockSize;
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}

function fail(expected: string, got: string): never {
  throw new RangeError(
    `causalLMSignature: expected ${expected}, got ${got}; is this a causal language model with a cache?`,
  );
}
