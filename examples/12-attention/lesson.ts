/**
 * Lesson 12: attention in four versions, and as communication on a graph. Run it: npm run lesson -- 12
 */

import { causalEdges, type Edge, graphMask, MultiHeadAttention } from "@llm-learning/attention";
import { attentionGraph, attentionMap } from "@llm-learning/diagnostics";
import { Rng } from "@llm-learning/init";
import {
  div,
  expandDims,
  Linear,
  matmul,
  max,
  mean,
  scaledDotProductAttention,
  slice,
  softmax,
  stack,
  sum,
  type Tensor,
  where,
  zeros,
} from "@llm-learning/nn-core";
import { draw } from "../drawing.ts";
import { evaluate, numbers, table } from "../evaluate.ts";
import { randn } from "../randn.ts";
import { masksFigure } from "./masks.ts";

const rng = new Rng(1337);
const [B, T, C] = [2, 8, 4];
const x = randn([B, T, C], rng);

// Version 1: a loop. Each token becomes the mean of itself and the tokens before it.
const means = Array.from({ length: T }, (_, t) => mean(slice(x, { axis: 1, start: 0, end: t + 1 }), { axes: 1 })); // [B, C] each
const byLoop = stack(means, { axis: 1 }); // [B, T, C]

// Version 2: a matrix product. Row t of the triangle holds 1 / (t + 1) up to column t, and 0 behind it.
const reaches = graphMask(T, causalEdges(T)); // [T, T], true on and below the diagonal
const ones = where(reaches, 1, 0); // [T, T]
const averages = div(ones, sum(ones, { axes: -1, keepDims: true })); // [T, T], rows sum to 1
const byMatrix = matmul(averages, x); // [T, T] @ [B, T, C] -> [B, T, C]

// Version 3: a softmax. What may not be heard scores -infinity, all else 0.
const weights = softmax(where(reaches, 0, -Infinity)); // [T, T]
const bySoftmax = matmul(weights, x); // [B, T, C]

// Version 4: attention. The scores are no longer 0: queries meet keys. With queries of zero it is version 3 again.
const headDim = 16;
const [query, key, value] = ["query", "key", "value"].map(() => new Linear(C, headDim, { rng, bias: false }));
const head = (tensor: Tensor): Tensor => expandDims(tensor, 1); // [B, T, D] -> [B, 1, T, D]: one head
const attend = (q: Tensor, k: Tensor, v: Tensor) =>
  scaledDotProductAttention(head(q), head(k), head(v), { causal: true });
const indifferent = attend(zeros([B, T, headDim]), key.forward(x), x);
const attentive = attend(query.forward(x), key.forward(x), value.forward(x));

export const averaged = await evaluate({ byLoop, byMatrix, bySoftmax, byAttention: indifferent.output });
export const attention = await evaluate(attentive);

const first = (batch: Tensor): Tensor => slice(batch, { axis: 0, start: 0, end: 1 });
const shown = await evaluate({ weights, probabilities: first(attentive.probabilities) });
console.log("The weights of versions 1 to 3, one row for each listener:\n");
console.log(table(shown.weights));
console.log("\nThe weights of version 4, which depend on what the tokens are (first text of the batch):\n");
console.log(`${table(shown.probabilities)}\n`);
const probabilities = [...numbers(shown.weights), ...numbers(shown.probabilities)]; // [2, T, T]
const tokens = Array.from({ length: T }, (_, t) => String(t));
export const map = await draw(
  "12-attention",
  attentionMap({ probabilities, tokens, heads: ["versions 1 to 3", "version 4"] }),
);

// Why scores are divided by sqrt(headDim): a product of two random vectors has variance headDim, and a softmax of large
// scores listens to a single token.
const [q, k] = [0, 1].map(() => randn([1, 1, 64, 256], rng));
const scaled = scaledDotProductAttention(q, k, k).probabilities;
const unscaled = scaledDotProductAttention(q, k, k, { scale: 1 }).probabilities;
export const largest = await evaluate({
  scaled: mean(max(scaled, { axes: -1 })),
  unscaled: mean(max(unscaled, { axes: -1 })),
});
console.log(
  `\nThe loudest of 64 tokens gets ${Number(largest.scaled.data[0]).toFixed(2)} of the attention with scores divided by sqrt(256), ` +
    `and ${Number(largest.unscaled.data[0]).toFixed(2)} without.`,
);

// The same on any directed graph: messages travel along its edges, and nowhere else.
const edges: Edge[] = [
  [0, 0],
  [0, 1],
  [2, 1],
  [3, 4],
  [4, 3],
  [1, 5],
];
const layer = (options: { causal?: boolean } = {}) =>
  new MultiHeadAttention(C, { numHeads: 1, rng: new Rng(7), ...options });
const nodes = slice(first(x), { axis: 1, start: 0, end: 6 }); // [1, 6, C]
const mask = graphMask(6, edges);
export const onGraph = await evaluate({ mask, heard: layer().forward(nodes, { mask }).probabilities });
console.log(`\nWho hears whom along the edges ${edges.map(([from, to]) => `${from}->${to}`).join(", ")}:\n`);
console.log(`${table(onGraph.heard)}\n`);

// A language model is the special case in which node i reaches i, i + 1, i + 2 and so on. `causal: true` is that graph.
export const onCausalGraph = await evaluate({
  byGraph: layer().forward(nodes, { mask: graphMask(6, causalEdges(6)) }).probabilities,
  byFlag: layer({ causal: true }).forward(nodes).probabilities,
});
const names = Array.from({ length: 6 }, (_, node) => String(node));
export const graphs = {
  any: await draw(
    "12-any-graph",
    attentionGraph(
      { nodes: names, edges, attention: numbers(onGraph.heard) },
      { layout: "circle", title: "Any graph" },
    ),
  ),
  causal: await draw(
    "12-causal-graph",
    attentionGraph(
      { nodes: names, edges: causalEdges(6), attention: numbers(onCausalGraph.byGraph) },
      { title: "The graph of a language model" },
    ),
  ),
};

// The graphs that have names, as edges and as masks.
export const masks = await draw("12-masks", masksFigure());
