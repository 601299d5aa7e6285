/**
 * Exported attention over a cache that a runtime can keep in place, against the reference engine: rows of different lengths padded on
 * the left, a prompt and then token by token, with past buffers that are just full and ones that are longer.
 */

import {
  alibiBias,
  GroupedQueryAttention,
  type GroupedQueryAttentionOptions,
  type GroupedQueryContext,
  MultiHeadAttention,
  rotaryFrequencies,
  rotationAt,
} from "@llm-learning/attention";
import { Rng } from "@llm-learning/init";
import {
  cast,
  type Dim,
  evaluateFloat64,
  type Graph,
  Parameter,
  reshape,
  rmsNorm,
  type Tensor,
  type TensorValue,
  trace,
} from "@llm-learning/nn-core";
import { encodeModel, lowerGraph, type OnnxModel } from "@llm-learning/onnx";
import { createOrtSession } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

// GroupQueryAttention wants heads of a multiple of 8 features.
const [B, T, C, H, D] = [3, 6, 12, 4, 8];
/** Tokens of padding before each text; their keys and queries are nobody's business. */
const pads = [0, 2, 3];

type Layer = GroupedQueryAttention | MultiHeadAttention;

interface Variant {
  readonly name: string;
  readonly layer: Layer;
  /** Dimensions are all tokens and the new ones. */
  readonly context?: (positions: Tensor, tokens: Dim, listeners: Dim) => GroupedQueryContext;
}

const norm = (): { weight: Parameter; forward(x: Tensor): Tensor } => {
  const weight = new Parameter([D], { init: (data) => data.set([0.5, 1, 1.5, 2, 1, 1, 3, 1]) });
  return { weight, forward: (x) => rmsNorm(x, weight) };
};

const grouped = (options: Partial<GroupedQueryAttentionOptions> = {}): GroupedQueryAttention => {
  const sizes = { rng: new Rng(7), numHeads: H, numKeyValueHeads: 2, headDim: D, causal: true };
  const layer = new GroupedQueryAttention(C, { ...sizes, ...options });
  layer.sinks?.data.set([0.5, -1, 0, 2]);
  return layer;
};

const turned = (positions: Tensor) => ({ rotation: rotationAt(positions, rotaryFrequencies(D)) });

const variants: readonly Variant[] = [
  {
    name: "multi-head attention",
    layer: new MultiHeadAttention(H * D, { rng: new Rng(3), numHeads: H, causal: true }),
  },
  { name: "grouped queries", layer: grouped(), context: turned },
  { name: "one head of keys", layer: grouped({ numKeyValueHeads: 1 }), context: turned },
  { name: "as many heads of keys", layer: grouped({ numKeyValueHeads: H }), context: turned },
  { name: "normed queries and keys", layer: grouped({ queryNorm: norm(), keyNorm: norm() }), context: turned },
  {
    name: "half of each head turned",
    layer: grouped(),
    context: (positions) => ({ rotation: rotationAt(positions, rotaryFrequencies(D / 2)) }),
  },
  { name: "a soft cap and a scale", layer: grouped({ softCap: 0.5, scale: 0.6 }), context: turned },
  { name: "a window", layer: grouped({ window: 2 }), context: turned },
  { name: "sinks", layer: grouped({ sinks: true, qkvBias: true, outputBias: true }), context: turned },
  { name: "sinks and a window", layer: grouped({ sinks: true, window: 3 }), context: turned },
  {
    name: "ALiBi",
    layer: grouped(),
    context: (_, tokens, listeners) => ({ bias: alibiBias(H, tokens, { listeners }) }),
  },
];

const widthOf = (layer: Layer): number => (layer instanceof MultiHeadAttention ? H * D : C);
const keyHeads = (layer: Layer): number => (layer instanceof MultiHeadAttention ? H : layer.numKeyValueHeads);

/** All at once, at known lengths. */
function plainGraph({ layer, context }: Variant): Graph {
  const inputs = {
    x: { shape: [B, T, widthOf(layer)] },
    positions: { shape: [B, T], dtype: "int64" },
    attention_mask: { shape: [B, T], dtype: "int64" },
  } as const;
  return trace(inputs, ({ x, positions, attention_mask }) => {
    const mask = reshape(cast(attention_mask, "bool"), [B, 1, 1, T]);
    return { output: layer.forward(x, { ...context?.(positions, T, T), mask }).output };
  });
}

function cachedGraph({ layer, context }: Variant): Graph {
  const [length, total] = ["sequence_length", "total_sequence_length"];
  const cache = { shape: ["batch_size", keyHeads(layer), "past_sequence_length", D] };
  const inputs = {
    x: { shape: ["batch_size", length, widthOf(layer)] },
    positions: { shape: ["batch_size", length], dtype: "int64" },
    attention_mask: { shape: ["batch_size", total], dtype: "int64" },
    past_key: cache,
    past_value: cache,
  } as const;
  return trace(inputs, ({ x, positions, attention_mask, past_key, past_value }) => {
    const { output, present } = layer.forward(x, {
      ...context?.(positions, total, length),
      mask: reshape(cast(attention_mask, "bool"), ["batch_size", 1, 1, total]),
      past: { key: past_key, value: past_value },
      totalLength: total,
    });
    return { output, key: present.key, value: present.value };
  });
}

const inPlace = (variant: Variant): OnnxModel =>
  lowerGraph(cachedGraph(variant), { parameters: "initializers", contrib: true, inPlaceCache: true }).model;

const rows = Array.from({ length: B }, (_, b) => b);
const row = (count: number, at: (t: number) => number): bigint[] =>
  Array.from({ length: count }, (_, t) => BigInt(at(t)));
const positions = rows.map((b) => row(T, (t) => Math.max(0, t - pads[b])));
const attentionMask = rows.map((b) => row(T, (t) => Number(t >= pads[b])));

/** `cache` `[B, heads, P, D]` as a buffer of `length` places, full of what nobody may read behind the first P. */
function inBuffer({ data, shape }: TensorValue, length: number): TensorValue {
  const P = shape[2];
  const buffer = new Float32Array(shape[0] * shape[1] * length * D).fill(99);
  for (let head = 0; head < shape[0] * shape[1]; head++) {
    const kept = (data as Float32Array).subarray(head * P * D, head * P * D + Math.min(P, length) * D);
    buffer.set(kept, head * length * D);
  }
  return { dtype: "float32", shape: [shape[0], shape[1], length, D], data: buffer };
}

describe.each(variants.map((variant) => [variant.name, variant] as const))(
  "a cache kept in place, %s",
  (_, variant) => {
    const { layer } = variant;
    const width = widthOf(layer);
    const rng = new Rng(8);
    const x = Float32Array.from({ length: B * T * width }, () => rng.normal());
    const part = (b: number, start: number, end: number) => x.subarray((b * T + start) * width, (b * T + end) * width);

    it.each([
      ["just full", undefined],
      ["of ten places", 10],
    ])("has the reference's output, with buffers %s", async (_buffers, places) => {
      const feeds = {
        x,
        positions: BigInt64Array.from(positions.flat()),
        attention_mask: BigInt64Array.from(attentionMask.flat()),
      };
      const { output: expected } = evaluateFloat64(plainGraph(variant), feeds);
      const session = await createOrtSession(encodeModel(inPlace(variant)), { threads: 1, strictShapes: true });
      let past: TensorValue[] = ["key", "value"].map(() => ({
        dtype: "float32",
        shape: [B, keyHeads(layer), 0, D],
        data: new Float32Array(),
      }));
      for (const [start, end] of [
        [0, 4],
        [4, 5],
        [5, 6],
      ]) {
        const [key, value] = past.map((cache) => inBuffer(cache, places ?? start));
        const int64 = (values: bigint[][]): TensorValue => ({
          dtype: "int64",
          shape: [B, values[0].length],
          data: BigInt64Array.from(values.flat()),
        });
        const result = await session.run({
          x: {
            dtype: "float32",
            shape: [B, end - start, width],
            data: Float32Array.from(rows.flatMap((b) => [...part(b, start, end)])),
          },
          positions: int64(positions.map((ids) => ids.slice(start, end))),
          attention_mask: int64(attentionMask.map((bits) => bits.slice(0, end))),
          past_key: key,
          past_value: value,
        });
        for (const b of rows) {
          const first = Math.max(start, pads[b]);
          const wide = width;
          const wanted = expected.data.slice((b * T + first) * wide, (b * T + end) * wide);
          const from = (b * (end - start) + first - start) * wide;
          const got = (result.output.data as Float32Array).slice(from, from + wanted.length);
          // Sums of a dozen terms of size 1, rounded by 6e-8 each, through three products.
          expect(got, `row ${b}, tokens ${start} to ${end}`).toBeAllclose(wanted, { atol: 1e-5 });
        }
        expect(result.key.shape).toEqual([B, keyHeads(layer), places ?? end, D]);
        past = [result.key, result.value];
      }
      await session.dispose();
    });

    it("is one operator, and moves no heads", () => {
      const types = inPlace(variant).graph.nodes.map(({ opType }) => opType);
      const attention = ["GroupQueryAttention", "Softmax"];
      expect(types.filter((type) => attention.includes(type))).toEqual(["GroupQueryAttention"]);
      // Those of the weights, which the runtime does when it loads them.
      expect(types.filter((type) => type === "Transpose")).toHaveLength(layer instanceof MultiHeadAttention ? 2 : 4);
    });
  },
);
