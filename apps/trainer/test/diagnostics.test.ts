/**
 * Statistics computed by the engine that trains, against numpy: the only place where both may be imported.
 */

import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
// @boundaries-ignore the fixture is the diagnostics package's own, and only an app may depend on both it and an engine
import {
  expectClose,
  expectStatistics,
  fixture,
  recordsOn,
} from "../../../packages/diagnostics/test/statisticsFixture.ts";

const records = await recordsOn(onnxruntimeEngine({ threads: 2 }));

describe("the statistics of a run on ONNX Runtime", () => {
  it.each(fixture.cases.map((one) => [one.name, one] as const))("are numpy's: %s", (name, { expected }) => {
    const record = records.get(name);
    if (record === undefined || record.gradient === null || expected.gradient === null) throw new Error("no record");
    const { gradient, saturated, dead, ...statistics } = expected;
    expectStatistics(record, statistics);
    expectStatistics(record.gradient, gradient);
    expectClose(record.saturated, saturated, 1e-7);
    expectClose(record.dead, dead, 1e-7);
  });

  it("are PyTorch's for attention", () => {
    const { attention } = records.get("attention") ?? {};
    expect(attention?.entropy).toHaveLength(3);
    // Five terms of size 1 in float32.
    fixture.attention.entropy.forEach((entropy, head) => expectClose(attention?.entropy[head], entropy, 1e-6));
    expectClose(attention?.largestLogit, fixture.attention.largestLogit, 1e-5);
  });
});
