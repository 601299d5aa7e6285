import { Rng } from "@llm-learning/init";
import { MLP, type MLPOptions } from "@llm-learning/models";
import {
  compile,
  input,
  namedParameters,
  parameterCount,
  referenceEngine,
  taps,
  trace,
  Training,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const names: MLPOptions = { vocabSize: 27, blockSize: 3, nEmbd: 10, nHidden: 200 };
const create = (options: Partial<MLPOptions> = {}, seed = 1): MLP =>
  new MLP({ ...names, ...options }, { rng: new Rng(seed) });

/** Loss on random windows and targets, and the share of hidden neurons beyond +-0.99. */
async function start(model: MLP): Promise<{ loss: number; saturated: number }> {
  const B = 2048;
  const graph = trace(
    { inputIds: { shape: [B, 3], dtype: "int32" }, targets: { shape: [B], dtype: "int32" } },
    ({ inputIds, targets }) => {
      const loss = model.loss(inputIds, targets);
      return { loss, hidden: taps([loss]).get("hidden")!.value };
    },
  );
  const rng = new Rng(7);
  const program = await compile(referenceEngine(), graph);
  const { loss, hidden } = await program.run({
    inputIds: Int32Array.from({ length: B * 3 }, () => rng.integer(27)),
    targets: Int32Array.from({ length: B }, () => rng.integer(27)),
  });
  const saturated = (hidden.data as Float32Array).filter((value) => Math.abs(value) > 0.99).length;
  return { loss: Number(loss.data[0]), saturated: saturated / hidden.data.length };
}

describe("MLP", () => {
  it("has the lecture's 11,897 parameters", () => {
    expect(parameterCount(create())).toBe(11_897);
    expect(MLP.parameterCount(names)).toBe(11_897);
  });

  it("with BatchNorm has 12,097: a scale and a shift instead of the hidden bias", () => {
    expect(parameterCount(create({ batchNorm: true }))).toBe(12_097);
    expect(MLP.parameterCount({ ...names, batchNorm: true })).toBe(12_097);
  });

  it('starts near the lecture\'s loss of 27.88 and saturated with init "raw"', async () => {
    // Over seeds 1 to 40: mean 26.3, standard deviation 0.7. The lecture's is one seed, on 32 windows.
    const starts = await Promise.all([1, 2, 3].map((seed) => start(create({ init: "raw" }, seed))));
    for (const { loss, saturated } of starts) {
      expect(Math.abs(loss - 26.3)).toBeLessThan(5 * 0.7);
      expect(saturated).toBeGreaterThan(0.5);
    }
  });

  it('starts near ln 27 with init "fixed-logits", and still saturated', async () => {
    const { loss, saturated } = await start(create({ init: "fixed-logits" }));
    // Over seeds 1 to 40: 3.304 with a standard deviation of 0.003; logits cost half their variance, 0.01^2 * 200 / 2 or less.
    expect(Math.abs(loss - Math.log(27))).toBeLessThan(0.03);
    expect(saturated).toBeGreaterThan(0.5);
  });

  it.each(["fixed-tanh", "kaiming"] as const)("starts near ln 27 and hardly saturated with init %s", async (init) => {
    const { loss, saturated } = await start(create({ init }));
    expect(Math.abs(loss - Math.log(27))).toBeLessThan(0.03);
    // Over seeds 1 to 40: at most 2.6 % and 13.6 %, where "raw" has 58 to 65 %.
    expect(saturated).toBeLessThan(init === "kaiming" ? 0.2 : 0.05);
  });

  it("draws weights of the standard deviations in its table", () => {
    const kaiming = 5 / 3 / Math.sqrt(30);
    const table = {
      raw: [1, 1, 1, 1],
      "fixed-logits": [1, 1, 0.01, 0],
      "fixed-tanh": [0.2, 0.01, 0.01, 0],
      kaiming: [kaiming, 0.01, 0.01, 0],
    };
    for (const init of ["raw", "fixed-logits", "fixed-tanh", "kaiming"] as const) {
      const [embedding, ...rest] = [...namedParameters(create({ init }))];
      expect(embedding[0]).toBe("tokenEmbedding.weight");
      for (const [index, [name, { data }]] of rest.entries()) {
        const std = Math.sqrt(data.reduce((total, value) => total + value ** 2, 0) / data.length);
        const expected = table[init][index];
        // Five standard errors of the standard deviation of normal numbers.
        expect(Math.abs(std - expected), `${init} ${name}`).toBeLessThanOrEqual(
          (5 * expected) / Math.sqrt(2 * data.length),
        );
      }
    }
  });

  it("names its hidden neurons and its logits", () => {
    const { logits } = create().forward(input("inputIds", [1, 3], "int32"));
    expect([...taps([logits]).values()].map(({ name, kind }) => [name, kind])).toEqual([
      ["hidden", "tanh"],
      ["logits", "logits"],
    ]);
  });

  it.each([
    [{ nHidden: 0 }, "MLP: expected nHidden to be an integer >= 1, got 0"],
    [{ nEmbd: -2 }, "MLP: expected nEmbd to be an integer >= 1, got -2"],
    [{ init: "xavier" }, "MLP: expected init to be one of raw, fixed-logits, fixed-tanh, kaiming, got xavier"],
  ])("refuses %o", (change, message) => {
    expect(() => create(change as Partial<MLPOptions>)).toThrow(new RangeError(message));
  });

  it("refuses a choice of BatchNorm that is neither true nor false", () => {
    expect(() => create({ batchNorm: "no" } as unknown as Partial<MLPOptions>)).toThrow(
      new TypeError('MLP: expected batchNorm to be true or false, got "no"'),
    );
  });

  it("refuses to train BatchNorm on a batch of one, which has no variance", () => {
    const inputIds = input("inputIds", [1, 3], "int32");
    expect(() => create({ batchNorm: true }).forward(inputIds, { training: new Training() })).toThrow(
      /BatchNorm\.forward: expected more than one value for each channel in training, got \[1, 200\]/,
    );
  });

  it.each([[[2, 4]], [[2, 2]], [[3]], [[2, "length"]]])("refuses tokens of the shape %o", (shape) => {
    expect(() => create().forward(input("inputIds", shape, "int32"))).toThrow(
      new RangeError(`MLP.forward: expected inputIds [B, 3] (blockSize tokens), got [${shape.join(", ")}]`),
    );
  });
});
