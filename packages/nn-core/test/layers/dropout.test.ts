import { Rng } from "@llm-learning/init";
import { Dropout, evaluateFloat64, grad, graphOf, input, sum, Training } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

describe("Dropout", () => {
  it("is the identity without training, and with a rate of 0", () => {
    const x = input("x", [4]);
    expect(new Dropout(0.5).forward(x)).toBe(x);
    expect(new Dropout(0).forward(x, new Training())).toBe(x);
  });

  it("drops what the mask says and scales what it keeps, forwards and backwards", () => {
    const x = input("x", [4]);
    const y = new Dropout(0.75).forward(x, new Training());
    const [gradient] = grad(sum(y), [x]);
    const feeds = { x: new Float64Array([1, 2, 3, 4]), "random.0": new Uint8Array([1, 0, 0, 1]) };
    const result = evaluateFloat64(graphOf({ y, gradient }), feeds);
    expect([...result.y.data]).toEqual([4, 0, 0, 16]);
    expect([...result.gradient.data]).toEqual([4, 0, 0, 4]);
  });

  it.each([0.1, 0.5, 0.9])("at rate %d drops that share of elements and preserves the expectation", (rate) => {
    const n = 20_000;
    const training = new Training();
    const graph = graphOf({ y: new Dropout(rate).forward(input("x", [n]), training) });
    const { y } = evaluateFloat64(graph, { x: new Float64Array(n).fill(1), ...training.draw(new Rng(1)) });
    const dropped = y.data.filter((value) => value === 0).length / n;
    const mean = y.data.reduce((total, value) => total + value, 0) / n;
    // Five standard errors of a share and of a mean whose single terms are 0 or 1 / (1 - rate).
    expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / n));
    expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(rate / (1 - rate) / n));
  });

  it.each([-0.1, 1, 2, Number.NaN])("refuses a rate of %d", (rate) => {
    expect(() => new Dropout(rate)).toThrow(new RangeError(`Dropout: expected a rate in [0, 1), got ${rate}`));
  });
});
