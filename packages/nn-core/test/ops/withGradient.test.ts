import {
  evaluateFloat64,
  exp,
  grad,
  graphOf,
  input,
  mul,
  sign,
  sum,
  type Tensor,
  withGradient,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const x = input("x", [2]);
const at = (outputs: Record<string, Tensor>): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(evaluateFloat64(graphOf(outputs, [x]), { x: Float64Array.of(-0.5, 3) })).map(([name, { data }]) => [
      name,
      [...data],
    ]),
  );

describe("withGradient", () => {
  it("passes the value on, and the gradient that it was given back", () => {
    // A straight-through estimator: the sign forwards, the identity backwards.
    const value = withGradient(sign(x), [x], (cotangent) => [cotangent]);
    const [gradient] = grad(sum(mul(value, 5)), [x]);
    expect(at({ value, gradient })).toEqual({ value: [-1, 1], gradient: [5, 5] });
  });

  it("adds to what reaches a tensor on other ways, and hides those behind the value", () => {
    const hidden = exp(x);
    const value = withGradient(mul(hidden, x), [x], (cotangent) => [mul(cotangent, 2)]);
    const [byX, byHidden] = grad(sum(mul(value, x)), [x, hidden]);
    const [xs, { value: values }] = [[-0.5, 3], at({ value })];
    expect(at({ byX, byHidden })).toEqual({ byX: xs.map((one, i) => values[i] + 2 * one), byHidden: [0, 0] });
  });

  it("says which gradients are wanted, and takes none for one", () => {
    const y = input("y", [2]);
    const wanted: boolean[] = [];
    const value = withGradient(mul(x, y), [x, y], (_, needs) => {
      wanted.push(needs(0), needs(1));
      return [undefined, undefined];
    });
    expect(at({ gradient: grad(sum(value), [x])[0] })).toEqual({ gradient: [0, 0] });
    expect(wanted).toEqual([true, false]);
  });

  it("refuses gradients of another shape, and too many", () => {
    const wrong = (gradients: readonly Tensor[]) => () => grad(sum(withGradient(x, [x], () => gradients)), [x]);
    expect(wrong([input("y", [3])])).toThrow(
      new RangeError("withGradient: expected gradient 0 of 1 of shape [2], got [3]"),
    );
    expect(wrong([x, x])).toThrow(new RangeError("withGradient: expected gradient 1 of 1 not to be there, got [2]"));
  });
});
