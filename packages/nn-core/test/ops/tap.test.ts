import { add, exp, grad, input, mul, softmax, sum, tanh, tap, taps } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const x = input("x", [2, 3]);

describe("tap", () => {
  it("is found by its name, in the order of computation, with its kind and its value", () => {
    const hidden = tap(tanh(x), "hidden", { kind: "tanh" });
    const output = tap(exp(hidden), "output");
    const found = taps([sum(output)]);
    expect([...found.keys()]).toEqual(["hidden", "output"]);
    expect(found.get("hidden")).toMatchObject({ kind: "tanh", tensor: hidden });
    expect(found.get("output")).toMatchObject({ kind: "activation", tensor: output });
  });

  it("lets the gradient through, and is where it can be asked for", () => {
    const hidden = tap(x, "hidden");
    const loss = sum(mul(hidden, hidden));
    const [byHidden, byX] = grad(loss, [hidden, x]);
    expect(byHidden).toBe(byX);
  });

  it("watches another value than the one it passes on", () => {
    const probabilities = softmax(x);
    const output = tap(add(x, 1), "attention", { kind: "attention", value: probabilities });
    expect(taps([output]).get("attention")?.value).toBe(probabilities);
  });

  it("refuses an empty name", () => {
    expect(() => tap(x, "")).toThrow(new RangeError('tap: expected a name, got ""'));
  });
});

describe("taps", () => {
  it("refuses one name for two values", () => {
    const twice = add(tap(exp(x), "hidden"), tap(tanh(x), "hidden"));
    expect(() => taps([twice])).toThrow(
      new Error('taps: expected each name once, got two values of the same shape named "hidden": rename one of them'),
    );
  });

  it("refuses one value that was tapped twice: the gradient would arrive at either in part", () => {
    const hidden = exp(x);
    const twice = add(tap(hidden, "hidden"), tap(hidden, "hidden"));
    expect(() => taps([twice])).toThrow(
      new Error(
        'taps: expected each name once, got one value tapped twice as "hidden": go on with what the first tap returned',
      ),
    );
  });

  it("counts a tap once that is reached by several ways", () => {
    const hidden = tap(exp(x), "hidden");
    expect(taps([add(hidden, sum(hidden)), mul(hidden, 2)]).size).toBe(1);
  });

  it("is empty for a graph without taps", () => {
    expect(taps([sum(x)]).size).toBe(0);
  });
});
