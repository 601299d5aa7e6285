import { readFile } from "node:fs/promises";
import { modelMemory, planMemory } from "@llm-learning/server";
import { beforeAll, describe, expect, it } from "vitest";
import { type ModelFiles, sizes, writeModelFiles } from "./modelFiles.ts";

const MiB = 2 ** 20;

const large = { id: "large", weightBytes: 100 * MiB, bytesPerSlot: 10 * MiB, slots: 8, prefixBytes: 50 * MiB };
const small = { id: "small", weightBytes: 10 * MiB, bytesPerSlot: 1 * MiB, slots: 4, prefixBytes: 10 * MiB };

describe("the memory of several models", () => {
  it("is what they want where there is enough", () => {
    expect(planMemory([large, small], 1000 * MiB)).toEqual([
      { id: "large", slots: 8, prefixBytes: 50 * MiB, bytes: 230 * MiB },
      { id: "small", slots: 4, prefixBytes: 10 * MiB, bytes: 24 * MiB },
    ]);
  });

  it("is shared in turn where it is not: slots first, then prefixes", () => {
    // 121 for weights and a slot each; 11 twice for a second and third slot; then one more small one; 3 are left.
    expect(planMemory([large, small], 147 * MiB)).toEqual([
      { id: "large", slots: 3, prefixBytes: 1.5 * MiB, bytes: 131.5 * MiB },
      { id: "small", slots: 4, prefixBytes: 1.5 * MiB, bytes: 15.5 * MiB },
    ]);
  });

  it("is never more than there is", () => {
    for (let bytes = 121 * MiB; bytes < 300 * MiB; bytes += 7 * MiB) {
      const used = planMemory([large, small], bytes).reduce((sum, share) => sum + share.bytes, 0);
      expect(used).toBeLessThanOrEqual(bytes);
    }
  });

  it("is refused, with what each takes, where the weights and a slot of each do not fit", () => {
    expect(() => planMemory([large, small], 120 * MiB)).toThrow(
      "planMemory: expected models that take at most 120 MiB, got 121 MiB (large: 100 MiB of weights and 10 MiB for a slot; " +
        "small: 10 MiB of weights and 1 MiB for a slot); serve fewer models, a file in fewer bits, or a shorter context",
    );
  });
});

describe("the memory of a model", () => {
  let files: ModelFiles;
  beforeAll(async () => {
    files = await writeModelFiles();
  });

  it("is that of its file, and of keys and values of its context and one token more", async () => {
    const size = (await readFile(files.modelFile)).byteLength;
    const perToken = 2 * sizes.nLayer * sizes.nKeyValueHead * (sizes.nEmbd / sizes.nHead) * 4;
    expect(await modelMemory(files.modelFile)).toEqual({
      weightBytes: size,
      bytesPerSlot: perToken * (sizes.blockSize + 1),
    });
    expect((await modelMemory(files.modelFile, { blockSize: 31 })).bytesPerSlot).toBe(perToken * 32);
  });
});
