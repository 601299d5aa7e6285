/**
 * Where the file of a model in slots may be, and where its weights.
 */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel, externalizeWeights } from "@llm-learning/onnx";
import { type Binding, openSlotRuntime } from "@llm-learning/onnx/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sizes, tinyLlama } from "./tinyLlama.ts";

const model = tinyLlama();

/** Scores behind a prompt and a step, of the first of two rows. */
async function scores(file: string | Uint8Array, binding: Binding): Promise<Float32Array[]> {
  const runtime = await openSlotRuntime(file, { slots: 2, threads: 1, binding });
  try {
    expect(runtime.mode).toBe("batched");
    await runtime.read(1, [9, 8, 7, 6], { scores: "none" });
    const read = (await runtime.read(0, [1, 2, 3])).slice();
    const [stepped] = await runtime.step([
      { slot: 0, token: 4 },
      { slot: 1, token: 5 },
    ]);
    return [read, stepped.slice()];
  } finally {
    await runtime.dispose();
  }
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "slots-"));
  writeFileSync(join(folder, "model.onnx"), encodeModel(model));
  const { model: small, files } = externalizeWeights(model, { location: "beside.onnx_data" });
  writeFileSync(join(folder, "beside.onnx"), encodeModel(small));
  for (const { location, pieces } of files) writeFileSync(join(folder, location), Buffer.concat(pieces));
  // As a cache of downloads has it: names that lead to blobs elsewhere.
  mkdirSync(join(folder, "snapshot"));
  symlinkSync("../model.onnx", join(folder, "snapshot", "model.onnx"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(["native", "node"] as const)("a model in slots through the binding %s", (binding) => {
  it.each(["model.onnx", "beside.onnx", "snapshot/model.onnx"])(
    "gives the same from %s as from bytes",
    async (file) => {
      const expected = await scores(encodeModel(model), "native");
      expect(await scores(join(folder, file), binding)).toEqual(expected);
    },
  );
});

it("has room for long sequences through a binding that copies: the same bits, while it grows", async () => {
  const bytes = encodeModel(tinyLlama({ blockSize: 300, hidden: true }));
  const text = Array.from({ length: 300 }, (_, index) => (index * 7 + 3) % sizes.V);
  const [native, node] = await Promise.all(
    (["native", "node"] as const).map(async (binding) => {
      const runtime = await openSlotRuntime(bytes, { slots: 3, threads: 1, binding });
      const scores: Float32Array[] = [];
      const step = async (...slots: number[]): Promise<void> => {
        for (const logits of await runtime.step(slots.map((slot) => ({ slot, token: slot }))))
          scores.push(logits.slice());
      };
      scores.push((await runtime.read(0, text.slice(0, 63))).slice());
      for (let i = 0; i < 10; i++) await step(0);
      scores.push((await runtime.read(1, text.slice(0, 120))).slice());
      await step(0, 1);
      const saved = runtime.save(1, 0, 120);
      runtime.truncate(0, 0);
      runtime.truncate(1, 0);
      runtime.restore(2, saved);
      scores.push((await runtime.hiddenStates?.(text.slice(0, 250)))?.data.slice() ?? new Float32Array());
      scores.push((await runtime.read(2, text.slice(120))).slice());
      await runtime.dispose();
      return scores;
    }),
  );
  expect(native).toHaveLength(16);
  expect(node).toEqual(native);
});
