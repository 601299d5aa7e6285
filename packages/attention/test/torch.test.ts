/**
 * Masks, groups and chunks against torch's scaled_dot_product_attention, output and gradients.
 */

import { readFileSync } from "node:fs";
import {
  alibiBias,
  blockSparseMask,
  documentMask,
  type Edge,
  graphMask,
  prefixMask,
  slidingWindowMask,
} from "@llm-learning/attention";
import {
  type AttentionOptions,
  cast,
  constant,
  evaluateFloat64,
  grad,
  graphOf,
  input,
  logicalAnd,
  mul,
  referenceEngine,
  reshape,
  scaledDotProductAttention,
  sum,
  type Tensor,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface MaskCase {
  name: string;
  heads: number;
  keys: number;
  mask: string[] | null;
  output: number[];
  gradients: Record<"q" | "k" | "v", number[]>;
}

const path = new URL("fixtures/masks.json", import.meta.url);
const { inputs, cases } = JSON.parse(readFileSync(path, "utf8")) as {
  inputs: Record<string, { shape: number[]; data: number[] }>;
  cases: MaskCase[];
};
const [B, H, T] = inputs.q.shape;

const int32s = (rows: readonly number[][]): Tensor =>
  constant(Int32Array.from(rows.flat()), [rows.length, rows[0].length], "int32");
const edges: Edge[] = [
  [0, 0],
  [5, 0],
  [0, 1],
  [3, 1],
  [4, 2],
  [1, 3],
  [2, 3],
  [4, 4],
  [0, 5],
  [5, 5],
];
const blocks: Edge[] = [
  [0, 0],
  [0, 1],
  [1, 1],
  [0, 2],
  [2, 2],
];
const documents = int32s([
  [0, 0, 0, 1, 1, 2],
  [4, 4, 5, 5, 5, 5],
]);
const padding = int32s([
  [1, 1, 1, 1, 1, 1],
  [1, 1, 1, 1, 0, 0],
]);

/** What makes each case of torch's here. */
const options: Record<string, AttentionOptions> = {
  full: {},
  causal: { causal: true },
  "multi-head": { causal: true },
  "multi-query": { causal: true },
  cross: {},
  "a sliding window": { mask: slidingWindowMask(T, 3) },
  "a window to both sides": { mask: slidingWindowMask(T, 2, { causal: false }) },
  "a prefix of each text": { mask: prefixMask(T, constant(Int32Array.of(4, 2), [B], "int32")) },
  "block-sparse": { mask: blockSparseMask(T, 2, blocks) },
  "any graph": { mask: graphMask(T, edges) },
  documents: { mask: logicalAnd(documentMask(documents), slidingWindowMask(T, T)) },
  padding: { mask: reshape(cast(padding, "bool"), [B, 1, 1, T]) },
  ALiBi: { causal: true, bias: alibiBias(H, T) },
};

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

describe("attention computes what torch's scaled_dot_product_attention computes, gradients included", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", async (name, { heads, keys, mask, ...expected }) => {
    const given = options[name];
    if (mask !== null) {
      const drawn = evaluateFloat64(graphOf({ mask: given.mask! }), {}).mask;
      const rows = [...drawn.data].join("").match(new RegExp(`.{${drawn.shape.at(-1)!}}`, "g")) ?? [];
      // A mask of padding has a row for each text.
      expect(mask).toEqual(drawn.shape[2] === 1 ? rows.flatMap((row) => Array(T).fill(row) as string[]) : rows);
    }
    const widths = { q: inputs.q.shape[3], k: inputs.k.shape[3], v: inputs.v.shape[3] };
    const [q, k, v] = [
      input("q", inputs.q.shape),
      input("k", [B, heads, keys, widths.k]),
      input("v", [B, heads, keys, widths.v]),
    ];
    // 9 digits name a float32 value exactly.
    const first = (of: "k" | "v"): Float32Array =>
      Float32Array.from(
        inputs[of].data.filter((_, index) => {
          const [row, head] = [Math.floor(index / widths[of]), Math.floor(index / (widths[of] * T))];
          return row % T < keys && head % H < heads;
        }),
      );
    const feeds = {
      q: Float32Array.from(inputs.q.data),
      k: first("k"),
      v: first("v"),
      cotangent: Float32Array.from(inputs.cotangent.data),
    };
    for (const chunk of [undefined, 4]) {
      const { output } = scaledDotProductAttention(q, k, v, { ...given, ...(chunk !== undefined && { chunk }) });
      const [byQ, byK, byV] = grad(sum(mul(output, input("cotangent", output.shape))), [q, k, v]);
      const graph = graphOf({ output, q: byQ, k: byK, v: byV });
      const double = evaluateFloat64(graph, feeds);
      const single = await (await referenceEngine().compile(graph)).run(feeds);
      for (const [key, values] of Object.entries({ output: expected.output, ...expected.gradients })) {
        // The fixture has 9 digits; then roundings of 6e-8 each, through products of numbers of size 1 and a softmax.
        expect(double[key].data, key).toBeAllclose(values, { atol: 1e-8 * largest(values) });
        expect(single[key].data, key).toBeAllclose(values, { atol: 3e-6 * largest(values) });
      }
    }
  });
});
