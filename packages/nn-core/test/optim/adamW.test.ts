import { readFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { AdamW, type AdamWOptions, Parameter, type ParameterGroup } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

type Name = "matrix" | "vector";

interface AdamWCase {
  name: string;
  options: AdamWOptions;
  decays: Record<Name, number>;
  shapes: Record<Name, number[]>;
  initial: Record<Name, number[]>;
  learningRates: number[];
  gradients: Record<Name, number[]>[];
  /** After that many steps. */
  snapshots: Record<string, Record<Name, { weight: number[]; firstMoment: number[]; secondMoment: number[] }>>;
}

const path = new URL("../fixtures/optim/adamW.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: AdamWCase[] };
const names: readonly Name[] = ["matrix", "vector"];

const float32 = (values: Record<Name, number[]>): Record<Name, Float32Array> => ({
  matrix: Float32Array.from(values.matrix),
  vector: Float32Array.from(values.vector),
});

function start({ shapes, initial, decays, options }: AdamWCase): {
  parameters: Record<Name, Parameter>;
  optimizer: AdamW;
} {
  const create = (name: Name): Parameter =>
    new Parameter(shapes[name], { init: (data) => (data.set(initial[name]), data) });
  const parameters = { matrix: create("matrix"), vector: create("vector") };
  const groups = names.map((name) => ({
    parameters: new Map([[name, parameters[name]]]),
    weightDecay: decays[name],
  }));
  return { parameters, optimizer: new AdamW(groups, options) };
}

describe.each(cases.map((one) => [one.name, one] as const))("AdamW: %s", (_, one) => {
  it("takes the steps of torch.optim.AdamW", () => {
    const { parameters, optimizer } = start(one);
    expect(optimizer.names).toEqual(names);
    let compared = 0;
    one.gradients.forEach((gradients, index) => {
      optimizer.step(float32(gradients), { learningRate: one.learningRates[index] });
      const expected = one.snapshots[index + 1];
      if (expected === undefined) return;
      const { step, firstMoments, secondMoments } = optimizer.state();
      expect(step).toBe(index + 1);
      for (const name of names) {
        const { weight, firstMoment, secondMoment } = expected[name];
        const largest = (values: number[]): number => Math.max(...values.map(Math.abs));
        // Each step rounds to float32, 6e-8; 50 of them stray by some tenths of a millionth.
        expect(parameters[name].data).toBeAllclose(weight, { atol: 1e-6 * largest(weight) });
        expect(firstMoments.get(name)!).toBeAllclose(firstMoment, { atol: 1e-6 * largest(firstMoment) });
        expect(secondMoments.get(name)!).toBeAllclose(secondMoment, { atol: 1e-6 * largest(secondMoment) });
        compared++;
      }
    });
    expect(compared).toBe(6);
  });

  it("saved after any step and loaded into another, gives the same bits as one that went on", () => {
    const whole = start(one);
    const run = ({ optimizer }: { optimizer: AdamW }, from: number, to: number): void => {
      for (let step = from; step < to; step++) {
        optimizer.step(float32(one.gradients[step]), { learningRate: one.learningRates[step] });
      }
    };
    run(whole, 0, 20);
    const resumed = start(one);
    for (const name of names) resumed.parameters[name].data.set(whole.parameters[name].data);
    resumed.optimizer.loadState(whole.optimizer.state());
    run(whole, 20, 50);
    run(resumed, 20, 50);
    for (const name of names) {
      expect(resumed.parameters[name].data).toEqual(whole.parameters[name].data);
    }
    expect(resumed.optimizer.state()).toEqual(whole.optimizer.state());
  });
});

function single(options: AdamWOptions = {}, group: Partial<ParameterGroup> = {}, value = 1) {
  const parameter = new Parameter([2], { init: (data) => data.fill(value) });
  const optimizer = new AdamW([{ parameters: new Map([["w", parameter]]), weightDecay: 0, ...group }], options);
  return { parameter, optimizer };
}

describe("AdamW.step", () => {
  const gradients = { w: new Float32Array([0.5, -4]) };

  it("moves each weight by the learning rate at first, whatever the size of its gradient", () => {
    const { parameter, optimizer } = single();
    optimizer.step(gradients, { learningRate: 0.25 });
    // m / (1 - beta1) = g and v / (1 - beta2) = g^2, so the step is g / |g|, less by eps / |g| = 2e-8.
    expect(parameter.data).toBeAllclose([0.75, 1.25], { rtol: 1e-7 });
  });

  it("decays by learningRate * weightDecay apart from the gradient", () => {
    const { parameter, optimizer } = single({}, { weightDecay: 0.5 });
    optimizer.step({ w: new Float32Array(2) }, { learningRate: 0.25 });
    expect([...parameter.data]).toEqual([0.875, 0.875]);
  });

  it("multiplies the learning rate by the group's scale", () => {
    const scaled = single({}, { learningRateScale: 0.5, weightDecay: 0.1 });
    const plain = single({}, { weightDecay: 0.1 });
    for (let i = 0; i < 3; i++) {
      scaled.optimizer.step(gradients, { learningRate: 0.2 });
      plain.optimizer.step(gradients, { learningRate: 0.1 });
    }
    expect(scaled.parameter.data).toEqual(plain.parameter.data);
  });

  it("with gradientScale steps as with gradients that are scaled before", () => {
    const rng = new Rng(1);
    // eps as large as the gradients, or the scale would cancel.
    const scaled = single({ eps: 0.1 });
    const plain = single({ eps: 0.1 });
    for (let i = 0; i < 10; i++) {
      const w = Float32Array.from([rng.normal(), rng.normal()]);
      scaled.optimizer.step({ w }, { learningRate: 0.1, gradientScale: 0.25 });
      plain.optimizer.step({ w: w.map((g) => g * 0.25) }, { learningRate: 0.1 });
    }
    expect(scaled.parameter.data).toBeAllclose(plain.parameter.data, { rtol: 1e-6 });
    expect(scaled.parameter.data[0]).not.toBe(1);
  });

  it("refuses a missing gradient or one of another length, and changes nothing then", () => {
    const first = new Parameter([2]);
    const second = new Parameter([3]);
    const parameters = new Map([
      ["first", first],
      ["second", second],
    ]);
    const optimizer = new AdamW([{ parameters, weightDecay: 0 }]);
    const ones = new Float32Array(2).fill(1);
    expect(() => optimizer.step({ first: ones }, { learningRate: 1 })).toThrow(
      new RangeError('AdamW.step: expected a gradient of 3 values for "second", got none'),
    );
    expect(() => optimizer.step({ first: ones, second: ones }, { learningRate: 1 })).toThrow(
      new RangeError('AdamW.step: expected a gradient of 3 values for "second", got 2'),
    );
    for (const [second, kind] of [
      [[1, 1, 1], "a plain array"],
      [Float64Array.of(1, 1, 1), "Float64Array"],
    ] as const) {
      const gradients = { first: ones, second: second as unknown as Float32Array };
      expect(() => optimizer.step(gradients, { learningRate: 1 })).toThrow(
        new TypeError(`AdamW.step: expected a gradient that is a Float32Array for "second", got ${kind}`),
      );
    }
    expect([...first.data]).toEqual([0, 0]);
    expect(optimizer.state().step).toBe(0);
  });
});

describe("new AdamW", () => {
  it.each([
    [{ beta1: 1 }, "AdamW: expected beta1 in [0, 1), got 1"],
    [{ beta1: Number.NaN }, "AdamW: expected beta1 in [0, 1), got NaN"],
    [{ beta2: -0.1 }, "AdamW: expected beta2 in [0, 1), got -0.1"],
    [{ eps: -1 }, "AdamW: expected a finite eps >= 0, got -1"],
    [{ eps: Infinity }, "AdamW: expected a finite eps >= 0, got Infinity"],
  ])("refuses %o", (options, message) => {
    expect(() => new AdamW([], options)).toThrow(new RangeError(message));
  });

  it("refuses a weight decay that is negative or not finite, a rate scale that is no number, and one parameter in two groups", () => {
    const group = { parameters: new Map([["w", new Parameter([1])]]), weightDecay: 0 };
    for (const weightDecay of [-1, Infinity]) {
      expect(() => new AdamW([{ ...group, weightDecay }])).toThrow(
        new RangeError(`AdamW: expected a finite weightDecay >= 0, got ${weightDecay}`),
      );
    }
    expect(() => new AdamW([{ ...group, learningRateScale: Number.NaN }])).toThrow(
      new RangeError("AdamW: expected a finite learningRateScale >= 0, got NaN"),
    );
    expect(() => new AdamW([group, group])).toThrow(
      new RangeError('AdamW: expected each parameter in one group, got "w" in two'),
    );
  });
});

describe("AdamW.loadState", () => {
  const saved = (length: number) => new Map([["w", new Float32Array(length).fill(5)]]);

  it.each([
    [
      { step: 1, firstMoments: new Map(), secondMoments: saved(2) },
      'AdamW.loadState: expected a first moment of 2 values for "w", got none',
    ],
    [
      { step: 1, firstMoments: saved(2), secondMoments: saved(3) },
      'AdamW.loadState: expected a second moment of 2 values for "w", got 3',
    ],
    [
      { step: -1, firstMoments: saved(2), secondMoments: saved(2) },
      "AdamW.loadState: expected an integer step >= 0, got -1",
    ],
    [
      { step: 0.5, firstMoments: saved(2), secondMoments: saved(2) },
      "AdamW.loadState: expected an integer step >= 0, got 0.5",
    ],
  ])("refuses a state that does not fit and changes nothing then (%#)", (state, message) => {
    const { optimizer } = single();
    expect(() => optimizer.loadState(state)).toThrow(new RangeError(message));
    const { step, firstMoments, secondMoments } = optimizer.state();
    expect([step, ...firstMoments.get("w")!, ...secondMoments.get("w")!]).toEqual([0, 0, 0, 0, 0]);
  });
});
