/**
 * Every variant of attention on ONNX Runtime: training graphs and their gradients against the reference engine in double precision,
 * and exported graphs with named dimensions and a cache, with the runtime's own operators and without.
 */

import {
  alibiBias,
  documentMask,
  GroupedQueryAttention,
  type GroupedQueryAttentionOptions,
  type GroupedQueryContext,
  prefixMask,
  rotaryFrequencies,
  rotationAt,
  slidingWindowMask,
  yarnAttentionFactor,
  yarnFrequencies,
} from "@llm-learning/attention";
import { Rng } from "@llm-learning/init";
import {
  cast,
  compile,
  type Dim,
  evaluateFloat64,
  grad,
  type Graph,
  graphOf,
  input,
  logicalAnd,
  mul,
  Parameter,
  reshape,
  rmsNorm,
  sum,
  type Tensor,
  type TensorValue,
  trace,
  trainableParameters,
} from "@llm-learning/nn-core";
import { encodeModel, lowerGraph } from "@llm-learning/onnx";
import { createOrtSession, onnxruntimeEngine } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

const [B, T, C, HKV, D] = [2, 5, 8, 2, 4];

interface Lengths {
  /** All tokens, P + T. */
  readonly tokens: Dim;
  /** The new ones, T. */
  readonly listeners: Dim;
  /** int64 `[B, T]` */
  readonly positions: Tensor;
}

interface Variant {
  readonly name: string;
  readonly options: Partial<GroupedQueryAttentionOptions>;
  readonly context: (lengths: Lengths) => Pick<GroupedQueryContext, "mask" | "bias" | "rotation">;
}

const norm = (): { weight: Parameter; forward(x: Tensor): Tensor } => {
  const weight = new Parameter([D], { init: (data) => data.set([0.5, 1, 1.5, 2]) });
  return { weight, forward: (x) => rmsNorm(x, weight) };
};

const turned = ({ positions }: Lengths) => ({ rotation: rotationAt(positions, rotaryFrequencies(D)) });

const variants: readonly Variant[] = [
  { name: "Llama's form", options: { causal: true }, context: turned },
  {
    name: "Qwen3's form, one head of keys",
    options: { causal: true, numKeyValueHeads: 2, queryNorm: norm(), keyNorm: norm() },
    context: turned,
  },
  {
    name: "gpt-oss's form: sinks, a window, YaRN",
    options: { causal: true, sinks: true, window: 2, qkvBias: true, outputBias: true },
    context: ({ positions }) => ({
      rotation: rotationAt(positions, yarnFrequencies(D, { factor: 4, originalLength: 64 }), {
        attentionFactor: yarnAttentionFactor(4),
      }),
    }),
  },
  { name: "Gemma 2's form: a soft cap", options: { causal: true, softCap: 1.5, scale: 0.4 }, context: turned },
  {
    name: "ALiBi",
    options: { causal: true },
    context: ({ tokens, listeners }) => ({ bias: alibiBias(4, tokens, { listeners }) }),
  },
  {
    name: "half of each head turned, a window as a mask",
    options: {},
    context: ({ tokens, listeners, positions }) => ({
      rotation: rotationAt(positions, rotaryFrequencies(D / 2)),
      mask: slidingWindowMask(tokens, 3, { listeners }),
    }),
  },
];

function layerOf({ options }: Variant): GroupedQueryAttention {
  const layer = new GroupedQueryAttention(C, {
    rng: new Rng(7),
    numHeads: 4,
    numKeyValueHeads: HKV,
    headDim: D,
    ...options,
  });
  layer.sinks?.data.set([0.5, -1, 0, 2]);
  return layer;
}

const rng = new Rng(8);
const x = Float32Array.from({ length: B * T * C }, () => rng.normal());
const row = Array.from({ length: T }, (_, position) => BigInt(position));
/** The second text starts with a padding token. */
const positions = BigInt64Array.from([...row, 0n, ...row.slice(0, -1)]);
const attentionMask = BigInt64Array.from([1n, 1n, 1n, 1n, 1n, 0n, 1n, 1n, 1n, 1n]);

/** What a pass is given when the layer hears through `attentionMask` `[B, P + T]`, 0 for padding. */
function contextOf(variant: Variant, lengths: Lengths, visible: Tensor): GroupedQueryContext {
  const { mask, ...context } = variant.context(lengths);
  const [batch, total] = visible.shape;
  const unpadded = reshape(cast(visible, "bool"), [batch, 1, 1, total]);
  return { ...context, mask: mask === undefined ? unpadded : logicalAnd(mask, unpadded) };
}

/** Output and gradients at known lengths. */
function trainingGraph(variant: Variant): Graph {
  const layer = layerOf(variant);
  const inputs = {
    x: { shape: [B, T, C] },
    positions: { shape: [B, T], dtype: "int64" },
    attention_mask: { shape: [B, T], dtype: "int64" },
  } as const;
  return trace(inputs, (given) => {
    const lengths = { tokens: T, listeners: T, positions: given.positions };
    const { output } = layer.forward(given.x, contextOf(variant, lengths, given.attention_mask));
    const parameters = trainableParameters(layer);
    const gradients = grad(sum(mul(output, output)), [given.x, ...parameters.values()]);
    const names = ["x", ...parameters.keys()];
    return { output, ...Object.fromEntries(names.map((name, index) => [`by ${name}`, gradients[index]])) };
  });
}

/** Output and cache at lengths that have names, as a model is exported. */
function exportedGraph(variant: Variant): Graph {
  const [batch, length, pastLength, total] = [
    "batch_size",
    "sequence_length",
    "past_sequence_length",
    "total_sequence_length",
  ];
  const cache = { shape: [batch, HKV, pastLength, D] };
  const inputs = {
    x: { shape: [batch, length, C] },
    positions: { shape: [batch, length], dtype: "int64" },
    attention_mask: { shape: [batch, total], dtype: "int64" },
    past_key: cache,
    past_value: cache,
  } as const;
  const layer = layerOf(variant);
  return trace(inputs, (given) => {
    const lengths = { tokens: total, listeners: length, positions: given.positions };
    const { output, present } = layer.forward(given.x, {
      ...contextOf(variant, lengths, given.attention_mask),
      past: { key: given.past_key, value: given.past_value },
      totalLength: total,
    });
    return { output, key: present.key, value: present.value };
  });
}

/** The columns from `start` to `end` of rows of `width` elements, `T` of them in each of two texts. */
function part<A extends Float32Array | BigInt64Array | Float64Array>(
  data: A,
  width: number,
  start: number,
  end: number,
): A {
  const texts = [0, 1].map((b) => data.subarray((b * T + start) * width, (b * T + end) * width));
  const joined = data.slice(0, texts[0].length * 2) as A;
  texts.forEach((text, b) => joined.set(text as never, b * text.length));
  return joined;
}

/** The largest of `values`, or 1. */
const largest = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, Math.abs(b)), 1);

describe.each(variants.map((variant) => [variant.name, variant] as const))("on ONNX Runtime, %s", (_, variant) => {
  const feeds = { x, positions, attention_mask: attentionMask };
  const expected = evaluateFloat64(trainingGraph(variant), feeds);

  it("has the reference's output and gradients", async () => {
    const program = await compile(onnxruntimeEngine({ threads: 1, strictShapes: true }), trainingGraph(variant));
    const actual = await program.run(feeds);
    for (const [name, { data }] of Object.entries(expected)) {
      // Roundings of 6e-8 each through three products; the runtime's exp and tanh are good to a few units in the last place.
      expect(actual[name].data, name).toBeAllclose(data, { atol: 1e-5 * largest(data) });
    }
    await program.dispose();
  });

  it.each([true, false])(
    "exported, computes the same in two passes with a cache; own operators: %s",
    async (contrib) => {
      const { model } = lowerGraph(exportedGraph(variant), { parameters: "initializers", contrib });
      expect(model.opsetImports.map(({ domain }) => domain)).toEqual(contrib ? ["", "com.microsoft"] : [""]);
      const session = await createOrtSession(encodeModel(model), { threads: 1, strictShapes: true });
      const none: TensorValue = { dtype: "float32", shape: [B, HKV, 0, D], data: new Float32Array() };
      let past = { key: none, value: none };
      for (const [start, end] of [
        [0, 3],
        [3, 5],
      ]) {
        const given = (name: "float32" | "int64", shape: number[], data: TensorValue["data"]): TensorValue =>
          ({ dtype: name, shape, data }) as TensorValue;
        const result = await session.run({
          x: given("float32", [B, end - start, C], part(x, C, start, end)),
          positions: given("int64", [B, end - start], part(positions, 1, start, end)),
          attention_mask: given("int64", [B, end], part(attentionMask, 1, 0, end)),
          past_key: past.key,
          past_value: past.value,
        });
        const rows = part(expected.output.data, C, start, end);
        expect(result.output.data as Float32Array).toBeAllclose(rows, { atol: 1e-5 * largest(rows) });
        past = { key: result.key, value: result.value };
      }
      await session.dispose();
    },
  );
});

it("cross attention and masks of numbers run there too", async () => {
  const cross = new GroupedQueryAttention(C, { rng: new Rng(1), numHeads: 4, numKeyValueHeads: 1, memoryDim: 6 });
  const self = new GroupedQueryAttention(C, { rng: new Rng(2), numHeads: 2 });
  const given = input("x", [B, T, C]);
  const heard = cross.forward(given, { memory: input("memory", [B, 3, 6]) }).output;
  const mask = logicalAnd(documentMask([0, 0, 0, 1, 1]), prefixMask(T, input("prefix", [B], "int32")));
  const { output } = self.forward(heard, { mask });
  const [byX] = grad(sum(mul(output, output)), [given]);
  const graph = graphOf({ output, byX });
  const feeds = { x, memory: x.slice(0, B * 3 * 6), prefix: Int32Array.of(2, 4) };
  const program = await compile(onnxruntimeEngine({ threads: 1, strictShapes: true }), graph);
  const actual = await program.run(feeds);
  for (const [name, { data }] of Object.entries(evaluateFloat64(graph, feeds))) {
    expect(actual[name].data, name).toBeAllclose(data, { atol: 1e-5 * largest(data) });
  }
  await program.dispose();
});
