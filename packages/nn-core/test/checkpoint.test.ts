import { Rng } from "@llm-learning/init";
import {
  add,
  barrier,
  checkpoint,
  compile,
  dropout,
  embedding,
  evaluateFloat64,
  exp,
  type Feeds,
  grad,
  graphOf,
  input,
  matmul,
  mul,
  Parameter,
  referenceEngine,
  square,
  sum,
  tanh,
  type Tensor,
  Training,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const wave = (data: Float32Array): void => data.forEach((_, i) => (data[i] = Math.sin(3 * i + 1)));
const matrix = (): Parameter => new Parameter([4, 4], { init: wave });

async function valuesOf(outputs: Record<string, Tensor>, feeds: Feeds): Promise<Record<string, number[]>> {
  const program = await compile(referenceEngine(), graphOf(outputs));
  const values = await program.run(feeds);
  return Object.fromEntries(Object.entries(values).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

type Part = (x: Tensor) => Tensor;

/** Loss and gradients of three parts behind one another, each through `wrap`. */
function network(part: (weight: Parameter) => Part, wrap: (part: Part) => Part): Record<string, Tensor> {
  const weights = [matrix(), matrix()];
  const x = input("x", [2, 4]);
  // The first weight is used twice, and once more outside of all parts.
  const parts = [weights[0], weights[1], weights[0]].map((weight) => wrap(part(weight)));
  const y = parts.reduce((value, one) => one(value), mul(x, 0.5));
  const loss = sum(square(matmul(y, weights[0])));
  const [byX, first, second] = grad(loss, [x, ...weights]);
  return { loss, byX, first, second };
}

const feeds = { x: Float32Array.from({ length: 8 }, (_, i) => Math.cos(i)) };

describe("checkpoint", () => {
  it("changes no bit of a value and its gradients", async () => {
    const part =
      (weight: Parameter): Part =>
      (x) =>
        add(x, tanh(matmul(x, weight)));
    const plain = await valuesOf(
      network(part, (one) => one),
      feeds,
    );
    const checkpointed = network(part, (one) => (x) => checkpoint(one, [x]));
    expect(await valuesOf(checkpointed, feeds)).toEqual(plain);
  });

  it("computes its body again, from inputs that are held back until the gradient is known", () => {
    const x = input("x", [4]);
    const { nodes } = graphOf({ gradient: grad(sum(checkpoint((value) => tanh(exp(value)), [mul(x, 2)])), [x])[0] });
    const nodesOf = (name: string): typeof nodes => nodes.filter(({ op }) => op.name === name);
    // The gradient alone is asked for here, so the first time is not among the nodes.
    expect([nodesOf("tanh").length, nodesOf("exp").length]).toEqual([1, 1]);
    expect(nodesOf("exp")[0].inputs[0].source).toMatchObject({ node: { op: { name: "barrier" } } });
  });

  it("drops the same elements the second time, within one another too", async () => {
    const draw = async (wrap: (part: Part, training: Training) => Part): Promise<Record<string, number[]>> => {
      const training = new Training();
      const part =
        (weight: Parameter): Part =>
        (x) => {
          const kept = training.bernoulli([2, 4], 0.5);
          const inner = (value: Tensor): Tensor =>
            dropout(tanh(value), training.bernoulli([2, 4], 0.7), { keepProbability: 0.7 });
          return add(wrap(inner, training)(x), dropout(matmul(x, weight), kept, { keepProbability: 0.5 }));
        };
      const outputs = network(part, (one) => wrap(one, training));
      return valuesOf(outputs, { ...feeds, ...training.draw(new Rng(7)) });
    };
    const plain = await draw((part) => part);
    expect(await draw((part, training) => (x) => checkpoint(part, [x], training))).toEqual(plain);
  });

  it("passes integers on, and gives inputs that it is handed twice what they get from both", async () => {
    const table = matrix();
    const ids = input("ids", [2], "int32");
    const lookUp = (rows: Tensor, other: Tensor, at: Tensor): Tensor => mul(embedding(rows, at), embedding(other, at));
    const outputs = (value: Tensor): Record<string, Tensor> => ({ value, gradient: grad(sum(value), [table])[0] });
    const plain = outputs(lookUp(table.tensor, table.tensor, ids));
    const checkpointed = outputs(checkpoint(lookUp, [table.tensor, table.tensor, ids]));
    const at = { ids: Int32Array.of(3, 1) };
    expect(await valuesOf(checkpointed, at)).toEqual(await valuesOf(plain, at));
  });

  it("can be differentiated twice", () => {
    const x = input("x", [2]);
    const second = (cube: (value: Tensor) => Tensor): readonly number[] => {
      const [first] = grad(sum(cube(x)), [x]);
      const [gradient] = grad(sum(first), [x]);
      return [...evaluateFloat64(graphOf({ gradient }), { x: Float64Array.of(2, -1) })["gradient"].data];
    };
    // x^3 is 6 x, differentiated twice.
    expect(second((value) => checkpoint((one) => mul(one, square(one)), [value]))).toEqual([12, -6]);
  });

  it("refuses a body that asks for other masks the second time", () => {
    const training = new Training();
    let width = 1;
    const body = (x: Tensor): Tensor => dropout(x, training.bernoulli([width++], 0.5), { keepProbability: 0.5 });
    const x = input("x", [1]);
    const value = checkpoint(body, [x], training);
    expect(() => grad(sum(value), [x])).toThrow(
      "Training.bernoulli: expected a trace that asks for the masks that it asked for the first time, got [2] instead of [1]",
    );
    let isFirst = true;
    const once = (given: Tensor): Tensor => {
      const mask = isFirst ? training.bernoulli([1], 0.5) : undefined;
      isFirst = false;
      return mask === undefined ? given : dropout(given, mask, { keepProbability: 0.5 });
    };
    const other = checkpoint(once, [x], training);
    expect(() => grad(sum(other), [x])).toThrow(
      "Training.recorded: expected a trace that asks for the 1 masks that it asked for the first time, got 0",
    );
  });
});

describe("checkpoint without the Training that its body draws from", () => {
  it("is refused, since the gradient would be of other masks", () => {
    const training = new Training();
    const x = input("x", [4]);
    const drop = (value: Tensor): Tensor => dropout(value, training.bernoulli([4], 0.5), { keepProbability: 0.5 });
    expect(() => grad(sum(checkpoint(drop, [x])), [x])).toThrow(
      new Error(
        "checkpoint: expected a body that uses the same inputs of the graph each time, got random.1 the second time only; " +
          "pass the Training that it draws its masks from",
      ),
    );
  });

  it("is as good where the body uses inputs of the graph that are there already, its own among them", () => {
    const [x, y] = [input("x", [4]), input("y", [4])];
    const [squared, scaled] = [square(x), mul(y, 2)];
    const value = checkpoint((one) => mul(mul(one, scaled), mul(x, input("z", [4]))), [squared]);
    expect([...graphOf({ gradient: grad(sum(value), [x])[0] }).inputs.keys()].sort()).toEqual(["x", "y", "z"]);
  });
});

describe("barrier", () => {
  it("refuses to wait for nothing", () => {
    expect(() => barrier(input("x", [1]), [])).toThrow(
      new RangeError("barrier: expected something to wait for, got nothing"),
    );
  });
});
