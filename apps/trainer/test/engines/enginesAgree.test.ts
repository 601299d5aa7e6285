/**
 * Every preset on every engine, shrunken: the loss and the gradient of each parameter, and the loss after an update. TensorFlow's kernels
 * take part where they are set up. Twenty steps, and whole presets: enginesAgree.slow.test.ts.
 */

import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { presetNames } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";
import { differences, otherEngines, smallPreset, steps } from "./agreement.ts";

const native = onnxruntimeEngine({ threads: 1 });

describe.each(await otherEngines())("$name and onnxruntime", (other) => {
  it.each(presetNames)("have one loss and one gradient of every parameter: %s", async (preset) => {
    const trial = smallPreset(preset);
    const [expected, actual] = [await steps(trial, native, 2), await steps(trial, other, 2)];
    expect(differences(actual[0], expected[0], 1e-4)).toEqual([]);
    expect(Math.abs(actual[1].loss - expected[1].loss)).toBeLessThan(1e-3);
  });
});
