import { readFileSync } from "node:fs";
import {
  alibiBias,
  alibiSlopes,
  applyRotary,
  interpolatedFrequencies,
  llama3Frequencies,
  ntkFrequencies,
  rotaryFrequencies,
  rotationAt,
  yarnAttentionFactor,
  yarnFrequencies,
} from "@llm-learning/attention";
import { Rng } from "@llm-learning/init";
import { evaluateFloat64, grad, graphOf, input, iota, matmul, mul, referenceEngine, sum } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface FrequencyCase {
  name: string;
  rotaryDim: number;
  theta: number;
  scaling: (Record<string, number> & { rope_type: string; truncate?: boolean }) | null;
  frequencies: number[];
  attentionFactor: number;
}

interface TurnedCase {
  name: string;
  headDim: number;
  rotaryDim: number;
  positions: number[][];
  x: number[];
  cotangent: number[];
  output: number[];
  gradient: number[];
}

const path = new URL("fixtures/rotary.json", import.meta.url);
const fixture = JSON.parse(readFileSync(path, "utf8")) as {
  frequencies: FrequencyCase[];
  turned: TurnedCase[];
  slopes: Record<string, number[]>;
};

/** The frequencies of a case, by the name that transformers gives their kind. */
function frequenciesOf({ rotaryDim, theta, scaling }: FrequencyCase): number[] {
  if (scaling === null) return rotaryFrequencies(rotaryDim, { theta });
  const { rope_type: kind, factor, original_max_position_embeddings: originalLength } = scaling;
  switch (kind) {
    case "linear":
      return interpolatedFrequencies(rotaryDim, { theta, factor });
    case "ntk":
      return ntkFrequencies(rotaryDim, { theta, factor });
    case "llama3":
      return llama3Frequencies(rotaryDim, {
        theta,
        factor,
        originalLength,
        lowFrequencyFactor: scaling.low_freq_factor,
        highFrequencyFactor: scaling.high_freq_factor,
      });
    default: {
      const { beta_fast: betaFast = 32, beta_slow: betaSlow = 1, truncate = true } = scaling;
      return yarnFrequencies(rotaryDim, { theta, factor, originalLength, betaFast, betaSlow, truncate });
    }
  }
}

describe("rotary frequencies are those of transformers", () => {
  it.each(fixture.frequencies.map((one) => [one.name, one] as const))("%s", (_, one) => {
    // Powers, logarithms and ramps in float32 there, relative to each frequency.
    expect(frequenciesOf(one)).toBeAllclose(one.frequencies, { rtol: 2e-6 });
    const isYarn = one.scaling?.rope_type === "yarn";
    expect(isYarn ? yarnAttentionFactor(one.scaling!.factor) : 1).toBeCloseTo(one.attentionFactor, 12);
  });

  it("keep what they are to keep and divide what they are to stretch", () => {
    const plain = rotaryFrequencies(64);
    const yarn = yarnFrequencies(64, { factor: 4, originalLength: 2048 });
    expect(yarn[0]).toBe(plain[0]);
    expect(yarn[31]).toBe(plain[31] / 4);
    const ntk = ntkFrequencies(64, { factor: 4 });
    expect(ntk[0]).toBe(1);
    expect(ntk[31]).toBeCloseTo(plain[31] / 4, 12);
    expect(llama3Frequencies(64, { factor: 1 })).toBeAllclose(plain, { rtol: 1e-15 });
  });

  it.each<[() => unknown, string]>([
    [() => rotaryFrequencies(5), "rotaryFrequencies: expected rotaryDim to be an even integer >= 2, got 5"],
    [() => rotaryFrequencies(0), "rotaryFrequencies: expected rotaryDim to be an even integer >= 2, got 0"],
    [() => rotaryFrequencies(4, { theta: 0 }), "rotaryFrequencies: expected a finite theta above 0, got 0"],
    [
      () => interpolatedFrequencies(4, { factor: 0.5 }),
      "interpolatedFrequencies: expected a finite factor >= 1, got 0.5",
    ],
    [() => ntkFrequencies(4, { factor: Number.NaN }), "ntkFrequencies: expected a finite factor >= 1, got NaN"],
    [() => ntkFrequencies(2, { factor: 2 }), "ntkFrequencies: expected rotaryDim to be at least 4, got 2"],
    [
      () => yarnFrequencies(4, { factor: 2, originalLength: 0 }),
      "yarnFrequencies: expected a finite originalLength above 0, got 0",
    ],
    [
      () => llama3Frequencies(4, { factor: 2, lowFrequencyFactor: 4 }),
      "llama3Frequencies: expected 0 < lowFrequencyFactor < highFrequencyFactor, got 4 and 4",
    ],
  ])("refuse what makes no sense: %#", (make, message) => {
    expect(make).toThrow(new RangeError(message));
  });
});

describe("applyRotary", () => {
  it.each(fixture.turned.map((one) => [one.name, one] as const))(
    "turns as transformers turns, gradients included: %s",
    async (_, { headDim, rotaryDim, positions, ...one }) => {
      const x = input("x", [2, 3, 4, headDim]);
      const rotation = rotationAt(input("positions", [2, 4], "int64"), rotaryFrequencies(rotaryDim));
      const output = applyRotary(x, rotation);
      const [gradient] = grad(sum(mul(output, input("cotangent", output.shape))), [x]);
      const feeds = {
        x: Float32Array.from(one.x),
        positions: BigInt64Array.from(positions.flat(), BigInt),
        cotangent: Float32Array.from(one.cotangent),
      };
      const double = evaluateFloat64(graphOf({ output, gradient }), feeds);
      const single = await (await referenceEngine().compile(graphOf({ output, gradient }))).run(feeds);
      // Angles up to 900 radians are float32 in transformers: 3e-5 of rounding, so much of numbers up to 3.
      const angle = Math.max(...positions.flat()) * 2 ** -23;
      for (const result of [double, single]) {
        expect(result.output.data).toBeAllclose(one.output, { atol: 1e-6 + 3 * angle });
        expect(result.gradient.data).toBeAllclose(one.gradient, { atol: 1e-6 + 3 * angle });
      }
    },
  );

  it("makes scores depend on distance alone", () => {
    const scoresAt = (start: number): Float64Array => {
      const [q, k] = [input("q", [1, 1, 4, 6]), input("k", [1, 1, 4, 6])];
      const rotation = rotationAt(input("positions", [4], "int32"), rotaryFrequencies(6));
      const scores = matmul(applyRotary(q, rotation), applyRotary(k, rotation), { transposeB: true });
      const rng = new Rng(1);
      const draw = (): Float64Array => Float64Array.from({ length: 24 }, () => rng.normal());
      const positions = Int32Array.from({ length: 4 }, (_, i) => start + i);
      return evaluateFloat64(graphOf({ scores }), { q: draw(), k: draw(), positions }).scores.data;
    };
    expect(scoresAt(1000)).toBeAllclose(scoresAt(0), { atol: 1e-11 });
  });

  it("turns nothing at position 0, and multiplies by the attention factor what it turns", () => {
    const x = input("x", [1, 1, 1, 6]);
    const turned = applyRotary(x, rotationAt(iota(1), rotaryFrequencies(4), { attentionFactor: 2 }));
    const { y } = evaluateFloat64(graphOf({ y: turned }), { x: Float64Array.of(1, 2, 3, 4, 5, 6) });
    expect([...y.data]).toEqual([2, 4, 6, 8, 5, 6]);
  });

  it("refuses narrower heads, and positions that are no list", () => {
    const rotation = rotationAt(iota(3), rotaryFrequencies(6));
    expect(() => applyRotary(input("x", [1, 1, 3, 4]), rotation)).toThrow(
      new RangeError("applyRotary: expected a last axis of at least 6 features (rotaryDim), got [1, 1, 3, 4]"),
    );
    expect(() => rotationAt(input("p", [], "int32"), rotaryFrequencies(6))).toThrow(
      new RangeError("rotationAt: expected positionIds [T] or [B, T], got []"),
    );
    expect(() => rotationAt(iota(3), [])).toThrow("rotationAt: expected at least one frequency, got none");
  });
});

describe("ALiBi", () => {
  it.each(Object.entries(fixture.slopes))("has the paper's slopes for %s heads", (heads, slopes) => {
    expect(alibiSlopes(Number(heads))).toBeAllclose(slopes, { rtol: 1e-14 });
  });

  it("adds the slope times the distance, in both directions", () => {
    const { shape, data } = evaluateFloat64(graphOf({ bias: alibiBias(2, 3) }), {}).bias;
    expect(shape).toEqual([2, 3, 3]);
    // Slopes 1/16 and 1/256.
    const distances = [0, 1, 2, 1, 0, 1, 2, 1, 0];
    expect(data).toEqual(Float64Array.from([...distances.map((d) => -d / 16), ...distances.map((d) => -d / 256)]));
  });

  it("gives the last listeners their rows", () => {
    const whole = evaluateFloat64(graphOf({ bias: alibiBias(1, 4) }), {}).bias.data;
    const bias = alibiBias(1, "all", { listeners: "new" });
    const graph = graphOf({ bias }, [input("all", ["all"], "bool"), input("new", ["new"], "bool")]);
    const last = evaluateFloat64(graph, {
      all: { shape: [4], data: new Uint8Array(4) },
      new: { shape: [2], data: new Uint8Array(2) },
    }).bias;
    expect(last.shape).toEqual([1, 2, 4]);
    expect(last.data).toEqual(whole.slice(8));
  });

  it("refuses no heads", () => {
    expect(() => alibiSlopes(0)).toThrow(new RangeError("alibiSlopes: expected numHeads to be an integer >= 1, got 0"));
  });
});
