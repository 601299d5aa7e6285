/**
 * Attention a chunk of queries at a time: the same numbers as at once, and never all pairs.
 */

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
  type Node,
  scaledDotProductAttention,
  sum,
  type Tensor,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

const [B, H, HKV, D, DV] = [2, 4, 2, 3, 2];
const [MORE_KEYS, MORE_QUERIES] = [
  [5, 7],
  [7, 5],
] as const;

type Lengths = readonly [Tq: number, Tk: number];
type Shapes = Record<string, readonly number[]>;

function draw(shape: readonly number[], seed: number): Float64Array {
  const rng = new Rng(seed);
  return Float64Array.from({ length: elementCount(shape) }, () => rng.normal());
}

/** Truth values, true twice of three times. */
function bools(shape: readonly number[], seed: number): Tensor {
  const rng = new Rng(seed);
  const data = Uint8Array.from({ length: elementCount(shape) }, () => Number(rng.integer(3) > 0));
  return constant(data, shape);
}

interface Variant {
  readonly name: string;
  readonly lengths: Lengths;
  readonly options: AttentionOptions;
  /** Shapes of `bias` and `sinks`. */
  readonly operands?: Shapes;
}

const variants: readonly Variant[] = [
  { name: "every pair", lengths: MORE_KEYS, options: {} },
  { name: "causal", lengths: MORE_KEYS, options: { causal: true } },
  { name: "causal, queries before every key", lengths: MORE_QUERIES, options: { causal: true } },
  { name: "causal, with a window", lengths: MORE_KEYS, options: { causal: true, window: 3 } },
  { name: "a window to both sides", lengths: MORE_KEYS, options: { window: 2 } },
  { name: "a window, queries out of reach of every key", lengths: MORE_QUERIES, options: { window: 2 } },
  {
    name: "a mask of pairs, a bias of keys",
    lengths: MORE_KEYS,
    options: { mask: bools([B, 1, ...MORE_KEYS], 1) },
    operands: { bias: [H, 1, 7] },
  },
  {
    name: "a mask of keys, a bias of queries",
    lengths: MORE_KEYS,
    options: { causal: true, mask: bools([7], 2) },
    operands: { bias: [5, 1] },
  },
  {
    name: "causal, where padding is all that some queries reach",
    lengths: MORE_KEYS,
    options: { causal: true, mask: constant(Uint8Array.of(0, 0, 0, 0, 1, 1, 1), [7]) },
  },
  { name: "a bias of pairs", lengths: MORE_KEYS, options: { causal: true }, operands: { bias: [1, H, 5, 7] } },
  {
    name: "dropout",
    lengths: MORE_KEYS,
    options: { causal: true, dropout: { mask: bools([B, H, ...MORE_KEYS], 3), keepProbability: 0.6 } },
  },
  {
    name: "sinks and a soft cap",
    lengths: MORE_KEYS,
    options: { causal: true, window: 2, softCap: 1.5, scale: 0.7 },
    operands: { sinks: [H] },
  },
];

/** Output, and gradients by everything, of attention in doubles. */
function evaluate({ lengths: [Tq, Tk], options, operands }: Variant, chunk?: number): Record<string, Float64Array> {
  const shapes: Shapes = { q: [B, H, Tq, D], k: [B, HKV, Tk, D], v: [B, HKV, Tk, DV], ...operands };
  const tensors = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]));
  const { q, k, v, ...given } = tensors as Record<"q" | "k" | "v", Tensor>;
  const { output } = scaledDotProductAttention(q, k, v, {
    ...options,
    ...given,
    ...(chunk !== undefined && { chunk }),
  });
  const weights = constant(Float32Array.from(draw([B, H, Tq, DV], 9)), [B, H, Tq, DV]);
  const gradients = grad(sum(mul(output, weights)), Object.values(tensors));
  const named = Object.keys(tensors).map((name, index) => [name, gradients[index]] as const);
  const feeds = Object.fromEntries(Object.entries(shapes).map(([name, shape], index) => [name, draw(shape, index)]));
  const results = evaluateFloat64(graphOf({ output, ...Object.fromEntries(named) }), feeds);
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data]));
}

describe("attention with a chunk has the output and the gradients that it has without", () => {
  it.each(variants.map((variant) => [variant.name, variant] as const))("%s", (_, variant) => {
    const whole = evaluate(variant);
    for (const chunk of [1, 2, 3, 6]) {
      for (const [name, data] of Object.entries(evaluate(variant, chunk))) {
        // The same terms in another order, in doubles.
        expect(data, `${name}, chunk ${chunk}`).toBeAllclose(whole[name], { atol: 1e-13 });
      }
    }
  });
});

/** The order in which an engine computes a graph. */
type Direction = "first input first" | "last input first" | "the backward pass as early as it can";

function orderOf({ outputs }: Graph, forward: ReadonlySet<Node>, direction: Direction): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const along = <X>(list: readonly X[]): readonly X[] => (direction === "last input first" ? list.toReversed() : list);
  const visit = ({ source }: Tensor): void => {
    if (source.kind !== "node" || seen.has(source.node)) return;
    seen.add(source.node);
    along(source.node.inputs).forEach(visit);
    order.push(source.node);
  };
  along([...outputs.values()]).forEach(visit);
  if (direction !== "the backward pass as early as it can") return order;
  const level = new Map<Node, number>();
  for (const node of order) {
    const before = node.inputs.map(({ source }) => (source.kind === "node" ? level.get(source.node)! : 0));
    level.set(node, forward.has(node) ? 0 : Math.max(0, ...before) + 1);
  }
  return order.toSorted((a, b) => level.get(a)! - level.get(b)!);
}

/** The most float32 elements that wait for a use at any time, where values are given up after their last one. */
function peakElements({ graph, forward }: Step, direction: Direction): number {
  const order = orderOf(graph, forward, direction);
  const last = new Map<Tensor, number>();
  order.forEach(({ inputs }, position) => inputs.forEach((tensor) => last.set(tensor, position)));
  let [live, peak] = [0, 0];
  const size = ({ shape, dtype }: Tensor): number => (dtype === "float32" ? elementCount(shape as number[]) : 0);
  order.forEach(({ inputs, outputs }, position) => {
    const used = outputs.filter((output) => last.has(output));
    live += used.reduce((total, output) => total + size(output), 0);
    peak = Math.max(peak, live);
    for (const tensor of new Set(inputs)) {
      if (tensor.source.kind === "node" && last.get(tensor) === position) live -= size(tensor);
    }
  });
  return peak;
}

/** A graph of gradients, and the nodes of its forward pass. */
interface Step {
  readonly graph: Graph;
  readonly forward: ReadonlySet<Node>;
}

describe("what attention holds at a time, the backward pass included", () => {
  const stepOf = (T: number, options: AttentionOptions): Step => {
    const [q, k, v] = ["q", "k", "v"].map((name) => input(name, [1, 1, T, 2]));
    const { output } = scaledDotProductAttention(q, k, v, options);
    const gradients = grad(sum(mul(output, output)), [q, k, v]);
    const graph = graphOf(Object.fromEntries(gradients.map((gradient, index) => [`${index}`, gradient])));
    return { graph, forward: new Set(graphOf({ output }).nodes) };
  };
  /** How much more it holds for a text four times as long. */
  const growth = (options: AttentionOptions, direction: Direction): number =>
    peakElements(stepOf(256, options), direction) / peakElements(stepOf(64, options), direction);

  const directions: Direction[] = ["first input first", "last input first", "the backward pass as early as it can"];
  describe.each(directions)("computing %s", (direction) => {
    it("grows with the square of the length without a chunk", () => {
      expect(growth({ causal: true }, direction)).toBeGreaterThan(14);
    });

    it.each<[string, AttentionOptions]>([
      ["every pair", {}],
      ["causal", { causal: true }],
      ["causal, with a window", { causal: true, window: 8 }],
    ])("grows with the length with one: %s", (_, options) => {
      expect(growth({ ...options, chunk: 8 }, direction)).toBeLessThan(4.2);
    });
  });

  it("has few shapes of scores, and looks at few pairs that nobody may hear", () => {
    const attended = stepOf(256, { causal: true, chunk: 8 }).graph.nodes.filter(
      ({ op }) => op.name === "scaledDotProductAttention",
    );
    const shapes = attended.map(({ outputs: [, { shape }] }) => shape as number[]);
    expect([...new Set(shapes.map(([, , , keys]) => keys))].toSorted((a, b) => a - b)).toEqual([64, 128, 192, 256]);
    // A quarter of all chunks with each: (1 + 2 + 3 + 4) / 16 of all pairs, forwards and again backwards.
    expect(shapes.reduce((total, shape) => total + elementCount(shape), 0)).toBe(2 * 256 * 256 * 0.625);
  });

  it("computes the square only for who asks for the probabilities", () => {
    const [q, k, v] = ["q", "k", "v"].map((name) => input(name, [1, 1, 6, 2]));
    const { output, probabilities } = scaledDotProductAttention(q, k, v, { chunk: 2 });
    const attended = (outputs: Record<string, Tensor>): number =>
      graphOf(outputs).nodes.filter(({ op }) => op.name === "scaledDotProductAttention").length;
    expect(attended({ output })).toBe(3);
    expect(attended({ output, probabilities })).toBe(4);
    expect(attended({ output: scaledDotProductAttention(q, k, v, { chunk: 6 }).output })).toBe(1);
    // Lengths that are known only when the graph runs are heard whole.
    const named = input("q", [1, 1, "t", 2]);
    expect(attended({ output: scaledDotProductAttention(named, k, v, { chunk: 2 }).output })).toBe(1);
  });
});

it.each([
  ["texts", [0, 1, 5, 2], [0, 1, 5, 3]],
  ["heads", [1, 0, 5, 2], [1, 0, 5, 3]],
  ["keys", [1, 1, 0, 2], [1, 1, 0, 3]],
  ["columns of the queries", [1, 1, 5, 0], [1, 1, 5, 3]],
  ["columns of the values", [1, 1, 5, 2], [1, 1, 5, 0]],
])("attention with a chunk takes no %s, gradients included", (_, keys, values) => {
  const shapes = { q: keys.with(2, 5), k: keys, v: values };
  const [q, k, v] = Object.entries(shapes).map(([name, shape]) => input(name, shape));
  const feeds = Object.fromEntries(Object.entries(shapes).map(([name, shape], index) => [name, draw(shape, index)]));
  const valuesWith = (options: AttentionOptions): unknown => {
    const { output } = scaledDotProductAttention(q, k, v, { scale: 1, causal: true, ...options });
    const [byQ, byK, byV] = grad(sum(output), [q, k, v]);
    return evaluateFloat64(graphOf({ output, byQ, byK, byV }, [q, k, v]), feeds);
  };
  expect(valuesWith({ chunk: 2 })).toEqual(valuesWith({}));
});

it.each([0, 1.5, Number.NaN])("attention refuses a chunk of %d queries", (chunk) => {
  const q = input("q", [1, 1, 4, 2]);
  expect(() => scaledDotProductAttention(q, q, q, { chunk })).toThrow(
    new RangeError(`scaledDotProductAttention: expected a chunk that is an integer >= 1, got ${chunk}`),
  );
});
