/**
 * Every preset on every engine, shrunken: the loss and the gradient of each parameter, and the losses of twenty steps. TensorFlow's kernels
 * take part where they are set up.
 */

import { graphOf, iota, referenceEngine } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { tfjsNodeEngine } from "@llm-learning/tfjs/node";
import { presetNames } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";
import { differences, smallPreset, steps } from "./agreement.ts";

const native = onnxruntimeEngine({ threads: 1 });
const others = [referenceEngine({ precision: "float64" })];
try {
  const tfjs = tfjsNodeEngine();
  await (await tfjs.compile(graphOf({ y: iota(1) }))).dispose();
  others.push(tfjs);
} catch (error) {
  console.log(`enginesAgree: nothing is compared with TensorFlow: ${error instanceof Error ? error.message : error}`);
}

describe.each(others)("$name and onnxruntime", (other) => {
  it.each(presetNames)(
    "have one loss and one gradient of every parameter, and losses of 20 steps: %s",
    async (preset) => {
      const trial = smallPreset(preset);
      const [expected, actual] = [await steps(trial, native, 20), await steps(trial, other, 20)];
      expect(differences(actual[0], expected[0], 1e-4)).toEqual([]);
      const apart = actual.map(({ loss }, step) => Math.abs(loss - expected[step].loss));
      expect(Math.max(...apart)).toBeLessThan(1e-3);
    },
  );
});
