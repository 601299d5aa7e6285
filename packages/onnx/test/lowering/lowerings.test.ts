/**
 * Every op on ONNX Runtime against the reference engine in double precision: forward and gradient, static shapes and
 * named dimensions, with ONNX Runtime's own operators and without.
 */

import { encodeModel, lowerGraph } from "@llm-learning/onnx";
import { createOrtSession, onnxruntimeEngine } from "@llm-learning/onnx/node";
import { compile, type Graph, type OpName, referenceEngine } from "@llm-learning/nn-core";
import { type Case, cases } from "@llm-learning/testing-engines/cases";
import {
  differences,
  differencesFromReference,
  drawCase,
  gradientGraph,
  graphOfCase,
} from "@llm-learning/testing-engines/engineCases";
import { describe, expect, it } from "vitest";

const seeds = [1, 2, 3, 4];
const reference = referenceEngine({ precision: "float64" });
const native = onnxruntimeEngine({ threads: 1, strictShapes: true });

describe.each(Object.entries(cases) as [OpName, readonly Case[]][])("%s on ONNX Runtime", (op, list) => {
  it("is what every case of the table contains", () => {
    for (const one of list) {
      const { nodes } = graphOfCase(one, drawCase(one, 1).sizes);
      expect(
        nodes.map((node) => node.op.name),
        one.name,
      ).toContain(op);
    }
  });

  it.each(list)("equals the reference: $name", async (one) => {
    for (const seed of seeds) {
      const { sizes, feeds } = drawCase(one, seed);
      expect(await differencesFromReference(native, graphOfCase(one, sizes), feeds)).toEqual([]);
    }
  });

  const differentiable = list.filter((one) => gradientGraph(one, drawCase(one, 1).sizes, 1) !== undefined);
  it.each(differentiable)("has the reference's gradient: $name", async (one) => {
    for (const seed of seeds) {
      const { sizes, feeds } = drawCase(one, seed);
      expect(await differencesFromReference(native, gradientGraph(one, sizes, seed) as Graph, feeds)).toEqual([]);
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
          const { sizes, feeds } = drawCase(one, seed);
          const expected = await (await compile(reference, graphOfCase(one, sizes))).run(feeds);
          expect(differences(await session.run(feeds), expected), one.name).toEqual([]);
        }
        await session.dispose();
      }
    }
  });
});
