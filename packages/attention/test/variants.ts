/**
 * Every variant of attention as a layer, and the same said as a graph: who hears whom. Tests compare the two, on every engine.
 */

import {
  alibiBias,
  alibiSlopes,
  blockSparseMask,
  documentMask,
  type Edge,
  graphMask,
  GroupedQueryAttention,
  type GroupedQueryAttentionOptions,
  type GroupedQueryContext,
  interpolatedFrequencies,
  llama3Frequencies,
  MultiHeadAttention,
  ntkFrequencies,
  prefixMask,
  rotaryFrequencies,
  rotationAt,
  slidingWindowMask,
  yarnAttentionFactor,
  yarnFrequencies,
} from "@llm-learning/attention";
import { Rng } from "@llm-learning/init";
import { type Dim, namedParameters, Parameter, rmsNorm, type Tensor } from "@llm-learning/nn-core";

/** Two texts of five tokens of eight features; heads are four features wide. */
export const [B, T, C, H] = [2, 5, 8, 4];
const D = 4;

/** What a forward pass knows of the texts, with numbers or names for lengths. */
export interface Texts {
  /** All tokens, P + T. */
  readonly tokens: Dim;
  /** The new ones, T. */
  readonly listeners: Dim;
  /** int64 `[B, T]` */
  readonly positions: Tensor;
  /** int64 `[B, T]` and `[B, P + T]`: which document the new tokens and all tokens belong to. */
  readonly documents: readonly [Tensor, Tensor];
  /** int64 `[B]`: lengths of prefixes. */
  readonly prefix: Tensor;
}

export type Layer = GroupedQueryAttention | MultiHeadAttention;

export interface Variant {
  readonly name: string;
  readonly create: () => Layer;
  /** What the layer is given. */
  readonly context: (texts: Texts) => Pick<GroupedQueryContext, "mask" | "bias" | "rotation">;
  /** Whether a message travels from one token of a text to another. */
  readonly hears: (to: number, from: number, text: number) => boolean;
  /** Added to a score. */
  readonly bias?: (head: number, to: number, from: number) => number;
  /** Radians a token of each pair that is turned. */
  readonly frequencies?: readonly number[];
  /** Of turned queries and keys. */
  readonly attentionFactor?: number;
}

export const documents: readonly (readonly number[])[] = [
  [0, 0, 1, 1, 1],
  [0, 3, 3, 3, 7],
];
export const prefixes = [3, 2];

/** Node 2 hears nobody, and nobody hears node 3. */
const anyEdges: Edge[] = [
  [0, 0],
  [2, 0],
  [4, 1],
  [1, 1],
  [0, 3],
  [4, 4],
  [0, 4],
  [2, 4],
];
/** The same of messages that travel forwards. */
const forwardEdges = anyEdges.filter(([from, to]) => from <= to);
const blocks: Edge[] = [
  [0, 0],
  [0, 1],
  [2, 1],
  [0, 2],
  [2, 2],
];

const causal = (to: number, from: number): boolean => from <= to;
const isEdge = (graph: readonly Edge[], from: number, to: number): boolean =>
  graph.some((edge) => edge[0] === from && edge[1] === to);

class Norm {
  readonly weight = new Parameter([D], { init: (data) => data.set([0.5, 1, 1.5, 2]) });

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.weight, { eps: 1e-5 });
  }
}

function grouped(options: Partial<GroupedQueryAttentionOptions> = {}): () => Layer {
  return () => {
    const layer = new GroupedQueryAttention(C, {
      rng: new Rng(7),
      numHeads: H,
      numKeyValueHeads: 2,
      headDim: D,
      ...options,
    });
    layer.sinks?.data.set([0.5, -1, 0, 2]);
    return layer;
  };
}

/** Causal attention whose queries and keys are turned. */
function turned(name: string, frequencies: readonly number[], attentionFactor = 1): Variant {
  return {
    name,
    create: grouped({ causal: true }),
    context: ({ positions }) => ({ rotation: rotationAt(positions, frequencies, { attentionFactor }) }),
    hears: causal,
    frequencies,
    attentionFactor,
  };
}

const none = (): Record<never, never> => ({});
const originalLength = 64;

export const variants: readonly Variant[] = [
  { name: "full: everybody hears everybody", create: grouped(), context: none, hears: () => true },
  {
    name: "multi-head, projections in one",
    create: () => new MultiHeadAttention(C, { rng: new Rng(7), numHeads: H, causal: true }),
    context: none,
    hears: causal,
  },
  {
    name: "as many heads of keys as of queries",
    create: grouped({ causal: true, numKeyValueHeads: H }),
    context: none,
    hears: causal,
  },
  { name: "grouped-query", create: grouped({ causal: true }), context: none, hears: causal },
  { name: "multi-query", create: grouped({ causal: true, numKeyValueHeads: 1 }), context: none, hears: causal },
  {
    name: "a sliding window",
    create: grouped({ causal: true, window: 2 }),
    context: none,
    hears: (to, from) => from <= to && to - from < 2,
  },
  {
    name: "a sliding window as a mask",
    create: grouped(),
    context: ({ tokens, listeners }) => ({ mask: slidingWindowMask(tokens, 3, { listeners }) }),
    hears: (to, from) => from <= to && to - from < 3,
  },
  {
    name: "a window to both sides",
    create: grouped({ window: 2 }),
    context: none,
    hears: (to, from) => Math.abs(to - from) < 2,
  },
  {
    name: "a prefix of each text",
    create: grouped(),
    context: ({ tokens, listeners, prefix }) => ({ mask: prefixMask(tokens, prefix, { listeners }) }),
    hears: (to, from, text) => from <= to || from < prefixes[text],
  },
  {
    name: "block-sparse",
    create: grouped(),
    context: ({ tokens, listeners }) => ({ mask: blockSparseMask(T, 2, blocks, { tokens, listeners }) }),
    hears: (to, from) => isEdge(blocks, Math.floor(from / 2), Math.floor(to / 2)),
  },
  {
    name: "block-sparse and causal",
    create: grouped({ causal: true }),
    context: ({ tokens, listeners }) => ({ mask: blockSparseMask(T, 2, blocks, { tokens, listeners }) }),
    hears: (to, from) => from <= to && isEdge(blocks, Math.floor(from / 2), Math.floor(to / 2)),
  },
  {
    name: "any graph",
    create: grouped(),
    context: ({ tokens, listeners }) => ({ mask: graphMask(T, anyEdges, { tokens, listeners }) }),
    hears: (to, from) => isEdge(anyEdges, from, to),
  },
  {
    name: "any graph of earlier tokens",
    create: grouped(),
    context: ({ tokens, listeners }) => ({ mask: graphMask(T, forwardEdges, { tokens, listeners }) }),
    hears: (to, from) => isEdge(forwardEdges, from, to),
  },
  {
    name: "documents",
    create: grouped({ causal: true }),
    context: ({ documents: [own, all] }) => ({ mask: documentMask(own, all) }),
    hears: (to, from, text) => from <= to && documents[text][from] === documents[text][to],
  },
  {
    name: "ALiBi",
    create: grouped({ causal: true }),
    context: ({ tokens, listeners }) => ({ bias: alibiBias(H, tokens, { listeners }) }),
    hears: causal,
    bias: (head, to, from) => -alibiSlopes(H)[head] * Math.abs(to - from),
  },
  { name: "sinks", create: grouped({ causal: true, sinks: true }), context: none, hears: causal },
  { name: "a soft cap", create: grouped({ causal: true, softCap: 0.3, scale: 0.8 }), context: none, hears: causal },
  turned("rotary", rotaryFrequencies(D)),
  turned("rotary, half of each head", rotaryFrequencies(D / 2)),
  turned("rotary, linear interpolation", interpolatedFrequencies(D, { factor: 4 })),
  turned("rotary, NTK", ntkFrequencies(D, { factor: 4, theta: 100 })),
  turned("rotary, YaRN", yarnFrequencies(D, { factor: 4, originalLength, theta: 100 }), yarnAttentionFactor(4)),
  turned("rotary, Llama 3", llama3Frequencies(D, { factor: 8, originalLength, theta: 100 })),
  {
    ...turned("norms of queries and keys", rotaryFrequencies(D)),
    create: () => grouped({ causal: true, queryNorm: new Norm(), keyNorm: new Norm() })(),
  },
  { name: "dropout", create: grouped({ causal: true, dropout: 0.4 }), context: none, hears: causal },
  { name: "in chunks", create: grouped({ causal: true, chunk: 1 }), context: none, hears: causal },
  {
    ...turned("everything at once, in chunks", rotaryFrequencies(D)),
    create: () =>
      grouped({
        causal: true,
        window: 3,
        sinks: true,
        softCap: 0.5,
        dropout: 0.4,
        queryNorm: new Norm(),
        keyNorm: new Norm(),
        qkvBias: true,
        outputBias: true,
        chunk: 2,
      })(),
    context: ({ tokens, listeners, positions, documents: [own, all] }) => ({
      mask: documentMask(own, all),
      bias: alibiBias(H, tokens, { listeners }),
      rotation: rotationAt(positions, rotaryFrequencies(D)),
    }),
    hears: (to, from, text) => from <= to && to - from < 3 && documents[text][from] === documents[text][to],
    bias: (head, to, from) => -alibiSlopes(H)[head] * Math.abs(to - from),
  },
];

/** The second text starts with a token of padding, which nobody hears. */
export const attentionMask: readonly (readonly number[])[] = [
  [1, 1, 1, 1, 1],
  [0, 1, 1, 1, 1],
];
export const positions: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4],
  [0, 0, 1, 2, 3],
];

/** Values of a layer's parameters in doubles, by their paths. */
export function parameterValues(layer: Layer): Record<string, Float64Array> {
  const entries = [...namedParameters(layer)].map(([name, { data }]) => [name, Float64Array.from(data)] as const);
  return Object.fromEntries(entries);
}
