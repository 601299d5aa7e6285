import { widthScaling } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

describe("widthScaling", () => {
  it("has the factors of Table 3 of Tensor Programs V for a network four times as wide", () => {
    const rates = (["adam", "sgd", "orthogonal"] as const).map((rule) =>
      (["matrix", "output", "embedding", "vector"] as const).map((role) => widthScaling(role, 4, rule).rate),
    );
    expect(rates).toEqual([
      [1 / 4, 1 / 4, 1, 1],
      [1, 1 / 4, 4, 4],
      [1, 1 / 4, 1, 1],
    ]);
    // Variances 1 / fanIn, 1 / fanIn^2, 1: of standard deviations that are the same at every width otherwise.
    expect((["matrix", "output", "embedding"] as const).map((role) => widthScaling(role, 4, "adam").init)).toEqual([
      1 / 2,
      1 / 4,
      1,
    ]);
  });

  it("changes nothing at the width that is known, and refuses no width", () => {
    for (const role of ["matrix", "output", "embedding", "vector"] as const) {
      expect(widthScaling(role, 1, "sgd")).toEqual({ init: 1, rate: 1 });
    }
    expect(() => widthScaling("matrix", 0, "adam")).toThrow(
      new RangeError("widthScaling: expected a ratio > 0, got 0"),
    );
  });
});
