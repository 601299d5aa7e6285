import { Rng } from "@llm-learning/init";
import { Bigram, type BigramOptions } from "@llm-learning/models";
import { compile, input, parameterCount, referenceEngine, taps, trace, Training } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const shakespeare: BigramOptions = { vocabSize: 65, blockSize: 8 };
const create = (options: BigramOptions, seed = 1): Bigram => new Bigram(options, { rng: new Rng(seed) });

/** Loss on every pair of tokens once: what random pairs give on average. */
async function lossOnAllPairs(model: Bigram, training?: Training): Promise<number> {
  const V = model.config.vocabSize;
  const shape = [V * V, 1];
  const graph = trace(
    { inputIds: { shape, dtype: "int32" }, targets: { shape, dtype: "int32" } },
    ({ inputIds, targets }) => ({ loss: model.loss(inputIds, targets, training) }),
  );
  const program = await compile(referenceEngine(), graph);
  const { loss } = await program.run({
    inputIds: Int32Array.from({ length: V * V }, (_, i) => Math.floor(i / V)),
    targets: Int32Array.from({ length: V * V }, (_, i) => i % V),
  });
  return Number(loss.data[0]);
}

describe("Bigram", () => {
  it("has a score for each pair of tokens", () => {
    expect(parameterCount(create(shakespeare))).toBe(65 * 65);
    expect(Bigram.parameterCount(shakespeare)).toBe(65 * 65);
  });

  it("starts on text of 65 characters with a loss well above ln 65, as the lecture's 4.88", async () => {
    // Scores from N(0, 1) cost half their variance on average: E[logsumexp] is about ln 65 + 1/2 - (e - 1) / (2 * 65) = 4.661 when
    // every pair counts alike. The lecture's 4.88 is one seed on 32 pairs or so, each of standard deviation 1.
    for (const seed of [1, 2, 3]) {
      expect(Math.abs((await lossOnAllPairs(create(shakespeare, seed))) - 4.661)).toBeLessThan(5 / 65);
    }
  });

  it("starts at ln V where all scores are 0", async () => {
    expect(await lossOnAllPairs(create({ ...shakespeare, std: 0 }))).toBeCloseTo(Math.log(65), 5);
  });

  it("adds its penalty in training only", async () => {
    const model = create({ vocabSize: 5, blockSize: 8, penalty: 0.5 });
    const { data } = model.table.weight;
    const meanSquare = data.reduce((total, value) => total + value ** 2, 0) / data.length;
    const [plain, penalized] = [await lossOnAllPairs(model), await lossOnAllPairs(model, new Training())];
    expect(penalized - plain).toBeCloseTo(0.5 * meanSquare, 5);
    const without = create({ vocabSize: 5, blockSize: 8 });
    expect(await lossOnAllPairs(without, new Training())).toBe(await lossOnAllPairs(without));
  });

  it("names its logits", () => {
    const { logits } = create(shakespeare).forward(input("inputIds", [1, 8], "int32"));
    expect([...taps([logits]).values()].map(({ name, kind }) => [name, kind])).toEqual([["logits", "logits"]]);
  });

  it.each([
    [{ vocabSize: 0 }, "Bigram: expected vocabSize to be an integer >= 1, got 0"],
    [{ blockSize: 1.5 }, "Bigram: expected blockSize to be an integer >= 1, got 1.5"],
    [{ std: -1 }, "Bigram: expected std to be a number >= 0, got -1"],
    [{ penalty: Number.NaN }, "Bigram: expected penalty to be a number >= 0, got NaN"],
  ])("refuses %o", (change, message) => {
    expect(() => create({ ...shakespeare, ...change })).toThrow(new RangeError(message));
    expect(() => Bigram.parameterCount({ ...shakespeare, ...change })).toThrow(new RangeError(message));
  });

  it("refuses more tokens than its window holds", () => {
    expect(() => create(shakespeare).forward(input("inputIds", [2, 9], "int32"))).toThrow(
      new RangeError("Bigram.forward: expected inputIds [B, T] of at most blockSize 8 tokens, got [2, 9]"),
    );
  });
});
