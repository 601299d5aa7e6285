/**
 * Every op on TensorFlow.js against the reference engine in double precision: forward and gradient, static shapes and named dimensions, on
 * the backends in plain JavaScript and in WebAssembly.
 */

import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import type { OpName } from "@llm-learning/nn-core";
import { type Case, cases } from "@llm-learning/testing-engines/cases";
import {
  differencesFromReference,
  drawCase,
  gradientGraph,
  graphOfCase,
} from "@llm-learning/testing-engines/engineCases";
import { tfjsEngine } from "@llm-learning/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

const engine = tfjsEngine(tf);

describe.each([
  { backend: "cpu", seeds: [1] },
  { backend: "wasm", seeds: [1, 2] },
])("on the backend $backend", ({ backend, seeds }) => {
  beforeAll(async () => {
    if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} cannot be had`);
  });

  describe.each(Object.entries(cases) as [OpName, readonly Case[]][])("%s", (_, list) => {
    it.each(list)("equals the reference, forward and gradient: $name", async (one) => {
      const before = tf.memory().numTensors;
      for (const seed of seeds) {
        const { sizes, feeds } = drawCase(one, seed);
        const fixed = graphOfCase(one, sizes);
        expect(await differencesFromReference(engine, fixed, feeds)).toEqual([]);
        if (one.named !== false) {
          expect(await differencesFromReference(engine, graphOfCase(one, undefined), feeds, fixed)).toEqual([]);
        }
        const gradients = gradientGraph(one, sizes, seed);
        if (gradients !== undefined) expect(await differencesFromReference(engine, gradients, feeds)).toEqual([]);
      }
      expect(tf.memory().numTensors - before).toBe(0);
    });
  });
});
