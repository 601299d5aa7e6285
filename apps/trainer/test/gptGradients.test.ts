/**
 * The model that is trained, on the engine that trains it, against PyTorch: the only place where both may be imported.
 */

import { compile } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
import "../../../packages/nn-core/test/toBeAllclose.ts";
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
