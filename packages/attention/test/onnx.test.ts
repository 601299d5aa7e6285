/**
 * Every variant of attention on ONNX Runtime: training graphs and their gradients against the reference engine in double precision,
 * and exported graphs with named dimensions, all tokens at once and one by one with a cache, with the runtime's own operators and without.
 */

import {
  documentMask,
  GroupedQueryAttention,
  type GroupedQueryContext,
  type KeyValueCache,
  prefixMask,
} from "@llm-learning/attention";
import { Rng } from "@llm-learning/init";
import {
  cast,
  compile,
  evaluateFloat64,
  grad,
  type Graph,
  graphOf,
  input,
  logicalAnd,
  mul,
  reshape,
  sum,
  type Tensor,
  type TensorValue,
  trace,
  trainableParameters,
  Training,
} from "@llm-learning/nn-core";
import { encodeModel, lowerGraph } from "@llm-learning/onnx";
import { createOrtSession, onnxruntimeEngine, type Session } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
import {
  attentionMask,
  B,
  C,
  documents,
  H,
  type Layer,
  positions,
  prefixes,
  T,
  type Texts,
  type Variant,
  variants,
} from "./variants.ts";
import "@llm-learning/testing/toBeAllclose";

const rng = new Rng(8);
const x = Float32Array.from({ length: B * T * C }, () => rng.normal());

type Rows = readonly (readonly number[])[];
/** Columns `start` to `end` of a row for each text. */
const columns = (rows: Rows, start = 0, end = T): BigInt64Array =>
  BigInt64Array.from(
    rows.flatMap((row) => row.slice(start, end)),
    BigInt,
  );
const prefix = BigInt64Array.from(prefixes, BigInt);

/** What a pass is given when the layer hears through `visible` `[B, P + T]`, 0 for padding. */
function contextOf(variant: Variant, texts: Texts, visible: Tensor): GroupedQueryContext {
  const { mask, ...context } = variant.context(texts);
  const [batch, total] = visible.shape;
  const unpadded = reshape(cast(visible, "bool"), [batch, 1, 1, total]);
  return { ...context, mask: mask === undefined ? unpadded : logicalAnd(mask, unpadded) };
}

const int64 = "int64" as const;

/** The output at known lengths, in training with its gradients. */
function graphAtLengths(variant: Variant, training?: Training): Graph {
  const layer = variant.create();
  const perToken = { shape: [B, T], dtype: int64 };
  const inputs = {
    x: { shape: [B, T, C] },
    positions: perToken,
    attention_mask: perToken,
    documents: perToken,
    prefix: { shape: [B], dtype: int64 },
  } as const;
  return trace(inputs, (given) => {
    const texts: Texts = { ...given, tokens: T, listeners: T, documents: [given.documents, given.documents] };
    const { output } = layer.forward(given.x, { ...contextOf(variant, texts, given.attention_mask), training });
    if (training === undefined) return { output };
    const parameters = trainableParameters(layer);
    const gradients = grad(sum(mul(output, output)), [given.x, ...parameters.values()]);
    const names = ["x", ...parameters.keys()];
    return { output, ...Object.fromEntries(names.map((name, index) => [`by ${name}`, gradients[index]])) };
  });
}

/** The shape of the layer's cache. */
function cacheShape<P>(layer: Layer, past: P): (number | P | "batch_size")[] {
  const heads = layer instanceof GroupedQueryAttention ? layer.numKeyValueHeads : layer.numHeads;
  return ["batch_size", heads, past, layer.headDim];
}

/** Output and cache at lengths that have names, as a model is exported. */
function exportedGraph(variant: Variant): Graph {
  const layer = variant.create();
  const [batch, length, total] = ["batch_size", "sequence_length", "total_sequence_length"];
  const cache = { shape: cacheShape(layer, "past_sequence_length") };
  const inputs = {
    x: { shape: [batch, length, C] },
    positions: { shape: [batch, length], dtype: int64 },
    attention_mask: { shape: [batch, total], dtype: int64 },
    documents: { shape: [batch, length], dtype: int64 },
    all_documents: { shape: [batch, total], dtype: int64 },
    prefix: { shape: [batch], dtype: int64 },
    past_key: cache,
    past_value: cache,
  } as const;
  return trace(inputs, (given) => {
    const texts: Texts = {
      ...given,
      tokens: total,
      listeners: length,
      documents: [given.documents, given.all_documents],
    };
    const { output, present } = layer.forward(given.x, {
      ...contextOf(variant, texts, given.attention_mask),
      past: { key: given.past_key, value: given.past_value },
      totalLength: total,
    });
    return { output, key: present.key, value: present.value };
  });
}

/** The features of tokens `start` to `end` of both texts. */
function tokens<A extends Float32Array | Float64Array>(data: A, start: number, end: number): A {
  const texts = Array.from({ length: B }, (_, text) => data.subarray((text * T + start) * C, (text * T + end) * C));
  const joined = data.slice(0, B * (end - start) * C) as A;
  texts.forEach((text, index) => joined.set(text, index * text.length));
  return joined;
}

/** Runs an exported graph over the tokens, those before each of `ends` in one pass, and returns the outputs of the passes. */
async function inPasses(session: Session, variant: Variant, ends: readonly number[]): Promise<Float32Array[]> {
  const none = {
    dtype: "float32",
    shape: cacheShape(variant.create(), 0).with(0, B),
    data: new Float32Array(),
  } as TensorValue;
  let past = { key: none, value: none };
  const outputs: Float32Array[] = [];
  for (const [pass, end] of ends.entries()) {
    const start = ends[pass - 1] ?? 0;
    const per = (rows: Rows, from: number): TensorValue => ({
      dtype: "int64",
      shape: [B, end - from],
      data: columns(rows, from, end),
    });
    const result = await session.run({
      x: { dtype: "float32", shape: [B, end - start, C], data: tokens(x, start, end) },
      positions: per(positions, start),
      attention_mask: per(attentionMask, 0),
      documents: per(documents, start),
      all_documents: per(documents, 0),
      prefix: { dtype: "int64", shape: [B], data: prefix },
      past_key: past.key,
      past_value: past.value,
    });
    outputs.push(result.output.data as Float32Array);
    past = { key: result.key, value: result.value };
  }
  return outputs;
}

/** How many tokens have to come in the first pass, because one of them hears a later one. */
function firstPass({ hears }: Variant): number {
  const all = Array.from({ length: T }, (_, token) => token);
  const ahead = all.filter((from) => all.some((to) => to < from && [0, 1].some((text) => hears(to, from, text))));
  return Math.max(0, ...ahead) + 1;
}

/** The largest of `values`, or 1. */
const largest = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, Math.abs(b)), 1);

describe.each(variants.map((variant) => [variant.name, variant] as const))("on ONNX Runtime, %s", (_, variant) => {
  const feeds = {
    x,
    positions: columns(positions),
    attention_mask: columns(attentionMask),
    documents: columns(documents),
    prefix,
  };

  it("has the reference's output and gradients", async () => {
    const training = new Training();
    const graph = graphAtLengths(variant, training);
    const drawn = training.isRandom ? training.draw(new Rng(3)) : {};
    const expected = evaluateFloat64(graph, { ...feeds, ...drawn });
    const program = await compile(onnxruntimeEngine({ threads: 1, strictShapes: true }), graph);
    const actual = await program.run({ ...feeds, ...drawn });
    for (const [name, { data }] of Object.entries(expected)) {
      // Roundings of 6e-8 each through three products; the runtime's exp and tanh are good to a few units in the last place.
      expect(actual[name].data, name).toBeAllclose(data, { atol: 1e-5 * largest(data) });
    }
    await program.dispose();
  });

  it.each([true, false])(
    "exported, computes the same at once and token by token with a cache; own operators: %s",
    async (contrib) => {
      const expected = evaluateFloat64(graphAtLengths(variant), feeds).output.data;
      const { model } = lowerGraph(exportedGraph(variant), { parameters: "initializers", contrib });
      expect(model.opsetImports.map(({ domain }) => domain)).toEqual(contrib ? ["", "com.microsoft"] : [""]);
      const session = await createOrtSession(encodeModel(model), { threads: 1, strictShapes: true });
      const first = firstPass(variant);
      const oneByOne = Array.from({ length: T - first + 1 }, (_, pass) => first + pass);
      for (const ends of [[T], oneByOne]) {
        const outputs = await inPasses(session, variant, ends);
        for (const [pass, output] of outputs.entries()) {
          const rows = tokens(expected, ends[pass - 1] ?? 0, ends[pass]);
          expect(output, `tokens before ${ends[pass]}`).toBeAllclose(rows, { atol: 1e-5 * largest(rows) });
        }
      }
      await session.dispose();
    },
  );
});

describe("on ONNX Runtime, cross attention", () => {
  const [S, M, HKV] = [3, 6, 2];
  const create = () =>
    new GroupedQueryAttention(C, { rng: new Rng(1), numHeads: H, numKeyValueHeads: HKV, memoryDim: M });
  const memoryValues = x.slice(0, B * S * M);

  it("has the reference's output and gradients, with masks of numbers and of inputs", async () => {
    const self = new GroupedQueryAttention(C, { rng: new Rng(2), numHeads: 2 });
    const [given, memory] = [input("x", [B, T, C]), input("memory", [B, S, M])];
    const heard = create().forward(given, { memory }).output;
    const mask = logicalAnd(documentMask([0, 0, 0, 1, 1]), prefixMask(T, input("prefix", [B], "int32")));
    const { output } = self.forward(heard, { mask });
    const [byX, byMemory] = grad(sum(mul(output, output)), [given, memory]);
    const graph = graphOf({ output, byX, byMemory });
    const feeds = { x, memory: memoryValues, prefix: Int32Array.of(2, 4) };
    const program = await compile(onnxruntimeEngine({ threads: 1, strictShapes: true }), graph);
    const actual = await program.run(feeds);
    for (const [name, { data }] of Object.entries(evaluateFloat64(graph, feeds))) {
      expect(actual[name].data, name).toBeAllclose(data, { atol: 1e-5 * largest(data) });
    }
    await program.dispose();
  });

  it.each([true, false])(
    "exported, hears the memory again from its keys and values; own operators: %s",
    async (contrib) => {
      const layer = create();
      const sessionOf = async (memory: Tensor | KeyValueCache): Promise<Session> => {
        const { output, present } = layer.forward(input("x", ["batch_size", "sequence_length", C]), { memory });
        const graph = graphOf({ output, present_key: present.key, present_value: present.value });
        const { model } = lowerGraph(graph, { parameters: "initializers", contrib });
        return createOrtSession(encodeModel(model), { threads: 1, strictShapes: true });
      };
      const spoken = ["batch_size", HKV, "memory_length", layer.headDim];
      const [first, later] = [
        await sessionOf(input("memory", ["batch_size", "memory_length", M])),
        await sessionOf({ key: input("key", spoken), value: input("value", spoken) }),
      ];
      const floats = (shape: number[], data: Float32Array): TensorValue => ({ dtype: "float32", shape, data });
      const whole = { x: input("x", [B, T, C]), memory: input("memory", [B, S, M]) };
      const { output } = layer.forward(whole.x, { memory: whole.memory });
      const expected = evaluateFloat64(graphOf({ output }), { x, memory: memoryValues }).output.data;
      const all = await first.run({ x: floats([B, T, C], x), memory: floats([B, S, M], memoryValues) });
      expect(all.output.data as Float32Array).toBeAllclose(expected, { atol: 1e-5 * largest(expected) });
      for (let t = 0; t < T; t++) {
        const one = await later.run({
          x: floats([B, 1, C], tokens(x, t, t + 1)),
          key: all.present_key,
          value: all.present_value,
        });
        const rows = tokens(expected, t, t + 1);
        expect(one.output.data as Float32Array).toBeAllclose(rows, { atol: 1e-5 * largest(rows) });
      }
      await first.dispose();
      await later.dispose();
    },
  );
});
