/**
 * The models of the lectures on the engine that trains them, against PyTorch, and their inference graphs on the same runtime.
 */

import { traceNextToken } from "@llm-learning/models";
import { compile, referenceEngine } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
// @boundaries-ignore the fixture is the models package's own, and only an app may depend on both it and an engine
import { largest } from "../../../packages/models/test/gptFixture.ts";
// @boundaries-ignore the same
import {
  expectedOf,
  feedsOf,
  lectureCases,
  modelOf,
  trainingGraph,
} from "../../../packages/models/test/lectureFixture.ts";

describe.each(lectureCases.map((one) => [one.name, one] as const))("%s, on ONNX Runtime", (_, one) => {
  it("has PyTorch's logits, loss, running statistics and gradient of every parameter", async () => {
    const program = await compile(onnxruntimeEngine({ threads: 1 }), trainingGraph(modelOf(one), one));
    const result = await program.run(feedsOf(one));
    for (const [name, expected] of expectedOf(one)) {
      // PyTorch in float32 is off by up to 2.3e-6 of the largest value (torchError in the fixture); kernels differ by machine.
      expect(result[name].data, name).toBeAllclose(expected, { atol: 1e-5 * largest(expected) });
    }
    await program.dispose();
  });

  it("has the reference engine's scores of the next token in use, without norms too", async () => {
    const model = modelOf(one);
    const { shape, data } = one.inputIds;
    const input_ids = { shape, data: BigInt64Array.from(data, BigInt) };
    const expected = await compile(referenceEngine(), traceNextToken(model));
    const { logits } = await expected.run({ input_ids });
    for (const same of [model, model.folded?.() ?? model]) {
      const program = await compile(onnxruntimeEngine({ threads: 1 }), traceNextToken(same));
      const result = await program.run({ input_ids });
      // float32 roundings of logits of size 1, of folded weights too.
      expect(result.logits.data).toBeAllclose(logits.data as Float32Array, { atol: 1e-5 });
      expect(result.logits.shape).toEqual(logits.shape);
      await program.dispose();
    }
  });
});
