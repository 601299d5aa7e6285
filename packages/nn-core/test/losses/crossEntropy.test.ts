import { readFileSync } from "node:fs";
import {
  crossEntropy,
  type CrossEntropyOptions,
  evaluateFloat64,
  grad,
  graphOf,
  input,
  mul,
  referenceEngine,
  sum,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface CrossEntropyCase {
  name: string;
  shape: number[];
  classes: number;
  reduction: "mean" | "sum" | "none";
  ignoreIndex: number | null;
  logits: number[];
  targets: number[];
  cotangent: number[];
  loss: (number | null)[];
  gradient: number[];
}

const path = new URL("../fixtures/losses/crossEntropy.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: CrossEntropyCase[] };

describe("crossEntropy computes what PyTorch computes, gradient included", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, one) => {
    const { shape, classes, reduction, ignoreIndex } = one;
    const logits = input("logits", [...shape, classes]);
    const options: CrossEntropyOptions = { reduction, ...(ignoreIndex !== null && { ignoreIndex }) };
    const loss = crossEntropy(logits, input("targets", shape, "int32"), options);
    expect(loss.shape).toEqual(reduction === "none" ? shape : []);
    const [gradient] = grad(sum(mul(loss, input("cotangent", loss.shape))), [logits]);
    const result = evaluateFloat64(graphOf({ loss, gradient }), {
      logits: Float32Array.from(one.logits),
      targets: Int32Array.from(one.targets),
      cotangent: Float64Array.from(one.cotangent),
    });
    // Expected values have 9 digits, and so has the cotangent.
    const tolerance = { rtol: 1e-8, atol: 1e-8 };
    expect(result.loss.data).toBeAllclose(
      one.loss.map((value) => value ?? Number.NaN),
      tolerance,
    );
    // PyTorch gives zeros for the mean of nothing, where 0 * (1 / 0) is NaN here: there is no gradient to speak of.
    if (one.loss[0] === null) expect(result.gradient.data.every(Number.isNaN)).toBe(true);
    else expect(result.gradient.data).toBeAllclose(one.gradient, tolerance);
  });
});

describe("crossEntropy", () => {
  it("of equal logits is the logarithm of the number of classes", () => {
    const loss = crossEntropy(input("logits", [1, 65]), input("targets", [1], "int32"));
    const { data } = evaluateFloat64(graphOf({ loss }), {
      logits: new Float64Array(65),
      targets: new Int32Array(1),
    }).loss;
    expect(data[0]).toBeCloseTo(Math.log(65), 14);
  });

  it("takes int64 targets, as exported models have", () => {
    const loss = crossEntropy(input("logits", [2, 2]), input("targets", [2], "int64"), { reduction: "none" });
    const feeds = { logits: new Float64Array([0, 0, 0, Math.log(3)]), targets: new BigInt64Array([0n, 1n]) };
    const { data } = evaluateFloat64(graphOf({ loss }), feeds).loss;
    expect(data).toBeAllclose([Math.log(2), Math.log(4 / 3)], { rtol: 1e-14 });
  });

  it("ignores -100 by default, and nothing with ignoreIndex undefined", async () => {
    const logits = input("logits", [2, 3]);
    const targets = input("targets", [2], "int32");
    const feeds = { logits: new Float32Array(6), targets: new Int32Array([1, -100]) };
    const { loss } = evaluateFloat64(graphOf({ loss: crossEntropy(logits, targets, { reduction: "none" }) }), feeds);
    expect(loss.data).toBeAllclose([Math.log(3), 0], { rtol: 1e-15 });
    const strict = graphOf({ loss: crossEntropy(logits, targets, { ignoreIndex: undefined }) });
    await expect((await referenceEngine().compile(strict)).run(feeds)).rejects.toThrow(RangeError);
  });

  it("refuses targets that are not integers or of another shape, and a reduction that there is not", () => {
    const logits = input("logits", [2, 3, 5]);
    const reduction = "avg" as "mean";
    expect(() => crossEntropy(logits, input("targets", [2, 3], "int32"), { reduction })).toThrow(
      new RangeError('crossEntropy: expected reduction "mean", "sum" or "none", got "avg"'),
    );
    expect(() => crossEntropy(logits, input("targets", [2, 3]))).toThrow(
      new TypeError("crossEntropy: expected float32 logits and int32 or int64 targets, got float32 and float32"),
    );
    expect(() => crossEntropy(logits, input("targets", [2, 4], "int32"))).toThrow(
      new RangeError("crossEntropy: expected logits [...targets, classes], got logits [2, 3, 5] and targets [2, 4]"),
    );
  });
});
