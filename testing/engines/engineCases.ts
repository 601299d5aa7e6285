/**
 * One case of the table as graphs, forward and gradient, and what an engine makes of them against the reference in double precision.
 */

import {
  add,
  compile,
  constant,
  elementCount,
  type Engine,
  grad,
  type Graph,
  input,
  mul,
  referenceEngine,
  sum,
  type Tensor,
  type TensorValue,
  trace,
} from "@llm-learning/nn-core";
import type { Case } from "./cases.ts";
import { drawFeed, drawSizes, type Feed, sizeOf, sizesOf, uniform } from "./feeds.ts";

const reference = referenceEngine({ precision: "float64" });

/** Sizes of a case's dimensions, and a value for each of its inputs. */
export interface DrawnCase {
  readonly sizes: ReadonlyMap<string, number>;
  readonly feeds: Readonly<Record<string, Feed>>;
}

export function drawCase(one: Case, seed: number): DrawnCase {
  const next = uniform(seed);
  const sizes = drawSizes(one, next);
  const feeds = Object.entries(one.inputs).map(([name, spec]) => [name, drawFeed(spec, sizes, next)]);
  return { sizes, feeds: Object.fromEntries(feeds) };
}

/** The case as a graph: with the drawn sizes, or with the names of its dimensions. */
export function graphOfCase(one: Case, sizes: ReadonlyMap<string, number> | undefined): Graph {
  const specs = Object.entries(one.inputs).map(([name, { shape, dtype }]) => [
    name,
    { shape: sizes === undefined ? shape : sizesOf(shape, sizes), dtype },
  ]);
  return trace(Object.fromEntries(specs), (inputs) => namedOutputs(bodyOf(one, inputs, sizes)));
}

function bodyOf(one: Case, inputs: Record<string, Tensor>, sizes: ReadonlyMap<string, number> | undefined): Tensor[] {
  return [one.body(inputs, (name) => (sizes === undefined ? name : sizeOf(name, sizes)))].flat();
}

function namedOutputs(outputs: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(outputs.map((tensor, index) => [`y${index}`, tensor]));
}

/**
 * Gradients by every float input of a weighted sum of every float output, so that no symmetry hides an error; undefined where there is
 * none.
 */
export function gradientGraph(one: Case, sizes: ReadonlyMap<string, number>, seed: number): Graph | undefined {
  const next = uniform(1000 + seed);
  const inputs = Object.fromEntries(
    Object.entries(one.inputs).map(([name, { shape, dtype }]) => [name, input(name, sizesOf(shape, sizes), dtype)]),
  );
  const outputs = bodyOf(one, inputs, sizes).filter(({ dtype }) => dtype === "float32");
  const wrt = Object.entries(inputs).filter(([, { dtype }]) => dtype === "float32");
  if (outputs.length === 0 || wrt.length === 0) return undefined;
  const loss = outputs
    .map((y) => {
      const shape = y.shape as readonly number[];
      const weights = Array.from({ length: elementCount(shape) }, () => 2 * next() - 1);
      return sum(mul(y, constant(weights, shape)));
    })
    .reduce((total, term) => add(total, term));
  const gradients = grad(
    loss,
    wrt.map(([, tensor]) => tensor),
  );
  return trace(
    Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }])),
    () => Object.fromEntries(gradients.map((gradient, index) => [`gradient of ${wrt[index][0]}`, gradient])),
  );
}

/**
 * What differs between two sets of outputs, in words; nothing where all agree.
 *
 * Float32 keeps 2^-24 of each operand; sums here have at most some dozens of terms, and an engine's exp, erf and tanh are
 * good to a few units in the last place: 1e-5 of the largest element leaves a factor of ten.
 */
export function differences(actual: Record<string, TensorValue>, expected: Record<string, TensorValue>): string[] {
  return Object.entries(expected).flatMap(([name, { data, shape, dtype }]) => {
    const got = actual[name];
    const type = `${name}: expected ${dtype} [${shape.join()}]`;
    if (got?.dtype !== dtype || got.shape.join() !== shape.join()) {
      return [`${type}, got ${got?.dtype} [${got?.shape.join()}]`];
    }
    const [values, wanted] = [Array.from(got.data, Number), Array.from(data, Number)];
    const tolerance = dtype === "float32" ? 1e-5 * Math.max(1, ...wanted.map(Math.abs)) : 0;
    const isClose =
      values.length === wanted.length && wanted.every((value, i) => Math.abs(values[i] - value) <= tolerance);
    return isClose ? [] : [`${type} ${wanted.join()}, got ${values.join()}`];
  });
}

/** What `engine` makes of a graph that the reference makes otherwise. */
export async function differencesFromReference(
  engine: Engine,
  graph: Graph,
  feeds: DrawnCase["feeds"],
  resolved: Graph = graph,
): Promise<string[]> {
  const program = await compile(engine, graph);
  const expected = await (await compile(reference, resolved)).run(feeds);
  const found = differences(await program.run(feeds), expected);
  await program.dispose();
  return found;
}
