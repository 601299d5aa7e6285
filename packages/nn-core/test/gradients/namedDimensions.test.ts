import {
  add,
  embedding,
  evaluateFloat64,
  grad,
  graphOf,
  input,
  layerNorm,
  linear,
  mul,
  nll,
  reshape,
  scaledDotProductAttention,
  type Shape,
  sum,
  type Tensor,
} from "@llm-learning/nn-core";
import { expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { Draw } from "./draw.ts";

/** A one-layer language model: what a gradient with named batch and time axes passes through in practice. */
function gradients([B, T]: Shape): { graph: ReturnType<typeof graphOf>; names: string[] } {
  const parameters: Record<string, Tensor> = {
    table: input("table", [5, 4]),
    scale: input("scale", [4]),
    weight: input("weight", [4, 4]),
    bias: input("bias", [4]),
    head: input("head", [5, 4]),
  };
  const { table, scale, weight, bias, head } = parameters;
  const [tokens, targets] = [input("tokens", [B, T], "int32"), input("targets", [B, T], "int32")];
  const x = layerNorm(embedding(table, tokens), scale); // [B, T, 4]
  const heads = reshape(linear(x, weight, bias), [B, 1, T, 4]); // [B, 1, T, 4]
  const { output } = scaledDotProductAttention(heads, heads, heads, { causal: true });
  const logits = linear(add(x, mul(reshape(output, [B, T, 4]), bias)), head); // [B, T, 5]
  const loss = sum(nll(logits, targets, { ignoreIndex: -1 }).nll);
  const names = Object.keys(parameters);
  const results = grad(loss, Object.values(parameters));
  return { graph: graphOf(Object.fromEntries(names.map((name, index) => [name, results[index]]))), names };
}

it("gives gradients through named dimensions equal to those through numbers", () => {
  const draw = new Draw(1);
  const feeds = {
    table: draw.normal([5, 4]).data,
    scale: draw.normal([4]).data,
    weight: draw.normal([4, 4]).data,
    bias: draw.normal([4]).data,
    head: draw.normal([5, 4]).data,
    tokens: { shape: [2, 3], data: Int32Array.of(0, 3, 4, 1, 1, 2) },
    targets: { shape: [2, 3], data: Int32Array.of(3, 4, -1, 1, 2, 0) },
  };
  const named = gradients(["batch", "time"]);
  const fixed = gradients([2, 3]);
  const actual = evaluateFloat64(named.graph, feeds);
  const expected = evaluateFloat64(fixed.graph, feeds);
  for (const name of named.names) {
    // The same sums in doubles, perhaps in another order.
    expect(actual[name].data).toBeAllclose(expected[name].data, { rtol: 1e-12, atol: 1e-12 });
  }
});
