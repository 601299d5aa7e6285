import { readFileSync } from "node:fs";
import {
  Adam,
  type AdamOptions,
  Lion,
  type LionOptions,
  Muon,
  type MuonOptions,
  Parameter,
  type ParameterGroup,
  referenceEngine,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

type Arrays = Record<string, number[]>;

interface OptimizerCase {
  name: string;
  kind: "adam" | "lion" | "muon";
  options: AdamOptions & LionOptions & Omit<MuonOptions, "engine">;
  decays: Record<string, number>;
  shapes: Arrays;
  initial: Arrays;
  learningRates: number[];
  gradients: Arrays[];
  /** After that many steps. */
  snapshots: Record<string, Record<string, Arrays>>;
}

const path = new URL("../fixtures/optim/optimizers.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: OptimizerCase[] };

function create({ kind, options }: OptimizerCase, groups: ParameterGroup[]): Adam | Lion | Muon {
  if (kind === "adam") return new Adam(groups, options);
  return kind === "lion" ? new Lion(groups, options) : new Muon(groups, { ...options, engine: referenceEngine() });
}

function start(one: OptimizerCase): { parameters: Map<string, Parameter>; optimizer: Adam | Lion | Muon } {
  const parameters = new Map(
    Object.entries(one.shapes).map(([name, shape]) => [
      name,
      new Parameter(shape, { init: (data) => (data.set(one.initial[name]), data) }),
    ]),
  );
  const groups = [...parameters].map(([name, parameter]) => ({
    parameters: new Map([[name, parameter]]),
    weightDecay: one.decays[name],
  }));
  return { parameters, optimizer: create(one, groups) };
}

async function advance(optimizer: Adam | Lion | Muon, one: OptimizerCase, from: number, to: number): Promise<void> {
  for (let step = from; step < to; step++) {
    const gradients = Object.entries(one.gradients[step]).map(([name, values]) => [name, Float32Array.from(values)]);
    await optimizer.step(Object.fromEntries(gradients) as Record<string, Float32Array>, {
      learningRate: one.learningRates[step],
    });
  }
}

/** What an optimizer remembers of a parameter, under the names of the fixtures. */
function remembered(optimizer: Adam | Lion | Muon, name: string): Record<string, Float32Array> {
  const state = optimizer.state();
  return "momentumBuffers" in state
    ? { buffer: state.momentumBuffers.get(name)! }
    : { firstMoment: state.firstMoments.get(name)!, secondMoment: state.secondMoments.get(name)! };
}

describe.each(cases.map((one) => [`${one.kind}: ${one.name}`, one] as const))("%s", (_, one) => {
  it("takes the 50 steps of PyTorch, or of the paper", async () => {
    const { parameters, optimizer } = start(one);
    expect(optimizer.names).toEqual(Object.keys(one.shapes));
    let taken = 0;
    for (const [steps, expected] of Object.entries(one.snapshots)) {
      await advance(optimizer, one, taken, Number(steps));
      taken = Number(steps);
      expect(optimizer.state().step).toBe(taken);
      for (const [name, { weight, ...arrays }] of Object.entries(expected)) {
        const largest = (values: number[]): number => Math.max(...values.map(Math.abs));
        // Each step rounds to float32, 6e-8; 50 of them stray by some tenths of a millionth. Muon's matrices round 5 times over.
        const tolerance = one.kind === "muon" ? 3e-6 : 1e-6;
        expect(parameters.get(name)!.data).toBeAllclose(weight, { atol: tolerance * largest(weight) });
        const kept = remembered(optimizer, name);
        expect(Object.keys(kept)).toEqual(Object.keys(arrays));
        for (const [what, values] of Object.entries(arrays)) {
          expect(kept[what]).toBeAllclose(values, { atol: 1e-6 * largest(values) });
        }
      }
    }
    expect(taken).toBe(50);
  });

  it("goes on from a saved state with the same bits", async () => {
    const whole = start(one);
    await advance(whole.optimizer, one, 0, 30);
    const first = start(one);
    await advance(first.optimizer, one, 0, 13);
    const second = start(one);
    for (const [name, { data }] of second.parameters) data.set(first.parameters.get(name)!.data);
    second.optimizer.loadState(structuredClone(first.optimizer.state()) as never);
    await advance(second.optimizer, one, 13, 30);
    for (const [name, { data }] of second.parameters) expect(data).toEqual(whole.parameters.get(name)!.data);
    expect(second.optimizer.state()).toEqual(whole.optimizer.state());
  });
});
