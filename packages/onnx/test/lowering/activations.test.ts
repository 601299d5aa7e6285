import { compile, crossEntropy, type CrossEntropyOptions, type Dim, grad, graphOf, input } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";

const engine = onnxruntimeEngine({ threads: 2 });

describe("a likelihood's targets", () => {
  const program = async (options: CrossEntropyOptions, dtype: "int32" | "int64" = "int32", classes: Dim = 3) => {
    const logits = input("logits", [2, classes]);
    const losses = crossEntropy(logits, input("targets", [2], dtype), { ...options, reduction: "none" });
    return await compile(engine, graphOf({ losses }));
  };
  const logits = { shape: [2, 3], data: new Float32Array(6) };
  const refusal = "GatherElements op: Out of range value in index tensor";

  it.each([
    ["below 0, which ONNX counts from the end", -1],
    ["beyond the classes", 3],
  ])("may not be %s", async (_, target) => {
    for (const options of [{}, { ignoreIndex: undefined }]) {
      const narrow = await program(options);
      await expect(narrow.run({ logits, targets: Int32Array.of(0, target) })).rejects.toThrow(refusal);
      await narrow.dispose();
      const wide = await program(options, "int64", "classes");
      await expect(wide.run({ logits, targets: BigInt64Array.of(0n, BigInt(target)) })).rejects.toThrow(refusal);
      await wide.dispose();
    }
  });

  it("may not be below 0 where the gradient is asked for as well", async () => {
    const scores = input("logits", [2, 3]);
    const loss = crossEntropy(scores, input("targets", [2], "int32"));
    const step = await compile(engine, graphOf({ loss, gradient: grad(loss, [scores])[0] }));
    await expect(step.run({ logits, targets: Int32Array.of(0, -1) })).rejects.toThrow(refusal);
    const { gradient } = await step.run({ logits, targets: Int32Array.of(0, -100) });
    expect(Array.from(gradient.data as Float32Array, (value) => Math.round(value * 3))).toEqual([-2, 1, 1, 0, 0, 0]);
    await step.dispose();
  });

  it.each([-1, -100, 3])("may be the ignored index, %i, and count for nothing", async (ignoreIndex) => {
    const one = await program({ ignoreIndex });
    const { losses } = await one.run({ logits, targets: Int32Array.of(2, ignoreIndex) });
    expect([...losses.data]).toEqual([Math.fround(Math.log(3)), 0]);
    await one.dispose();
  });
});
