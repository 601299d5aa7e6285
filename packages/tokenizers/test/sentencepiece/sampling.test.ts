import { SentencePieceProcessor, writeModelProto } from "@llm-learning/tokenizers/sentencepiece";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { randomNumbers } from "../hostile/mutate.ts";
import { loadModel } from "./models.ts";

/** What fixtures/make_botchan.py wrote: texts with C++'s results, and what C++ drew at random. */
interface Botchan {
  readonly text: string;
  readonly draws: number;
  readonly cases: readonly { text: string; ids: number[]; scores: number[]; entropy: number }[];
  readonly sampled: readonly { model: string; nbestSize: number; alpha: number; counts: [number[], number][] }[];
  readonly scored: readonly {
    numSamples: number;
    alpha: number;
    withoutReplacement: boolean;
    includeBest: boolean;
    counts: [number[], number, number][];
  }[];
}

const botchan: Botchan = JSON.parse(
  new TextDecoder().decode(gunzipSync(readFileSync(new URL("fixtures/botchan.json.gz", import.meta.url)))),
);
const processor = loadModel("botchan");
const { text, draws } = botchan;

/** How often each outcome came. */
function count(outcomes: Iterable<ArrayLike<number>>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const ids of outcomes) {
    const key = Array.from(ids).join(" ");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/**
 * Whether two samples of equal size can be from one distribution: the chi-square statistic of the outcomes that came 20
 * times or more in both together, with the others as one, less than five standard deviations above its mean.
 */
function expectSameDistribution(ours: Map<string, number>, theirs: Map<string, number>, size: number): void {
  let statistic = 0;
  let bins = 0;
  let oursLeft = size;
  let theirsLeft = size;
  const add = (a: number, b: number) => {
    if (a + b < 20) return;
    statistic += (a - b) ** 2 / (a + b);
    bins++;
  };
  for (const [key, theirCount] of theirs) {
    const ourCount = ours.get(key) ?? 0;
    if (ourCount + theirCount < 20) continue;
    add(ourCount, theirCount);
    oursLeft -= ourCount;
    theirsLeft -= theirCount;
  }
  add(oursLeft, theirsLeft);
  expect(bins).toBeGreaterThan(1);
  const freedom = bins - 1;
  expect(statistic).toBeLessThan(freedom + 5 * Math.sqrt(2 * freedom));
}

describe("sampleEncode", () => {
  test.each(botchan.sampled)(
    "draws as C++ SentencePiece: $model, nbestSize $nbestSize, alpha $alpha",
    ({ model, nbestSize, alpha, counts }) => {
      const rng = randomNumbers(11);
      const sampler = loadModel(model);
      const ours = count(Array.from({ length: draws }, () => sampler.sampleEncode(text, { rng, nbestSize, alpha })));
      const theirs = new Map(counts.map(([ids, times]) => [ids.join(" "), times]));
      expectSameDistribution(ours, theirs, draws);
    },
  );

  test("gives segmentations that decode to the text, and more than one, as python/test/sentencepiece_test.py asks", () => {
    const rng = randomNumbers(3);
    const sentence = "I saw a girl with a telescope.";
    for (const options of [{ rng, nbestSize: 64, alpha: 0.5 }, { rng, nbestSize: -1, alpha: 0.5 }, { rng }]) {
      const sampled = Array.from({ length: 100 }, () => processor.sampleEncode(sentence, options));
      for (const ids of sampled) expect(processor.decode(ids)).toBe(sentence);
      expect(count(sampled).size).toBeGreaterThan(1);
      const { ids, pieces, offsets, ends } = processor.sampleEncodeWithOffsets(sentence, options);
      expect(processor.decode(ids)).toBe(sentence);
      expect(processor.decodePieces(pieces)).toBe(sentence);
      expect(Array.from(offsets, (start, i) => sentence.slice(start, ends[i])).join("")).toBe(sentence);
    }
  });

  test("gives the same for the same random numbers", () => {
    const twice = [5, 5].map((seed) => {
      const rng = randomNumbers(seed);
      return Array.from({ length: 20 }, () => processor.sampleEncode(text, { rng, addBos: true }));
    });
    expect(twice[0]).toEqual(twice[1]);
  });

  test("draws nothing for nbestSize 0 and 1", () => {
    const rng = () => {
      throw new Error("drawn");
    };
    for (const nbestSize of [0, 1]) {
      expect(processor.sampleEncode(text, { rng, nbestSize })).toEqual(processor.encode(text));
    }
  });

  test("leaves out no merge, or all, with alpha 0 and 1", () => {
    const bpe = loadModel("bpe");
    const rng = randomNumbers(1);
    expect(bpe.sampleEncode(text, { rng, alpha: 0 })).toEqual(bpe.encode(text));
    expect(bpe.sampleEncode(text, { rng, alpha: 1 }).length).toBe(text.length + 1);
  });

  test("refuses what makes no sense", () => {
    const rng = randomNumbers(1);
    expect(() => processor.sampleEncode(text, {} as never)).toThrow(
      "sampleEncode: expected rng to be a function that gives numbers from 0 to below 1, got nothing",
    );
    expect(() => processor.sampleEncode(text, { rng, nbestSize: 513 })).toThrow(
      "sampleEncode: expected an integer nbestSize of at most 512, got 513",
    );
    expect(() => processor.sampleEncode(text, { rng, alpha: Number.NaN })).toThrow("expected a finite alpha, got NaN");
    expect(() => processor.sampleEncode(text, { rng, alpha: -1e38 })).toThrow(
      "expected alpha and scores whose products",
    );
    expect(() => loadModel("char").sampleEncode(text, { rng })).toThrow(
      "sampleEncode: expected a unigram model, got one of type char, which has one segmentation",
    );
  });
});

describe("sampleEncodeAndScore", () => {
  test.each(botchan.scored)(
    "draws and scores as C++ SentencePiece: $numSamples, without replacement $withoutReplacement, with the best $includeBest",
    ({ counts, ...options }) => {
      const rng = randomNumbers(13);
      const rounds = draws / options.numSamples;
      const sampled = Array.from({ length: rounds }, () => processor.sampleEncodeAndScore(text, { ...options, rng }));
      for (const round of sampled) expect(round.length).toBe(options.numSamples);
      const all = sampled.flat();
      const ours = count(all.map(({ ids }) => ids));
      expectSameDistribution(ours, new Map(counts.map(([ids, times]) => [ids.join(" "), times])), draws);
      const sums = new Map<string, number>();
      for (const { ids, score } of all) {
        const key = Array.from(ids).join(" ");
        sums.set(key, (sums.get(key) ?? 0) + score);
      }
      for (const [ids, times, meanScore] of counts) {
        if (times < 500) continue;
        const mean = sums.get(ids.join(" "))! / ours.get(ids.join(" "))!;
        // Exact with replacement; without, estimates that vary by about a tenth of their size.
        expect(Math.abs(mean - meanScore)).toBeLessThan(options.withoutReplacement ? 0.02 + 0.1 * -meanScore : 1e-5);
      }
    },
  );

  test("draws each segmentation once without replacement, and all of them with certainty if there are no more", () => {
    const rng = randomNumbers(17);
    const all = processor.nbestEncode("hello", 1024);
    const drawn = processor.sampleEncodeAndScore("hello", { rng, numSamples: 1024, withoutReplacement: true });
    expect(count(drawn.map(({ ids }) => ids))).toEqual(new Map(all.map(({ ids }) => [Array.from(ids).join(" "), 1])));
    expect(drawn.every(({ score }) => score === 0)).toBe(true);
    const withBest = processor.sampleEncodeAndScore("hello", {
      rng,
      numSamples: 4,
      withoutReplacement: true,
      includeBest: true,
    });
    expect(withBest[0]!.ids).toEqual(processor.encode("hello"));
    expect(count(withBest.map(({ ids }) => ids)).size).toBe(4);
  });

  test("gives scores that are the logarithms of probabilities", () => {
    const rng = randomNumbers(19);
    const scored = processor.sampleEncodeAndScore(text, { rng, numSamples: 4000, alpha: 1 });
    const probabilities = new Map(scored.map(({ ids, score }) => [Array.from(ids).join(" "), Math.exp(score)]));
    expect([...probabilities.values()].reduce((sum, p) => sum + p)).toBeCloseTo(1, 2);
  });

  test("refuses the best one among equals, no samples, and other models", () => {
    const rng = randomNumbers(1);
    expect(() => processor.sampleEncodeAndScore(text, { rng, numSamples: 2, includeBest: true })).toThrow(
      "sampleEncodeAndScore: expected withoutReplacement with includeBest, got includeBest alone",
    );
    expect(() => processor.sampleEncodeAndScore(text, { rng, numSamples: 0 })).toThrow(
      "expected numSamples to be 1 or more",
    );
    expect(() => loadModel("bpe").sampleEncodeAndScore(text, { rng, numSamples: 1 })).toThrow(
      "expected a unigram model, got one of type bpe",
    );
  });
});

describe("calculateEntropy and nbestEncode", () => {
  test("give what C++ SentencePiece gives for lines of botchan.txt", () => {
    for (const { text: line, ids, scores, entropy } of botchan.cases) {
      expect([...processor.encode(line)], line).toEqual(ids);
      const best = processor.nbestEncode(line, 3);
      expect(
        best.map(({ score }) => score),
        line,
      ).toEqual(scores);
      expect([...best[0]!.ids], line).toEqual(ids);
      for (const { ids: alternative } of best) expect(processor.decode(alternative)).toBe(processor.decode(ids));
      expect(processor.calculateEntropy(line, 0.5) / entropy).toBeCloseTo(1, 5);
    }
  });

  test("agree with the definition where all segmentations can be listed", () => {
    for (const alpha of [0, 0.3, 1]) {
      const weights = processor.nbestEncode(text, 1024).map(({ score }) => Math.exp(alpha * score));
      const total = weights.reduce((sum, weight) => sum + weight);
      const entropy = -weights.reduce((sum, weight) => sum + (weight / total) * Math.log(weight / total), 0);
      expect(processor.calculateEntropy(text, alpha)).toBeCloseTo(entropy, 4);
    }
  });

  test("take the empty text for one certain segmentation", () => {
    expect(processor.calculateEntropy("", 0.5)).toBe(0);
    expect(processor.nbestEncode("", 10).map(({ ids, score }) => [ids.length, score])).toEqual([[0, 0]]);
    const rng = randomNumbers(1);
    expect(processor.sampleEncode("", { rng, addEos: true })).toEqual(Uint32Array.of(2));
    expect(processor.sampleEncodeAndScore("", { rng, numSamples: 3, withoutReplacement: true }).length).toBe(1);
  });

  test("refuse sizes out of range", () => {
    for (const size of [0, 1025, 2.5]) {
      expect(() => processor.nbestEncode(text, size)).toThrow("nbestEncode: expected nbestSize from 1 to 1024, got");
    }
    expect(processor.nbestEncode(text, 1)[0]).toMatchObject({ ids: processor.encode(text) });
  });

  test("stay bounded on texts with myriads of equally good segmentations", () => {
    const pieces = ["\u2581", "a", "aa", "aaa", "aaaa"].map((piece) => ({ piece, score: -piece.length }));
    const model = writeModelProto({ pieces: [{ piece: "<unk>", type: "unknown" }, ...pieces] });
    const tied = SentencePieceProcessor.fromBytes(model);
    const best = tied.nbestEncode("a".repeat(1000), 64);
    expect(best.length).toBe(64);
    for (const { ids, score } of best) expect([tied.decode(ids).length, score]).toEqual([1000, -1001]);
  });
});
