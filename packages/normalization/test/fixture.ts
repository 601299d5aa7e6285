/**
 * Normalizations that PyTorch computed (fixtures/generate.py).
 */

import { readFileSync } from "node:fs";
import {
  grad,
  type Graph,
  graphOf,
  input,
  loadStateDict,
  mul,
  namedParameters,
  sum,
  type Tensor,
} from "@llm-learning/nn-core";

export interface NormalizationCase {
  layer: "LayerNorm" | "RMSNorm";
  name: string;
  shape: number[];
  eps: number;
  x: number[];
  weight: number[];
  bias: number[] | null;
  cotangent: number[];
  y: number[];
  gradients: Record<string, number[]>;
}

const path = new URL("fixtures/normalization.json", import.meta.url);

export function casesOf(layer: NormalizationCase["layer"]): NormalizationCase[] {
  const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: NormalizationCase[] };
  return cases.filter((one) => one.layer === layer);
}

/** `y`, and the gradients of `sum(y * cotangent)` by the input and each parameter, of a layer with the case's weights. */
export function graphOfLayer(layer: { forward(x: Tensor): Tensor }, one: NormalizationCase): Graph {
  const { shape, weight, bias } = one;
  const size = [weight.length];
  const values = Object.entries({ weight, ...(bias && { bias }) });
  loadStateDict(
    layer,
    new Map(values.map(([name, data]) => [name, { shape: size, data: Float32Array.from(data) }] as const)),
  );
  const x = input("x", shape);
  const cotangent = input("cotangent", shape);
  const y = layer.forward(x);
  const parameters = [...namedParameters(layer)];
  const gradients = grad(sum(mul(y, cotangent)), [x, ...parameters.map(([, parameter]) => parameter)]);
  const names = ["x", ...parameters.map(([name]) => name)];
  return graphOf({ y, ...Object.fromEntries(names.map((name, index) => [name, gradients[index]])) });
}

export function feedsOf({ x, cotangent }: NormalizationCase): Record<string, Float32Array> {
  return { x: Float32Array.from(x), cotangent: Float32Array.from(cotangent) };
}

export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
