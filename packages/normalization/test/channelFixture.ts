/**
 * Normalizations by channel that PyTorch computed (fixtures/generate_channels.py), and a layer taken through their steps.
 */

import { readFileSync } from "node:fs";
import {
  evaluateFloat64,
  grad,
  type Graph,
  graphOf,
  input,
  mul,
  namedParameters,
  type Operand,
  type Parameter,
  referenceEngine,
  sum,
  type Tensor,
  Training,
} from "@llm-learning/nn-core";

interface Step {
  x: number[];
  cotangent: number[];
  y: number[];
  gradients: Record<string, number[]>;
  /** The statistics after the step, by the paths of their parameters. */
  running: Record<string, number[]>;
}

export interface ChannelCase {
  layer: "BatchNorm" | "GroupNorm" | "InstanceNorm";
  name: string;
  shape: number[];
  options: Record<string, number | boolean | null>;
  weights: Record<string, number[]>;
  steps: Step[];
  eval: { x: number[]; y: number[] };
}

interface Layer {
  forward(x: Operand, training?: Training): Tensor;
}

const path = new URL("fixtures/channels.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: ChannelCase[] };

export function channelCases(layer: ChannelCase["layer"]): ChannelCase[] {
  return cases.filter((one) => one.layer === layer);
}

/** `y`, the gradients of `sum(y * cotangent)`, and the announced statistics as `running.mean` and so on. */
function trainingGraph(layer: Layer, shape: readonly number[]): Graph {
  const training = new Training();
  const x = input("x", shape);
  const y = layer.forward(x, training);
  const parameters = [...namedParameters(layer)];
  const learned = parameters.filter(([, { trainable }]) => trainable);
  const gradients = grad(sum(mul(y, input("cotangent", shape))), [x, ...learned.map(([, parameter]) => parameter)]);
  const names = ["x", ...learned.map(([name]) => name)];
  const updates = parameters.flatMap(([name, parameter]) => {
    const value = training.updates.get(parameter);
    return value === undefined ? [] : [[name, value] as const];
  });
  return graphOf({
    y,
    ...Object.fromEntries(names.map((name, index) => [`gradients.${name}`, gradients[index]])),
    ...Object.fromEntries(updates),
  });
}

/** A value by PyTorch, and what ours is in double precision and on the reference engine. */
export interface Comparison {
  name: string;
  expected: number[];
  double: ArrayLike<number>;
  single: ArrayLike<number>;
}

/** Takes the layer through the case's steps, its statistics following, and then once through eval mode. */
export async function takeSteps(layer: Layer, one: ChannelCase): Promise<Comparison[]> {
  const parameters = namedParameters(layer);
  for (const [name, data] of Object.entries(one.weights)) parameters.get(name)!.data.set(data);
  const doubles = new Map<Parameter, Float64Array>(
    [...parameters].map(([name, parameter]) => [parameter, Float64Array.from(one.weights[name] ?? parameter.data)]),
  );
  const comparisons: Comparison[] = [];
  const compareAll = async (when: string, graph: Graph, feeds: Record<string, number[]>, expected: typeof feeds) => {
    const double = evaluateFloat64(graph, mapValues(feeds, Float64Array.from.bind(Float64Array)), doubles);
    const program = await referenceEngine().compile(graph);
    const single = await program.run(mapValues(feeds, Float32Array.from.bind(Float32Array)));
    for (const [name, values] of Object.entries(expected)) {
      comparisons.push({
        name: `${when}: ${name}`,
        expected: values,
        double: double[name].data,
        single: single[name].data as Float32Array,
      });
    }
    for (const [name, parameter] of parameters) {
      if (!graph.outputs.has(name)) continue;
      doubles.set(parameter, Float64Array.from(double[name].data));
      parameter.data.set(single[name].data as Float32Array);
    }
  };
  const graph = trainingGraph(layer, one.shape);
  for (const [index, { x, cotangent, y, gradients, running }] of one.steps.entries()) {
    const named = Object.entries(gradients).map(([name, values]) => [`gradients.${name}`, values] as const);
    await compareAll(`step ${index}`, graph, { x, cotangent }, { y, ...Object.fromEntries(named), ...running });
  }
  const inUse = graphOf({ y: layer.forward(input("x", one.shape)) });
  await compareAll("eval", inUse, { x: one.eval.x }, { y: one.eval.y });
  return comparisons;
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
