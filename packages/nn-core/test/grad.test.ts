import {
  add,
  equal,
  evaluateFloat64,
  exp,
  grad,
  graphOf,
  input,
  iota,
  mul,
  neg,
  Parameter,
  sum,
  Tensor,
  cast,
  type Node,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

describe("grad", () => {
  it("adds up what reaches a tensor on several paths", () => {
    const x = input("x", [2]);
    // d/dx sum(x * x + 3 x) = 2 x + 3
    const [dx] = grad(sum(add(mul(x, x), mul(x, 3))), [x]);
    expect([...evaluateFloat64(graphOf({ dx }), { x: new Float64Array([1, -2]) }).dx.data]).toEqual([5, -1]);
  });

  it("gives derivatives of derivatives", () => {
    const x = input("x", []);
    let y = mul(mul(x, x), mul(x, x));
    const values: number[] = [];
    for (let order = 0; order < 5; order++) {
      values.push(evaluateFloat64(graphOf({ y }, [x]), { x: new Float64Array([2]) }).y.data[0]);
      [y] = grad(y, [x]);
    }
    // x^4, 4 x^3, 12 x^2, 24 x, 24 at 2
    expect(values).toEqual([16, 32, 48, 48, 24]);
  });

  it("takes tensors in the middle of the graph as well as leaves, and the loss itself", () => {
    const x = input("x", [2]);
    const hidden = exp(x);
    const loss = sum(mul(hidden, hidden));
    const [dHidden, dLoss] = grad(loss, [hidden, loss]);
    const result = evaluateFloat64(graphOf({ dHidden, dLoss }), { x: new Float64Array([0, 0]) });
    expect([...result.dHidden.data]).toEqual([2, 2]);
    expect([...result.dLoss.data]).toEqual([1]);
  });

  it("gives zeros for what the loss does not depend on", () => {
    const weight = new Parameter([2, 3]);
    const [gradient] = grad(sum(input("x", [2])), [weight]);
    expect(gradient.shape).toEqual([2, 3]);
    expect([...evaluateFloat64(graphOf({ gradient }), {}).gradient.data]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(() => grad(sum(input("x", [2])), [input("z", ["batch_size"])])).toThrow(
      new RangeError("grad: expected a static shape for a tensor the loss does not depend on, got [batch_size]"),
    );
  });

  it("does not pass through integers and truth values", () => {
    const x = input("x", [3]);
    const [dx] = grad(sum(mul(x, cast(equal(x, 1), "float32"))), [x]);
    expect([...evaluateFloat64(graphOf({ dx }), { x: new Float64Array([1, 2, 1]) }).dx.data]).toEqual([1, 0, 1]);
  });

  it("works on graphs that are deeper than the call stack", () => {
    const x = input("x", []);
    let y = add(x, 0);
    for (let i = 0; i < 20_000; i++) y = neg(y);
    const [dx] = grad(y, [x]);
    expect([...evaluateFloat64(graphOf({ dx }, [x]), { x: new Float64Array([3]) }).dx.data]).toEqual([1]);
  });

  it("refuses a loss that is not a float32 scalar", () => {
    const x = input("x", [2]);
    expect(() => grad(x, [x])).toThrow(new RangeError("grad: expected a float32 scalar loss, got float32 [2]"));
    expect(() => grad(input("n", [], "int32"), [x])).toThrow(
      new RangeError("grad: expected a float32 scalar loss, got int32 []"),
    );
  });

  it("names an op that has no gradient", () => {
    const x = input("x", []);
    const outputs: Tensor[] = [];
    const op = { name: "iota", infer: () => [] };
    const node = { op, attributes: {}, inputs: [x], differentiable: [x], outputs } as unknown as Node;
    outputs.push(new Tensor({ shape: [], dtype: "float32" }, { kind: "node", node, index: 0 }));
    expect(() => grad(outputs[0], [x])).toThrow(
      new Error("grad: expected an op with a gradient, got iota, which has none"),
    );
    // On no path from x to the loss, such an op does no harm.
    const [dx] = grad(sum(mul(iota(3, "float32"), x)), [x]);
    expect([...evaluateFloat64(graphOf({ dx }), {}).dx.data]).toEqual([3]);
  });

  it("names an op whose gradient has the wrong shape", () => {
    const x = input("x", [3]);
    const outputs: Tensor[] = [];
    const op = { name: "neg", infer: () => [], vjp: () => [input("wrong", [4])] };
    const node = { op, attributes: {}, inputs: [x], differentiable: [x], outputs } as unknown as Node;
    outputs.push(new Tensor({ shape: [], dtype: "float32" }, { kind: "node", node, index: 0 }));
    expect(() => grad(outputs[0], [x])).toThrow(
      new Error("grad: expected the gradient of neg's input 0 to have shape [3], got [4]; its VJP is wrong"),
    );
  });
});
