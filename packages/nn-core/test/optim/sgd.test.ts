import { readFileSync } from "node:fs";
import { Parameter, SGD, type SGDOptions } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

type Name = "matrix" | "vector";

interface SGDCase {
  name: string;
  options: Required<SGDOptions>;
  decays: Record<Name, number>;
  shapes: Record<Name, number[]>;
  initial: Record<Name, number[]>;
  learningRates: number[];
  gradients: Record<Name, number[]>[];
  /** After that many steps. */
  snapshots: Record<string, Record<Name, { weight: number[]; buffer: number[] }>>;
}

const path = new URL("../fixtures/optim/sgd.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: SGDCase[] };
const names: readonly Name[] = ["matrix", "vector"];

function start({ shapes, initial, decays, options }: SGDCase): {
  parameters: Record<Name, Parameter>;
  optimizer: SGD;
} {
  const create = (name: Name): Parameter =>
    new Parameter(shapes[name], { init: (data) => (data.set(initial[name]), data) });
  const parameters = { matrix: create("matrix"), vector: create("vector") };
  const groups = names.map((name) => ({
    parameters: new Map([[name, parameters[name]]]),
    weightDecay: decays[name],
  }));
  return { parameters, optimizer: new SGD(groups, options) };
}

/** Takes the steps from `from` to before `to`. */
function advance(optimizer: SGD, { gradients, learningRates }: SGDCase, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    const { matrix, vector } = gradients[step];
    const arrays = { matrix: Float32Array.from(matrix), vector: Float32Array.from(vector) };
    optimizer.step(arrays, { learningRate: learningRates[step] });
  }
}

describe.each(cases.map((one) => [one.name, one] as const))("SGD: %s", (_, one) => {
  it("takes the steps of torch.optim.SGD", () => {
    const { parameters, optimizer } = start(one);
    expect(optimizer.names).toEqual(names);
    let taken = 0;
    for (const [steps, expected] of Object.entries(one.snapshots)) {
      advance(optimizer, one, taken, Number(steps));
      taken = Number(steps);
      const { step, momentumBuffers } = optimizer.state();
      expect(step).toBe(taken);
      for (const name of names) {
        const { weight, buffer } = expected[name];
        const largest = (values: number[]): number => Math.max(...values.map(Math.abs));
        // Each step rounds to float32, 6e-8; 30 of them stray by some tenths of a millionth.
        expect(parameters[name].data).toBeAllclose(weight, { atol: 1e-6 * largest(weight) });
        if (one.options.momentum === 0) expect(momentumBuffers.size).toBe(0);
        else expect(momentumBuffers.get(name)!).toBeAllclose(buffer, { atol: 1e-6 * largest(buffer) });
      }
    }
    expect(taken).toBe(30);
  });

  it("goes on from a saved state with the same bits", () => {
    const whole = start(one);
    advance(whole.optimizer, one, 0, 30);
    const first = start(one);
    advance(first.optimizer, one, 0, 13);
    const second = start(one);
    for (const name of names) second.parameters[name].data.set(first.parameters[name].data);
    second.optimizer.loadState(structuredClone(first.optimizer.state()));
    advance(second.optimizer, one, 13, 30);
    for (const name of names) expect(second.parameters[name].data).toEqual(whole.parameters[name].data);
    expect(second.optimizer.state()).toEqual(whole.optimizer.state());
  });
});

describe("SGD", () => {
  const group = (weight: Parameter, weightDecay = 0): ConstructorParameters<typeof SGD>[0][number] => ({
    parameters: new Map([["weight", weight]]),
    weightDecay,
  });

  it("scales gradients before weight decay is added, as clipping has it, and rates by group", () => {
    const weight = new Parameter([1], { init: (data) => data.fill(2) });
    const optimizer = new SGD([{ ...group(weight, 0.5), learningRateScale: 0.5 }]);
    optimizer.step({ weight: Float32Array.of(8) }, { learningRate: 0.5, gradientScale: 0.25 });
    // 2 - 0.5 * 0.5 * (8 * 0.25 + 0.5 * 2)
    expect([...weight.data]).toEqual([1.25]);
  });

  it("refuses options that make no sense", () => {
    const groups = [group(new Parameter([2]))];
    expect(() => new SGD(groups, { momentum: 1 })).toThrow("SGD: expected momentum in [0, 1), got 1");
    expect(() => new SGD(groups, { nesterov: true })).toThrow("SGD: expected momentum > 0 with nesterov, got 0");
    expect(() => new SGD([group(new Parameter([2]), -1)])).toThrow("SGD: expected a finite weightDecay >= 0, got -1");
    expect(() => new SGD([...groups, ...groups])).toThrow(
      'SGD: expected each parameter in one group, got "weight" in two',
    );
  });

  it("refuses a step it cannot take, and a state of another model, and changes nothing then", () => {
    const weight = new Parameter([2]);
    const optimizer = new SGD([group(weight)], { momentum: 0.9 });
    expect(() => optimizer.step({}, { learningRate: 1 })).toThrow(
      'SGD.step: expected a gradient of 2 values for "weight", got none',
    );
    expect(() => optimizer.step({ weight: new Float32Array(2) }, { learningRate: -1 })).toThrow(
      "SGD.step: expected a learningRate >= 0 and a finite gradientScale, got -1 and 1",
    );
    expect(() => optimizer.loadState({ step: 1, momentumBuffers: new Map() })).toThrow(
      'SGD.loadState: expected a momentum buffer of 2 values for "weight", got none',
    );
    expect(() => optimizer.loadState({ step: -1, momentumBuffers: new Map() })).toThrow(
      "SGD.loadState: expected an integer step >= 0, got -1",
    );
    expect(optimizer.state()).toEqual({ step: 0, momentumBuffers: new Map([["weight", new Float32Array(2)]]) });
  });
});
