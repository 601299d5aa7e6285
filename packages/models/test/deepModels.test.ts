import { Rng } from "@llm-learning/init";
import { ConvNet, DeepMLP, type LanguageModel, WaveNet } from "@llm-learning/models";
import {
  compile,
  input,
  parameterCount,
  referenceEngine,
  type Tap,
  taps,
  trace,
  Training,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const rng = () => new Rng(1);
const deep = { vocabSize: 27, blockSize: 3, nEmbd: 10, nHidden: 100, nLayer: 5 };
const wave = { vocabSize: 27, blockSize: 8, nEmbd: 24, nHidden: 128 };
const conv = { vocabSize: 27, blockSize: 16, nEmbd: 32, nLayer: 3 };

/** Loss of a first training step on random windows, and everything named on the way. */
async function firstStep(model: LanguageModel): Promise<{ loss: number; values: Map<string, Float32Array> }> {
  const B = 256;
  const { blockSize: T, vocabSize: V } = model.config;
  let named = new Map<string, Tap>();
  const targetShape = model.predicts === "every" ? [B, T] : [B];
  const graph = trace(
    { inputIds: { shape: [B, T], dtype: "int32" }, targets: { shape: targetShape, dtype: "int32" } },
    ({ inputIds, targets }) => {
      const loss = model.loss(inputIds, targets, new Training());
      named = taps([loss]);
      return { loss, ...Object.fromEntries([...named].map(([name, { value }]) => [name, value])) };
    },
  );
  const random = new Rng(7);
  const program = await compile(referenceEngine(), graph);
  const result = await program.run({
    inputIds: Int32Array.from({ length: B * T }, () => random.integer(V)),
    targets: Int32Array.from({ length: targetShape.reduce((a, b) => a * b) }, () => random.integer(V)),
  });
  const values = new Map([...named.keys()].map((name) => [name, result[name].data as Float32Array]));
  return { loss: Number(result.loss.data[0]), values };
}

const stdOf = (data: Float32Array): number => {
  const mean = data.reduce((total, value) => total + value, 0) / data.length;
  return Math.sqrt(data.reduce((total, value) => total + (value - mean) ** 2, 0) / data.length);
};

const tapsOf = (model: LanguageModel, T: number): string[] =>
  [...taps([model.forward(input("inputIds", [2, T], "int32")).logits]).values()].map(
    ({ name, kind }) => `${name} ${kind}`,
  );

describe("DeepMLP", () => {
  it("has the lecture's 47,024 parameters with BatchNorm, and 46,497 without", () => {
    for (const [batchNorm, count] of [
      [true, 47_024],
      [false, 46_497],
    ] as const) {
      expect(parameterCount(new DeepMLP({ ...deep, batchNorm }, { rng: rng() }))).toBe(count);
      expect(DeepMLP.parameterCount({ ...deep, batchNorm })).toBe(count);
    }
  });

  it("with BatchNorm starts near ln 27, every layer alike, whatever its gain", async () => {
    for (const gain of [0.2, 1, 3]) {
      const { loss, values } = await firstStep(new DeepMLP({ ...deep, gain }, { rng: rng() }));
      // Logits of standard deviation 0.1 cost half their variance.
      expect(Math.abs(loss - Math.log(27))).toBeLessThan(0.02);
      // tanh of N(0, 1) has a standard deviation of 0.628.
      for (let layer = 0; layer < 5; layer++) {
        expect(Math.abs(stdOf(values.get(`layers.${layer}.hidden`)!) - 0.628)).toBeLessThan(0.03);
      }
    }
  });

  it("without BatchNorm keeps its size with gain 5/3, fades with gain 1 and saturates with gain 3", async () => {
    const last = async (gain?: number) => {
      const options = { ...deep, batchNorm: false, ...(gain !== undefined && { gain }) };
      const { values } = await firstStep(new DeepMLP(options, { rng: rng() }));
      return stdOf(values.get("layers.4.hidden")!);
    };
    expect(await last()).toBe(await last(5 / 3));
    // The lecture's plot: about 0.65 in the last layers for 5/3, and less in each for 1.
    expect(Math.abs((await last()) - 0.65)).toBeLessThan(0.05);
    expect(await last(1)).toBeLessThan(0.45);
    expect(await last(3)).toBeGreaterThan(0.8);
  });

  it("names every tanh output", () => {
    expect(tapsOf(new DeepMLP(deep, { rng: rng() }), 3)).toEqual([
      ...[0, 1, 2, 3, 4].map((layer) => `layers.${layer}.hidden tanh`),
      "logits logits",
    ]);
  });

  it.each([
    [{ nLayer: 0 }, "DeepMLP: expected nLayer to be an integer >= 1, got 0"],
    [{ gain: -1 }, "DeepMLP: expected gain to be a number >= 0, got -1"],
    [{ outputScale: Infinity }, "DeepMLP: expected outputScale to be a number >= 0, got Infinity"],
  ])("refuses %o", (change, message) => {
    expect(() => new DeepMLP({ ...deep, ...change }, { rng: rng() })).toThrow(new RangeError(message));
  });
});

describe("WaveNet", () => {
  it("has the lecture's 76,579 parameters", () => {
    expect(parameterCount(new WaveNet(wave, { rng: rng() }))).toBe(76_579);
    expect(WaveNet.parameterCount(wave)).toBe(76_579);
  });

  it("starts near ln 27", async () => {
    const { loss } = await firstStep(new WaveNet(wave, { rng: rng() }));
    expect(Math.abs(loss - Math.log(27))).toBeLessThan(0.02);
  });

  it("halves the window from layer to layer, and names each", () => {
    const model = new WaveNet(wave, { rng: rng() });
    const found = [...taps([model.forward(input("inputIds", [2, 8], "int32")).logits]).values()];
    expect(found.map(({ name, kind, value }) => [name, kind, value.shape])).toEqual([
      ["layers.0.hidden", "tanh", [2, 4, 128]],
      ["layers.1.hidden", "tanh", [2, 2, 128]],
      ["layers.2.hidden", "tanh", [2, 1, 128]],
      ["logits", "logits", [2, 27]],
    ]);
  });

  it.each([1, 6, 12])("refuses a window of %d tokens, which it cannot halve to one", (blockSize) => {
    expect(() => new WaveNet({ ...wave, blockSize }, { rng: rng() })).toThrow(
      new RangeError(
        `WaveNet: expected blockSize to be a power of 2 from 2 on, as each layer halves it, got ${blockSize}`,
      ),
    );
  });
});

describe("ConvNet", () => {
  it("has a convolution and a norm for each block, an embedding and an output layer", () => {
    const count = 27 * 32 + 3 * (3 * 32 * 32 + 2 * 32) + 33 * 27;
    expect(parameterCount(new ConvNet(conv, { rng: rng() }))).toBe(count);
    expect(ConvNet.parameterCount(conv)).toBe(count);
    expect(ConvNet.parameterCount({ ...conv, batchNorm: false })).toBe(count - 3 * 32);
  });

  it("starts near ln 27", async () => {
    const { loss } = await firstStep(new ConvNet(conv, { rng: rng() }));
    expect(Math.abs(loss - Math.log(27))).toBeLessThan(0.03);
  });

  it("in use sees 1 + (kernelSize - 1) (2^nLayer - 1) tokens, none of them later", async () => {
    const model = new ConvNet({ ...conv, nLayer: 2 }, { rng: rng() });
    const program = await compile(
      referenceEngine(),
      trace({ inputIds: { shape: [1, 16], dtype: "int32" } }, ({ inputIds }) => model.forward(inputIds)),
    );
    const rows = async (changed?: number) => {
      const inputIds = Int32Array.from({ length: 16 }, (_, i) => (i === changed ? 26 : i));
      const { logits } = await program.run({ inputIds });
      return Array.from({ length: 16 }, (_, t) => logits.data.slice(t * 27, (t + 1) * 27).join());
    };
    const [before, after] = [await rows(), await rows(4)];
    const reached = before.flatMap((row, t) => (row === after[t] ? [] : [t]));
    expect(reached).toEqual([4, 5, 6, 7, 8, 9, 10]); // 1 + 2 * 3
  });

  it("names its hidden channels and its residual stream", () => {
    expect(tapsOf(new ConvNet({ ...conv, nLayer: 1 }, { rng: rng() }), 4)).toEqual([
      "blocks.0.hidden relu",
      "blocks.0.residual residual",
      "logits logits",
    ]);
  });

  it("refuses a kernel that sees nothing", () => {
    expect(() => new ConvNet({ ...conv, kernelSize: 0 }, { rng: rng() })).toThrow(
      new RangeError("ConvNet: expected kernelSize to be an integer >= 1, got 0"),
    );
  });
});

it("a model without BatchNorm that is folded is an equal one", () => {
  const model = new WaveNet({ ...wave, batchNorm: false }, { rng: rng() });
  expect(parameterCount(model.folded())).toBe(parameterCount(model));
  expect(model.folded().output.weight.data).toEqual(model.output.weight.data);
});
