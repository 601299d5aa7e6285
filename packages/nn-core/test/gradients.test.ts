import {
  elementCount,
  evaluateFloat64,
  formatShape,
  grad,
  type Graph,
  graphOf,
  input,
  isStatic,
  mul,
  type OpName,
  reshape,
  sum,
  type Tensor,
  add,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import { type GradientCase, gradientCases } from "./gradients/cases.ts";
import { Draw } from "./gradients/draw.ts";
import "@llm-learning/testing/toBeAllclose";

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);

const STEP = 1e-5;

/**
 * Of the largest gradient. Central differences are off by STEP^2 / 6 times the third derivative, besides 1e-16 / STEP =
 * 1e-11 from rounding. The worst is 1 / x, which is drawn down to x = 0.1: where its gradient's gradient is checked, the
 * third derivative is 12 / x^2 = 1200 times the first, which makes 2e-8.
 */
const TOLERANCE = 5e-8;

/** Two ways to compute the same numbers in doubles: some dozens of roundings of 1e-16 each, relative to the largest number. */
const ROUNDING = 1e-13;

type Values = Record<string, Float64Array>;

/** Weights every output element at random and adds them up, so that no element's gradient can hide another's. */
function weightedSum(outputs: readonly Tensor[], name: string, draw: Draw, feeds: Values): Tensor {
  return outputs
    .map((output, index) => {
      const count = elementCount(staticShape(output));
      const key = `${name}${index}`;
      feeds[key] = draw.normal([count]).data;
      return sum(mul(reshape(output, [count]), input(key, [count])));
    })
    .reduce((total, term) => add(total, term));
}

function staticShape({ shape }: Tensor): readonly number[] {
  if (isStatic(shape)) return shape;
  throw new RangeError(`expected a static shape, got ${formatShape(shape)}`);
}

/** d scalar / d feeds[name] by central differences. */
function centralDifferences(graph: Graph, scalar: string, feeds: Values, name: string): Float64Array {
  const at = (index: number, offset: number): number => {
    const moved = feeds[name].with(index, feeds[name][index] + offset);
    return evaluateFloat64(graph, { ...feeds, [name]: moved })[scalar].data[0];
  };
  return feeds[name].map((_, index) => (at(index, STEP) - at(index, -STEP)) / (2 * STEP));
}

/** Checks the gradients of `scalar` by `operands`, and returns them. */
function checkGradients(scalar: Tensor, operands: readonly Tensor[], feeds: Values): Tensor[] {
  const gradients = grad(scalar, operands);
  const names = operands.map((_, index) => `x${index}`);
  const declared = [...operands];
  const scalarGraph = graphOf({ scalar }, declared);
  const known = Object.fromEntries(Object.entries(feeds).filter(([name]) => scalarGraph.inputs.has(name)));
  const graph = graphOf(Object.fromEntries(names.map((name, index) => [name, gradients[index]])), [
    ...declared,
    ...scalarGraph.inputs.values(),
  ]);
  const exact = evaluateFloat64(graph, known);
  for (const name of names) {
    const expected = centralDifferences(scalarGraph, "scalar", known, name);
    const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
    expect(exact[name].data).toBeAllclose(expected, { atol: TOLERANCE * largest });
  }
  return gradients;
}

function asList(outputs: Tensor | readonly Tensor[]): readonly Tensor[] {
  return Array.isArray(outputs) ? outputs : [outputs as Tensor];
}

function inputsOf({ operands }: GradientCase): { tensors: Tensor[]; feeds: Values } {
  const feeds = Object.fromEntries(operands.map(({ data }, index) => [`x${index}`, data]));
  return { tensors: operands.map(({ shape }, index) => input(`x${index}`, shape)), feeds };
}

const opNames = Object.keys(gradientCases) as OpName[];

describe.each(opNames)("%s", (op) => {
  it.each(SEEDS)("has the first and second derivatives that central differences give, seed %i", (seed) => {
    const draw = new Draw(seed);
    const drawn = gradientCases[op](draw);
    const { tensors, feeds } = inputsOf(drawn);
    const outputs = asList(drawn.apply(...tensors));
    const loss = weightedSum(outputs, "weight", draw, feeds);
    expect(graphOf({ loss }).nodes.map((node) => node.op.name)).toContain(op);

    const gradients = checkGradients(loss, tensors, feeds);
    if (drawn.flat === true) {
      for (const gradient of gradients) expect(gradient.source.kind).toBe("constant");
    }
    checkGradients(weightedSum(gradients, "second", draw, feeds), tensors, feeds);
  });
});

const fused = opNames.filter((op) => gradientCases[op](new Draw(0)).decomposition !== undefined);

describe.each(fused)("%s", (op) => {
  it.each(SEEDS)("equals its decomposition into primitive ops, gradients included, seed %i", (seed) => {
    const draw = new Draw(100 + seed);
    const drawn = gradientCases[op](draw);
    const { tensors, feeds } = inputsOf(drawn);
    const whole = asList(drawn.apply(...tensors));
    const parts = asList(drawn.decomposition?.(...tensors) ?? []);
    expect(parts.map(({ shape }) => shape)).toEqual(whole.map(({ shape }) => shape));

    // The same seed for both, so that both losses weight their outputs alike.
    const results = [whole, parts].map((outputs) => {
      const allFeeds = { ...feeds };
      const loss = weightedSum(outputs, "weight", new Draw(seed), allFeeds);
      const named = [...outputs, ...grad(loss, tensors)].map((tensor, index) => [String(index), tensor] as const);
      return evaluateFloat64(
        graphOf(Object.fromEntries(named), [...tensors, ...graphOf({ loss }).inputs.values()]),
        allFeeds,
      );
    });
    for (const [name, { data }] of Object.entries(results[1])) {
      const largest = data.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
      expect(results[0][name].data).toBeAllclose(data, { atol: ROUNDING * largest });
    }
  });
});
