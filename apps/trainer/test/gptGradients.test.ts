/**
 * The model that is trained, on the engine that trains it, against PyTorch: the only place where both may be imported.
 */

import { Rng } from "@llm-learning/init";
import { GPT } from "@llm-learning/models";
import { compile, referenceEngine, trace, Training } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
// @boundaries-ignore the fixture is the models package's own, and only an app may depend on both it and an engine
import {
  expectedOf,
  feedsOf,
  gptCases,
  gptOf,
  largest,
  trainingGraph,
} from "../../../packages/models/test/gptFixture.ts";

describe.each(gptCases.map((one) => [one.name, one] as const))("%s, on ONNX Runtime", (_, one) => {
  it.each([1, 2])("has PyTorch's logits, loss and gradient of every parameter, with %i threads", async (threads) => {
    const program = await compile(onnxruntimeEngine({ threads }), trainingGraph(gptOf(one), one));
    const result = await program.run(feedsOf(one));
    for (const [name, expected] of expectedOf(one)) {
      // PyTorch in float32 is off by up to 7.3e-7 of the largest value (torchError in the fixture); kernels differ by machine.
      expect(result[name].data, name).toBeAllclose(expected, { atol: 5e-6 * largest(expected) });
    }
    await program.dispose();
  });
});

describe("dropout", () => {
  it("drops the same elements on every engine", async () => {
    const shape = [2, 4];
    const sizes = { vocabSize: 7, blockSize: 4, nLayer: 2, nHead: 2, nEmbd: 6 };
    const model = new GPT({ ...sizes, dropout: 0.4, init: "torch" }, { rng: new Rng(1) });
    const training = new Training();
    const spec = { shape, dtype: "int32" } as const;
    const graph = trace({ inputIds: spec, targets: spec }, ({ inputIds, targets }) => ({
      loss: model.loss(inputIds, targets, training),
    }));
    const engines = [referenceEngine(), onnxruntimeEngine({ threads: 1 })];
    const programs = await Promise.all(engines.map((engine) => compile(engine, graph)));
    const inputIds = new Int32Array([0, 1, 2, 3, 4, 5, 6, 0]);
    const targets = new Int32Array([1, 2, 3, 4, 5, 6, 0, 1]);
    const seen = new Set<number>();
    for (const seed of [1, 2, 3]) {
      const feeds = { inputIds, targets, ...training.draw(new Rng(seed)) };
      const [reference, native] = await Promise.all(
        programs.map(async (program) => (await program.run(feeds)).loss.data[0] as number),
      );
      // A loss of 2 in float32, after roundings of 6e-8; another mask changes the first or second digit.
      expect(native).toBeCloseTo(reference, 5);
      seen.add(Math.round(reference * 1000));
    }
    expect(seen.size).toBe(3);
    await Promise.all(programs.map((program) => program.dispose()));
  });
});
