/**
 * Attention in all its variants: forward and gradients against PyTorch and transformers, and against a loop over pairs of tokens that
 * is written here.
 */

import { readFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import {
  type AttentionOptions,
  constant,
  elementCount,
  evaluateFloat64,
  grad,
  type Graph,
  graphOf,
  input,
  mul,
  referenceEngine,
  scaledDotProductAttention,
  sum,
  type Tensor,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface FixtureArray {
  shape: number[];
  data: number[];
}

interface FixtureCase {
  name: string;
  options: Pick<AttentionOptions, "causal" | "scale" | "window" | "softCap">;
  inputs: Record<string, FixtureArray>;
  mask: FixtureArray | null;
  cotangent: number[];
  output: number[];
  gradients: Record<string, number[]>;
}

const path = new URL("../fixtures/attention/attention.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: FixtureCase[] };

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

/** Output and gradients of sum(output * cotangent) by every input. */
function graphOfCase(inputs: Record<string, readonly number[]>, options: AttentionOptions): Graph {
  const tensors = Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, input(name, shape)]));
  const { q, k, v, ...operands } = tensors as Record<"q" | "k" | "v", Tensor>;
  const { output } = scaledDotProductAttention(q, k, v, { ...options, ...operands });
  const loss = sum(mul(output, input("cotangent", output.shape)));
  const names = Object.keys(tensors);
  const gradients = grad(loss, Object.values(tensors));
  return graphOf({ output, ...Object.fromEntries(names.map((name, index) => [name, gradients[index]])) });
}

describe("scaledDotProductAttention computes what PyTorch and transformers compute, gradients included", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const mask = one.mask && constant(Uint8Array.from(one.mask.data), one.mask.shape);
    const shapes = Object.fromEntries(Object.entries(one.inputs).map(([name, { shape }]) => [name, shape]));
    const graph = graphOfCase(shapes, { ...one.options, ...(mask && { mask }) });
    // 9 digits name a float32 value exactly.
    const given = Object.entries(one.inputs).map(([name, { data }]) => [name, Float32Array.from(data)] as const);
    const feeds = { ...Object.fromEntries(given), cotangent: Float32Array.from(one.cotangent) };
    const double = evaluateFloat64(graph, feeds);
    const single = await (await referenceEngine().compile(graph)).run(feeds);
    // The fixture has 9 digits; under a soft cap transformers takes the softmax in float32, which has 7.
    const digits = one.options.softCap === undefined ? 1e-8 : 5e-7;
    for (const [name, expected] of Object.entries({ output: one.output, ...one.gradients })) {
      expect(double[name].data, name).toBeAllclose(expected, { atol: digits * largest(expected) });
      // Roundings of 6e-8 each, through products of numbers of size 1 and a softmax.
      expect(single[name].data, name).toBeAllclose(expected, { atol: 3e-6 * largest(expected) });
    }
  });
});

type Values = Record<string, Float64Array>;
type Shapes = Record<string, readonly number[]>;

const [B, H, HKV, TQ, TK, D, DV] = [2, 4, 2, 3, 5, 3, 2];
const SCALE = 0.4;

/** Attention as a loop over pairs of tokens; `bias` is [H, 1, Tk], `mask` [B, 1, 1, Tk]. */
function attendInLoops(values: Values, options: AttentionOptions, mask?: Uint8Array): Float64Array {
  const { q, k, v, bias, sinks } = values;
  const { causal = false, window = Infinity, softCap } = options;
  const heads = k.length / (B * TK * D);
  const output = new Float64Array(B * H * TQ * DV);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const spoken = b * heads + Math.floor((h * heads) / H); // whose keys and values this head hears
      for (let i = 0; i < TQ; i++) {
        const position = TK - TQ + i;
        let total = sinks === undefined ? 0 : Math.exp(sinks[h]);
        const heard = new Float64Array(DV);
        for (let j = 0; j < TK; j++) {
          if (causal && j > position) continue;
          if (Math.abs(position - j) >= window) continue;
          if (mask !== undefined && mask[b * TK + j] === 0) continue;
          let score = 0;
          for (let d = 0; d < D; d++) score += SCALE * q[((b * H + h) * TQ + i) * D + d] * k[(spoken * TK + j) * D + d];
          if (softCap !== undefined) score = softCap * Math.tanh(score / softCap);
          if (bias !== undefined) score += bias[h * TK + j];
          total += Math.exp(score);
          for (let d = 0; d < DV; d++) heard[d] += Math.exp(score) * v[(spoken * TK + j) * DV + d];
        }
        for (let d = 0; d < DV; d++) output[((b * H + h) * TQ + i) * DV + d] = total === 0 ? 0 : heard[d] / total;
      }
    }
  }
  return output;
}

describe("scaledDotProductAttention computes what a loop over pairs of tokens computes", () => {
  const heads = (Hkv: number): Shapes => ({ q: [B, H, TQ, D], k: [B, Hkv, TK, D], v: [B, Hkv, TK, DV] });
  const bias = { bias: [H, 1, TK] };
  const sinks = { sinks: [H] };
  const mask = Uint8Array.of(1, 0, 1, 1, 0, 0, 1, 1, 1, 1); // [B, 1, 1, Tk]

  it.each<[string, Shapes, AttentionOptions, Uint8Array?]>([
    ["every pair", heads(H), {}],
    ["causal", heads(H), { causal: true }],
    ["a causal window", heads(H), { causal: true, window: 2 }],
    ["a window to both sides", heads(H), { window: 2 }],
    ["a mask", heads(H), {}, mask],
    ["groups of heads", heads(HKV), { causal: true }],
    ["one head of keys and values", heads(1), {}, mask],
    ["a bias", { ...heads(HKV), ...bias }, { causal: true }],
    ["a soft cap", heads(HKV), { softCap: 0.8 }],
    ["sinks", { ...heads(HKV), ...sinks }, {}, mask],
    ["everything at once", { ...heads(HKV), ...bias, ...sinks }, { causal: true, window: 3, softCap: 1.2 }, mask],
  ])("%s", (_, shapes, options, visible) => {
    const rng = new Rng(5);
    const normal = (shape: readonly number[]): Float64Array =>
      Float64Array.from({ length: elementCount(shape) }, () => rng.normal());
    const values: Values = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, normal(shape)]));
    const cotangent = normal([B, H, TQ, DV]);
    const hidden = visible && { mask: constant(visible, [B, 1, 1, TK]) };
    const graph = graphOfCase(shapes, { ...options, scale: SCALE, ...hidden });
    const { output, ...gradients } = evaluateFloat64(graph, { ...values, cotangent });
    // Two orders of some dozens of additions in doubles.
    expect(output.data).toBeAllclose(attendInLoops(values, options, visible), { atol: 1e-13 });

    const step = 1e-5;
    for (const [name, { data }] of Object.entries(gradients)) {
      const loss = (index: number, offset: number): number => {
        const moved = { ...values, [name]: values[name].with(index, values[name][index] + offset) };
        return attendInLoops(moved, options, visible).reduce((total, y, i) => total + y * cotangent[i], 0);
      };
      const expected = values[name].map((_, index) => (loss(index, step) - loss(index, -step)) / (2 * step));
      // Central differences: 1e-16 / step from rounding, step^2 / 6 times a third derivative of size 1.
      expect(data, name).toBeAllclose(expected, { atol: 1e-9 });
    }
  });
});
