/**
 * Every variant of attention, output and gradients by inputs and parameters, against a loop over the edges of its graph.
 */

import { GroupedQueryAttention } from "@llm-learning/attention";
import { Rng } from "@llm-learning/init";
import {
  cast,
  constant,
  evaluateFloat64,
  grad,
  graphOf,
  input,
  logicalAnd,
  mul,
  namedParameters,
  reshape,
  sum,
  type Tensor,
  Training,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import { type Messages, passMessages, type Values } from "./messagePassing.ts";
import {
  attentionMask,
  B,
  C,
  documents,
  H,
  type Layer,
  parameterValues,
  positions,
  prefixes,
  T,
  type Variant,
  variants,
} from "./variants.ts";
import "@llm-learning/testing/toBeAllclose";

function draw(count: number, seed: number): Float64Array {
  const rng = new Rng(seed);
  return Float64Array.from({ length: count }, () => rng.normal());
}

const int64s = (rows: readonly (readonly number[])[]): Tensor =>
  constant(BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0].length], "int64");

const cotangent = draw(B * T * C, 9);

/** Output, and gradients of sum(output * cotangent) by every one of `inputs` and every parameter, with the feeds in `values`. */
function evaluate(
  layer: Layer,
  output: Tensor,
  inputs: readonly Tensor[],
  names: readonly string[],
  values: Readonly<Record<string, Float64Array | Uint8Array>>,
) {
  const parameters = namedParameters(layer);
  const loss = sum(mul(output, input("cotangent", output.shape)));
  const gradients = grad(loss, [...inputs, ...parameters.values()]);
  const named = [...names, ...parameters.keys()].map((name, index) => [`by ${name}`, gradients[index]] as const);
  const graph = graphOf({ output, ...Object.fromEntries(named) });
  const { output: value, ...rest } = evaluateFloat64(graph, { ...values, cotangent });
  return { value, gradients: rest };
}

/** Checks `actual` against `forward` and its central differences by each of `values`. */
function expectDerivatives(
  actual: ReturnType<typeof evaluate>,
  values: Values,
  forward: (values: Values) => Float64Array,
): void {
  // Two orders of some dozens of additions in doubles, and constants of the graph such as 1 / sqrt(headDim).
  expect(actual.value.data).toBeAllclose(forward(values), { atol: 1e-13 });
  const step = 4e-6;
  const losses = (moved: Values): number => forward(moved).reduce((total, y, i) => total + y * cotangent[i], 0);
  expect(Object.keys(actual.gradients)).toEqual(Object.keys(values).map((name) => `by ${name}`));
  for (const [name, data] of Object.entries(values)) {
    const at = (index: number, offset: number): number =>
      losses({ ...values, [name]: data.with(index, data[index] + offset) });
    const expected = data.map((_, index) => (at(index, step) - at(index, -step)) / (2 * step));
    const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
    // Central differences: 1e-14 / step from rounding, and step^2 / 6 times a third derivative of up to 3,000 where a norm divides by
    // the length of a short vector.
    expect(actual.gradients[`by ${name}`].data, name).toBeAllclose(expected, { atol: 1e-8 * largest });
  }
}

/** The projections of a fused layer as three. */
function separate(values: Values): Values {
  const { "qkv.weight": weight, "qkv.bias": bias, ...rest } = values;
  if (weight === undefined) return values;
  const third = (data: Float64Array, index: number): Float64Array =>
    data.subarray((index * data.length) / 3, ((index + 1) * data.length) / 3);
  const parts = ["query", "key", "value"].flatMap((name, index) => [
    [`${name}.weight`, third(weight, index)] as const,
    [`${name}.bias`, third(bias, index)] as const,
  ]);
  return { ...rest, ...Object.fromEntries(parts) };
}

/** The graph of a variant in numbers: of each text's padding nobody hears anything. */
function messagesOf(variant: Variant, layer: Layer, kept: Messages["kept"]): Messages {
  return {
    headDim: layer.headDim,
    scale: layer.scale,
    softCap: layer instanceof GroupedQueryAttention ? layer.softCap : undefined,
    hears: (to, from, text) => attentionMask[text][from] === 1 && variant.hears(to, from, text),
    bias: variant.bias ?? (() => 0),
    frequencies: variant.frequencies ?? [],
    attentionFactor: variant.attentionFactor ?? 1,
    position: (token, text) => positions[text][token],
    kept,
  };
}

describe("attention passes messages along the edges of a graph, and gradients back along them", () => {
  it.each(variants.map((variant) => [variant.name, variant] as const))("%s", (_, variant) => {
    const layer = variant.create();
    const x = input("x", [B, T, C]);
    const own = int64s(documents);
    const texts = { tokens: T, listeners: T, positions: int64s(positions), documents: [own, own] as const };
    const prefix = constant(BigInt64Array.from(prefixes, BigInt), [B], "int64");
    const { mask, ...context } = variant.context({ ...texts, prefix });
    const visible = reshape(cast(int64s(attentionMask), "bool"), [B, 1, 1, T]);
    const training = new Training();
    const { output } = layer.forward(x, { ...context, training, mask: mask ? logicalAnd(mask, visible) : visible });

    const values: Values = { x: draw(B * T * C, 8), ...parameterValues(layer) };
    const masks = (training.isRandom ? training.draw(new Rng(3)) : {}) as Record<string, Uint8Array>;
    const drawn = masks["random.0"] as Uint8Array | undefined;
    const kept: Messages["kept"] = (head, to, from, text) =>
      drawn === undefined ? 1 : drawn[((text * H + head) * T + to) * T + from] / (1 - layer.dropout.rate);
    const messages = messagesOf(variant, layer, kept);
    const actual = evaluate(layer, output, [x], ["x"], { x: values.x, ...masks });
    expectDerivatives(actual, values, (moved) => passMessages(separate(moved), messages));
  });

  it("cross attention: from the tokens of another sequence, through a mask", () => {
    const [S, M] = [3, 6];
    const layer = new GroupedQueryAttention(C, { rng: new Rng(7), numHeads: H, numKeyValueHeads: 2, memoryDim: M });
    const [x, memory] = [input("x", [B, T, C]), input("memory", [B, S, M])];
    const visible = [
      [1, 1, 0],
      [1, 1, 1],
    ];
    const mask = reshape(cast(int64s(visible), "bool"), [B, 1, 1, S]);
    const { output } = layer.forward(x, { memory, mask });
    const values: Values = { x: draw(B * T * C, 8), memory: draw(B * S * M, 7), ...parameterValues(layer) };
    const messages: Messages = {
      headDim: layer.headDim,
      scale: layer.scale,
      softCap: undefined,
      hears: (_, from, text) => visible[text][from] === 1,
      bias: () => 0,
      frequencies: [],
      attentionFactor: 1,
      position: () => 0,
      kept: () => 1,
      memory: { tokens: S, width: M },
    };
    const actual = evaluate(layer, output, [x, memory], ["x", "memory"], { x: values.x, memory: values.memory });
    expectDerivatives(actual, values, (moved) => passMessages(moved, messages));
  });
});
