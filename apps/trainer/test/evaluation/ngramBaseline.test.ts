import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DocumentContexts, everyExample } from "@llm-learning/datasets";
import { modifiedKneserNey, NGramCounts } from "@llm-learning/evaluation";
import { resolveConfig } from "@llm-learning/trainer";
import { describe, expect, test } from "vitest";
import {
  describeBaseline,
  MOST_BASELINE_TOKENS,
  type NGramBaseline,
  ngramBaseline,
  type NGramBaselineOptions,
} from "../../src/evaluation/ngramBaseline.ts";
import { splitLines } from "../../src/training/splitLines.ts";

/** A text in which each token follows from the two before it, but for some noise. */
function text(length: number): Uint16Array {
  const ids = new Uint16Array(length);
  for (let i = 2; i < length; i++) ids[i] = i % 11 === 0 ? (i >> 3) % 5 : (2 * ids[i - 1] + ids[i - 2] + 1) % 5;
  return ids;
}

const train = text(5000);
const options = { train, vocabSize: 5, boundary: undefined, blockSize: 4 };

/** Windows of 4 inputs, each with the token after it. */
const windows = [
  { inputs: Int32Array.of(0, 1, 3, 3, 1, 1, 4, 0), targets: Int32Array.of(1, 3, 3, 0, 1, 4, 0, 0) }, // [2, 4]
];

function baselineOf(options: NGramBaselineOptions): NGramBaseline {
  const baseline = ngramBaseline(options);
  if ("skipped" in baseline) throw new Error(baseline.skipped);
  return baseline;
}

describe("the n-gram baseline", () => {
  test("is the loss on the model's own targets, with no more context than their window", () => {
    const { order, valLoss, name } = baselineOf({ ...options, batches: windows });
    expect(order).toBeGreaterThanOrEqual(3);
    expect(order).toBeLessThanOrEqual(5); // of a window of 4 tokens
    expect(name).toBe(`modified Kneser-Ney ${["trigram", "4-gram", "5-gram"][order - 3]}`);
    const model = modifiedKneserNey(NGramCounts.from(train, { order, vocabSize: 5 }));
    const expected = [0, 4].flatMap((begin) =>
      [1, 2, 3, 4].map((length) => {
        const context = windows[0].inputs.subarray(begin, begin + length);
        return -Math.log(model.probability(context, windows[0].targets[begin + length - 1]));
      }),
    );
    expect(valLoss).toBeCloseTo(expected.reduce((sum, loss) => sum + loss) / 8, 12);
  });

  test("looks no further back than the model does", () => {
    expect(baselineOf({ ...options, batches: windows, context: 1 }).order).toBe(2);
  });

  test("is asked for one token per window where the model is", () => {
    const batches = [{ inputs: windows[0].inputs, targets: Int32Array.of(0, -1) }];
    const { order, valLoss } = baselineOf({ ...options, batches });
    const model = modifiedKneserNey(NGramCounts.from(train, { order, vocabSize: 5 }));
    expect(valLoss).toBeCloseTo(-Math.log(model.probability([0, 1, 3, 3], 0)), 12);
  });

  test("counts documents apart, and passes over what is no target", () => {
    const words = Uint16Array.from({ length: 600 }, (_, i) => [1, 2, 3, 0, 2, 4, 0, 1, 2, 0][i % 10]);
    const batches = [{ inputs: Int32Array.of(0, 1, 2, 0), targets: Int32Array.of(1, 2, 0, -1) }];
    const { order, valLoss } = baselineOf({ ...options, train: words, boundary: 0, batches });
    const model = modifiedKneserNey(NGramCounts.from(words, { order, vocabSize: 5, boundary: 0 }));
    expect(valLoss).toBeCloseTo(model.evaluate([1, 2, 0]).averageNll, 12);
  });

  test("is not taken from texts that are too long to count in a moment, nor from those of a few tokens", () => {
    expect(ngramBaseline({ ...options, train: new Uint16Array(MOST_BASELINE_TOKENS + 1), batches: [] })).toEqual({
      skipped: "5,000,001 tokens to count, more than 5,000,000",
    });
    const short = ngramBaseline({ ...options, train: text(3), batches: [] });
    expect(short).toEqual({ skipped: "only 3 tokens to count" });
    expect(describeBaseline(short, 1.5)).toBe("no n-gram baseline: only 3 tokens to count");
  });

  test("is told beside the model's loss", () => {
    const baseline = { name: "modified Kneser-Ney 5-gram", order: 5, valLoss: 1.5612 };
    const told = "counting alone (a modified Kneser-Ney 5-gram) has val loss 1.5612 on the same tokens";
    expect(describeBaseline(baseline, 1.8812)).toBe(`${told}; the model is 0.3200 worse`);
    expect(describeBaseline(baseline, 1.4697)).toBe(`${told}; the model is 0.0915 better`);
    expect(describeBaseline(baseline, undefined)).toBe(told);
  });
});

const namesFile = fileURLToPath(new URL("../../../../../shared/data/names.txt", import.meta.url));

describe.skipIf(!existsSync(namesFile))("on the lecture's names and split (skipped without ../shared/data)", () => {
  // 2.0573 of 4-grams for the MLP's context of three letters, 1.9908 of 5-grams for WaveNet's of eight.
  test.each([
    { blockSize: 3, order: 4, loss: 2.05727317 },
    { blockSize: 8, order: 5, loss: 1.99075572 },
  ])("has $loss nats per letter for a context of $blockSize", ({ blockSize, order, loss }) => {
    const { train, validation } = splitLines(
      readFileSync(namesFile, "utf8"),
      resolveConfig({ preset: "makemore-mlp" }),
    );
    const idsOf = (names: readonly string[]) =>
      Uint16Array.from(`${names.join("\n")}\n`, (letter) => (letter === "\n" ? 0 : letter.charCodeAt(0) - 96));
    const examples = new DocumentContexts(idsOf(validation), { boundary: 0, blockSize });
    const batches = everyExample(examples, { batchSize: 64 });
    const baseline = baselineOf({ train: idsOf(train), vocabSize: 27, boundary: 0, batches, blockSize });
    expect(baseline.order).toBe(order);
    expect(baseline.valLoss).toBeCloseTo(loss, 7);
  });
});
