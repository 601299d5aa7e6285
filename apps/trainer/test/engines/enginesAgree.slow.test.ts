/**
 * Every preset on every engine: the losses of twenty steps, shrunken; and the presets as they are, one example in a step.
 */

import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { presetNames } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";
import { differences, otherEngines, smallPreset, steps, wholePreset } from "./agreement.ts";

const native = onnxruntimeEngine({ threads: 2 });

describe.each(await otherEngines())("$name and onnxruntime", (other) => {
  it.each(presetNames)("have the same losses for 20 steps: %s", { timeout: 120_000 }, async (preset) => {
    const trial = smallPreset(preset);
    const [expected, actual] = [await steps(trial, native, 20), await steps(trial, other, 20)];
    const apart = actual.map(({ loss }, step) => Math.abs(loss - expected[step].loss));
    expect(Math.max(...apart)).toBeLessThan(1e-3);
  });

  it.each(presetNames)("have one loss and gradient of the whole preset: %s", { timeout: 600_000 }, async (preset) => {
    const trial = wholePreset(preset);
    const [[expected], [actual]] = [await steps(trial, native, 1), await steps(trial, other, 1)];
    expect(differences(actual, expected, 1e-4)).toEqual([]);
  });
});
