import { Rng } from "@llm-learning/init";
import { Linear, namedParameters, Parameter, parameterCount, trainableParameters, zeros } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

describe("namedParameters", () => {
  it("walks layers, plain objects and arrays in the order in which they were made", () => {
    class Model {
      readonly second = new Parameter([2]);
      readonly layers = [new Linear(1, 1, { rng: new Rng(1) }), { inner: new Parameter([3]) }];
      readonly first = new Parameter([1]);
    }
    const model = new Model();
    const named = namedParameters(model);
    expect([...named.keys()]).toEqual(["second", "layers.0.weight", "layers.0.bias", "layers.1.inner", "first"]);
    expect(named.get("first")).toBe(model.first);
  });

  it("lists tied weights once, under the first path", () => {
    const weight = new Parameter([2, 2]);
    const model = { embedding: { weight }, output: { weight }, bias: new Parameter([2]) };
    expect([...namedParameters(model).keys()]).toEqual(["embedding.weight", "bias"]);
    expect(parameterCount(model)).toBe(6);
  });

  it("passes over tensors, arrays of numbers, settings and layers that are absent", () => {
    const weight = new Parameter([1]);
    const model = { rate: 0.5, name: "x", none: undefined, nothing: null, data: new Float32Array(3), zero: zeros([2]) };
    expect([...namedParameters({ ...model, traced: weight.tensor, weight }).keys()]).toEqual(["weight"]);
  });

  it("ends on layers that point at each other", () => {
    interface Ring {
      weight: Parameter;
      next?: Ring;
    }
    const one: Ring = { weight: new Parameter([1]) };
    one.next = { weight: new Parameter([1]), next: one };
    expect([...namedParameters(one).keys()]).toEqual(["weight", "next.weight"]);
  });

  it("finds the parameters of another copy of the package by their brand", () => {
    const brand = Symbol.for("@llm-learning/nn-core/Parameter");
    const foreign = { [brand]: true, shape: [1], data: new Float32Array(1) };
    expect(namedParameters({ foreign }).get("foreign")).toBe(foreign);
  });
});

it("trainableParameters and parameterCount leave out state that is not trained", () => {
  const model = { weight: new Parameter([2, 3]), running: new Parameter([3], { trainable: false }) };
  expect([...trainableParameters(model).keys()]).toEqual(["weight"]);
  expect(parameterCount(model)).toBe(6);
  expect([...namedParameters(model).keys()]).toEqual(["weight", "running"]);
});

describe("Parameter", () => {
  it("starts as zeros, or as its initializer fills it, which is told the shape", () => {
    expect([...new Parameter([2]).data]).toEqual([0, 0]);
    const parameter = new Parameter([2, 3], { init: (data, shape) => data.fill(shape[0] * 10 + shape[1]) });
    expect([...parameter.data]).toEqual([23, 23, 23, 23, 23, 23]);
    expect(parameter.elementCount).toBe(6);
  });

  it("keeps its own copy of the shape", () => {
    const shape = [2, 2];
    const parameter = new Parameter(shape);
    shape[0] = 7;
    expect(parameter.shape).toEqual([2, 2]);
    expect(parameter.tensor.shape).toEqual([2, 2]);
  });

  it.each([[[0]], [[2, -1]], [[1.5]], [[Number.NaN]]])("refuses the shape %j", (shape) => {
    expect(() => new Parameter(shape)).toThrow(
      new RangeError(`Parameter: expected dimensions that are integers > 0, got [${shape.join(", ")}]`),
    );
  });
});

describe("Parameter.moveTo", () => {
  it("takes the values along, and no array of another length", () => {
    const weight = new Parameter([2], { init: (data) => data.set([1, 2]) });
    const memory = new Float32Array(2);
    weight.moveTo(memory);
    expect(weight.data).toBe(memory);
    expect([...memory]).toEqual([1, 2]);
    expect(() => weight.moveTo(new Float32Array(3))).toThrow(
      new RangeError("Parameter.moveTo: expected 2 values, got 3"),
    );
  });
});
