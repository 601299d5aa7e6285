/**
 * Every op on ONNX Runtime against the reference engine in double precision: forward and gradient, static shapes and
 * named dimensions, with ONNX Runtime's own operators and without.
 */

import { encodeModel, lowerGraph } from "@llm-learning/onnx";
import { createOrtSession, onnxruntimeEngine } from "@llm-learning/onnx/node";
import {
  add,
  compile,
  constant,
  elementCount,
  grad,
  type Graph,
  input,
  mul,
  type OpName,
  referenceEngine,
  sum,
  type Tensor,
  type TensorValue,
  trace,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import { type Case, cases } from "./cases.ts";
import { drawFeed, drawSizes, type Feed, sizeOf, sizesOf, uniform } from "./feeds.ts";

const seeds = [1, 2, 3, 4];
const reference = referenceEngine({ precision: "float64" });
const native = onnxruntimeEngine({ threads: 1, strictShapes: true });

interface Drawn {
  readonly sizes: ReadonlyMap<string, number>;
  readonly feeds: Readonly<Record<string, Feed>>;
}

function draw(one: Case, seed: number): Drawn {
  const next = uniform(seed);
  const sizes = drawSizes(one, next);
  const feeds = Object.entries(one.inputs).map(([name, spec]) => [name, drawFeed(spec, sizes, next)]);
  return { sizes, feeds: Object.fromEntries(feeds) };
}

/** The case as a graph: with the drawn sizes, or with the names of its dimensions. */
function graphOfCase(one: Case, sizes: ReadonlyMap<string, number> | undefined): Graph {
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

/** Gradients by every float input of a weighted sum of every float output, so that no symmetry hides an error. */
function gradientGraph(one: Case, sizes: ReadonlyMap<string, number>, next: () => number): Graph | undefined {
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
 * Float32 keeps 2^-24 of each operand; sums here have at most some dozens of terms, and the runtime's exp, erf and tanh are
 * good to a few units in the last place: 1e-5 of the largest element leaves a factor of ten.
 */
function differences(actual: Record<string, TensorValue>, expected: Record<string, TensorValue>): string[] {
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

async function differencesFromReference(graph: Graph, feeds: Drawn["feeds"]): Promise<string[]> {
  const program = await compile(native, graph);
  const expected = await (await compile(reference, graph)).run(feeds);
  const found = differences(await program.run(feeds), expected);
  await program.dispose();
  return found;
}

describe.each(Object.entries(cases) as [OpName, readonly Case[]][])("%s on ONNX Runtime", (op, list) => {
  it("is what every case of the table contains", () => {
    for (const one of list) {
      const { nodes } = graphOfCase(one, draw(one, 1).sizes);
      expect(
        nodes.map((node) => node.op.name),
        one.name,
      ).toContain(op);
    }
  });

  it.each(list)("equals the reference: $name", async (one) => {
    for (const seed of seeds) {
      const { sizes, feeds } = draw(one, seed);
      expect(await differencesFromReference(graphOfCase(one, sizes), feeds)).toEqual([]);
    }
  });

  const differentiable = list.filter((one) => gradientGraph(one, draw(one, 1).sizes, uniform(1)) !== undefined);
  it.each(differentiable)("has the reference's gradient: $name", async (one) => {
    for (const seed of seeds) {
      const { sizes, feeds } = draw(one, seed);
      expect(await differencesFromReference(gradientGraph(one, sizes, uniform(1000 + seed)) as Graph, feeds)).toEqual(
        [],
      );
    }
  });

  const named = list.filter((one) => one.named !== false);
  it.runIf(named.length > 0)("keeps named dimensions open, with and without ONNX Runtime's own operators", async () => {
    for (const one of named) {
      const graph = graphOfCase(one, undefined);
      for (const contrib of [true, false]) {
        const { model } = lowerGraph(graph, { parameters: "initializers", contrib });
        if (!contrib) {
          expect(model.opsetImports).toEqual([{ domain: "", version: 21 }]);
          expect(
            model.graph.nodes.filter(({ domain = "", opType }) => domain !== "" || opType.startsWith("Simplified")),
          ).toEqual([]);
        }
        const session = await createOrtSession(encodeModel(model), { threads: 1, strictShapes: true });
        for (const seed of seeds) {
          const { sizes, feeds } = draw(one, seed);
          const expected = await (await compile(reference, graphOfCase(one, sizes))).run(feeds);
          expect(differences(await session.run(feeds), expected), one.name).toEqual([]);
        }
        await session.dispose();
      }
    }
  });
});
