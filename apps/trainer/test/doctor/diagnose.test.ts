import { availableParallelism } from "node:os";
import { diagnose } from "@llm-learning/trainer";
import { expect, it } from "vitest";
import { describeDiagnosis } from "../../src/commands/doctor.ts";

it("tells what this machine offers", async () => {
  const diagnosis = await diagnose();
  expect(diagnosis.node).toEqual({ version: process.versions.node, required: "20.19.0", ok: true });
  expect(diagnosis.system).toMatchObject({ platform: process.platform, cores: availableParallelism() });
  const { totalMemoryBytes, availableMemoryBytes } = diagnosis.system;
  expect(availableMemoryBytes).toBeGreaterThan(0);
  expect(totalMemoryBytes).toBeGreaterThanOrEqual(availableMemoryBytes);

  const [onnxruntime, tfjs, reference] = diagnosis.engines;
  expect(onnxruntime).toMatchObject({
    name: "onnxruntime",
    available: true,
    version: expect.stringMatching(/^1\.\d+/),
  });
  expect(onnxruntime.providers).toContainEqual({ name: "cpu", bundled: true });
  expect(onnxruntime.generation).toEqual({ binding: "native", reason: undefined });
  // Its library is there where somebody has set it up.
  expect(tfjs).toMatchObject(
    tfjs.available
      ? { name: "tfjs-node", version: expect.stringMatching(/^4\.\d+/), gflops: expect.any(Number) }
      : { name: "tfjs-node", reason: expect.stringContaining("@tensorflow/tfjs-node") },
  );
  // Native code against plain loops: an order of magnitude, whatever else the machine is doing.
  expect(onnxruntime.gflops).toBeGreaterThan(reference.gflops!);
  expect(diagnosis.data).toEqual([
    { name: "moby-dick", available: true },
    { name: "names", available: true },
  ]);

  const lines = describeDiagnosis(diagnosis).trimEnd().split("\n");
  expect(lines).toHaveLength(8);
  expect(lines[0]).toBe(`ok  Node.js      ${process.versions.node}`);
  expect(lines[3]).toMatch(/, generates through its C API, /);
  expect(lines[7]).toBe("ok  names        bundled");
  expect(lines[4]).toMatch(/^(ok  tfjs-node    4\.|no  tfjs-node    not available: .*@tensorflow\/tfjs-node)/);
});

it("says what is missing, and why", () => {
  const text = describeDiagnosis({
    node: { version: "18.0.0", required: "20.19.0", ok: false },
    system: {
      platform: "linux",
      arch: "x64",
      cpu: "Z80",
      cores: 1,
      totalMemoryBytes: 64e3,
      availableMemoryBytes: 48e3,
    },
    engines: [
      { name: "onnxruntime", available: false, reason: "no library" },
      { name: "onnxruntime", available: true, version: "1.0", generation: { binding: "node", reason: "no koffi" } },
    ],
    data: [{ name: "moby-dick", available: false, reason: "no package" }],
  });
  expect(text).toBe(
    [
      "no  Node.js      18.0.0; needs 20.19.0 or newer",
      "ok  system       linux x64, 1 cores (Z80)",
      "ok  memory       48 kB available of 64 kB",
      "no  onnxruntime  not available: no library",
      "ok  onnxruntime  1.0, generates through onnxruntime-node (no koffi)",
      "no  moby-dick    not available: no package",
      "",
    ].join("\n"),
  );
});
