import { normal, Rng, type RngState } from "@llm-learning/init";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import fixture from "./fixtures/rng.json" with { type: "json" };
import { fiveStandardErrors, largestError, moments } from "./moments.ts";

const fromWords = (words: number[]) =>
  Rng.fromState({ algorithm: "xoshiro128++", key: [0, 0], words: words as [number, number, number, number] });

const seeds = fc.nat({ max: Number.MAX_SAFE_INTEGER });
// Any 16-bit code units, lone surrogates included.
const labels = fc.string({ unit: fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit)) });

describe("32-bit draws", () => {
  test("are the published ones for the state 1, 2, 3, 4", () => {
    // The test vector of the Rust crate rand_xoshiro, made with the C reference.
    const published = [
      641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
    ];
    const rng = fromWords([1, 2, 3, 4]);
    expect(published.map(() => rng.nextUint32())).toEqual(published);
  });

  test.each(fixture.reference)("are the reference's for the state $words", ({ words, draws }) => {
    const rng = fromWords(words);
    expect(draws.map(() => rng.nextUint32())).toEqual(draws);
  });

  test.each(fixture.seeds)("follow from the seed $seed through SplitMix64", ({ seed, words, draws }) => {
    const rng = new Rng(seed);
    expect(rng.state().words).toEqual(words);
    expect(draws.map(() => rng.nextUint32())).toEqual(draws);
  });

  test("come the same one by one and by the array", () => {
    fc.assert(
      fc.property(seeds, fc.nat({ max: 50 }), (seed, count) => {
        const one = new Rng(seed);
        const many = new Rng(seed);
        expect(Array.from(many.fillUint32(new Uint32Array(count)))).toEqual(
          Array.from({ length: count }, () => one.nextUint32()),
        );
        expect(many.state()).toEqual(one.state());
      }),
    );
  });

  test("set every bit half of the time, whatever the bit before it was", () => {
    const count = 200_000;
    const draws = new Rng(7).fillUint32(new Uint32Array(count));
    for (let bit = 0; bit < 32; bit++) {
      let set = 0;
      let same = 0;
      for (let i = 0; i < count; i++) {
        set += (draws[i] >>> bit) & 1;
        same += ((draws[i] ^ (i > 0 ? draws[i - 1] : 0)) >>> bit) & 1;
      }
      // Five standard deviations of a fair coin, sqrt(n) / 2.
      expect(Math.abs(set - count / 2)).toBeLessThan(2.5 * Math.sqrt(count));
      expect(Math.abs(same - count / 2)).toBeLessThan(2.5 * Math.sqrt(count));
    }
  });
});

describe("uniform", () => {
  test("puts 53 bits into [0, 1), the first draw on top", () => {
    const rng = new Rng(42);
    expect(fixture.uniform.map(() => rng.uniform())).toEqual(fixture.uniform);
  });

  test("reaches 0 and the number below 1, and openUniform neither", () => {
    // Worked backwards from the update: the first state draws 0, 0; the second 2^32 - 1, 2^32 - 2.
    expect(fromWords([0, 0, 1, 0]).uniform()).toBe(0);
    expect(fromWords([0, 0, 1, 0]).openUniform()).toBe(2 ** -53);
    expect(fromWords([0xffffffff, 1, 0, 1]).uniform()).toBe(1 - 2 ** -53);
    expect(fromWords([0xffffffff, 1, 0, 1]).openUniform()).toBe(1 - 2 ** -53);
  });

  test("falls evenly into 256 bins, and pairs of neighbours into 16 by 16", () => {
    const rng = new Rng(1);
    const single = new Float64Array(256);
    const pairs = new Float64Array(256);
    const count = 1_000_000;
    for (let i = 0; i < count; i++) {
      const x = rng.uniform();
      const y = rng.uniform();
      single[Math.floor(x * 256)]++;
      pairs[Math.floor(x * 16) * 16 + Math.floor(y * 16)]++;
    }
    for (const bins of [single, pairs]) {
      const expected = count / 256;
      const chiSquare = bins.reduce((sum, bin) => sum + (bin - expected) ** 2 / expected, 0);
      // Chi-square with 255 degrees of freedom: mean 255, standard deviation sqrt(510), five of them.
      expect(Math.abs(chiSquare - 255)).toBeLessThan(5 * Math.sqrt(510));
    }
  });
});

describe("normal", () => {
  test("is Wichura's quantile of an open uniform number, to the last digits", () => {
    const rng = new Rng(42);
    // The same formula with the C library's logarithm: a few units in the last place of numbers below 4.
    expect(
      largestError(
        fixture.normal.map(() => rng.normal()),
        fixture.normal,
      ),
    ).toBeLessThan(1e-15);
  });

  test("is finite and symmetric at both ends of the uniform range", () => {
    const smallest = fromWords([0, 0, 1, 0]).normal();
    // Python: statistics.NormalDist().inv_cdf(2**-53)
    expect(smallest).toBeCloseTo(-8.209536151601387, 12);
    expect(fromWords([0xffffffff, 1, 0, 1]).normal()).toBe(-smallest);
  });

  test("has the moments and the tails of the standard normal distribution", () => {
    const rng = new Rng(3);
    const count = 1_000_000;
    const data = Float64Array.from({ length: count }, () => rng.normal());
    const { mean, std, skewness, kurtosis } = moments(data);
    const tolerance = fiveStandardErrors(count, 1);
    expect(Math.abs(mean)).toBeLessThan(tolerance.mean);
    expect(Math.abs(std - 1)).toBeLessThan(tolerance.std);
    expect(Math.abs(skewness)).toBeLessThan(tolerance.skewness);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(tolerance.kurtosis);
    // P(|x| > 3) = 0.0026998
    const beyond = data.reduce((sum, x) => sum + (Math.abs(x) > 3 ? 1 : 0), 0);
    expect(Math.abs(beyond - 2699.8)).toBeLessThan(5 * Math.sqrt(2699.8));
  });

  test("takes two draws, always", () => {
    const a = new Rng(9);
    const b = new Rng(9);
    for (let i = 0; i < 100; i++) a.normal();
    b.fillUint32(new Uint32Array(200));
    expect(a.state()).toEqual(b.state());
  });
});

describe("integer", () => {
  test.each(fixture.integers)("below $bound are the reference's", ({ bound, values }) => {
    const rng = new Rng(42);
    expect(values.map(() => rng.integer(bound))).toEqual(values);
  });

  test("stay in [0, bound)", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (seed, bound) => {
        const value = new Rng(seed).integer(bound);
        expect(Number.isSafeInteger(value) && value >= 0 && value < bound).toBe(true);
      }),
    );
  });

  test("are as often each, for a bound that is no power of two", () => {
    const rng = new Rng(5);
    const counts = new Float64Array(10);
    for (let i = 0; i < 100_000; i++) counts[rng.integer(10)]++;
    // Standard deviation of a binomial count, sqrt(n p (1 - p)), five of them.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(9000));
  });

  test.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 53])("below %s are refused", (bound) => {
    expect(() => new Rng(0).integer(bound)).toThrow(
      new RangeError(`Rng.integer: expected bound to be an integer in [1, 2^53 - 1], got ${bound}`),
    );
  });
});

describe("shuffle and permutation", () => {
  test("follow Fisher and Yates from the end", () => {
    expect(Array.from(new Rng(42).permutation(20))).toEqual(fixture.permutation);
    const letters = [..."abcdefghijklmnopqrst"];
    expect(new Rng(42).shuffle(letters).join("")).toBe(
      fixture.permutation.map((i) => "abcdefghijklmnopqrst"[i]).join(""),
    );
  });

  test("keep every element, in arrays and typed arrays, in place", () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.integer({ min: -128, max: 127 })), (seed, items) => {
        const sorted = items.toSorted((a, b) => a - b);
        const typed = Int8Array.from(items);
        const copy = [...items];
        expect(new Rng(seed).shuffle(copy)).toBe(copy);
        expect(new Rng(seed).shuffle(typed)).toBe(typed);
        expect(copy.toSorted((a, b) => a - b)).toEqual(sorted);
        expect(Array.from(typed)).toEqual(copy);
      }),
    );
  });

  test("give each of the six orders of three as often", () => {
    const rng = new Rng(11);
    const counts = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      const order = rng.permutation(3).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values())
      expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt((60_000 * 5) / 36));
  });

  test("of nothing and of one element are that", () => {
    expect(new Rng(0).permutation(0)).toEqual(new Uint32Array(0));
    expect(new Rng(0).permutation(1)).toEqual(new Uint32Array(1));
    expect(new Rng(0).shuffle([])).toEqual([]);
  });

  test("refuse what cannot be reordered", () => {
    const rng = new Rng(0);
    expect(() => rng.shuffle("abc" as never)).toThrow(
      new TypeError("Rng.shuffle: expected an array or a typed array, got string"),
    );
    expect(() => rng.shuffle(new DataView(new ArrayBuffer(4)) as never)).toThrow(TypeError);
    expect(() => rng.permutation(-1)).toThrow(
      new RangeError("Rng.permutation: expected n to be an integer in [0, 2^32 - 1], got -1"),
    );
    expect(() => rng.permutation(2 ** 32)).toThrow(RangeError);
    expect(() => rng.permutation(0.5)).toThrow(RangeError);
  });
});

describe("fork", () => {
  test.each(fixture.forks)("named $label starts where the reference says", ({ label, words }) => {
    expect(new Rng(42).fork(label).state().words).toEqual(words);
  });

  test("of a fork differs from both", () => {
    expect(new Rng(42).fork("dropout").fork(7).state().words).toEqual(fixture.grandchild);
  });

  test("depends on the seed and the label only, and moves nothing", () => {
    fc.assert(
      fc.property(seeds, fc.oneof(labels, seeds), fc.nat({ max: 20 }), (seed, label, drawn) => {
        const rng = new Rng(seed);
        rng.fillUint32(new Uint32Array(drawn));
        const before = rng.state();
        expect(rng.fork(label).state()).toEqual(new Rng(seed).fork(label).state());
        expect(rng.state()).toEqual(before);
        expect(Rng.fromState(before).fork(label).state()).toEqual(rng.fork(label).state());
      }),
    );
  });

  test("gives different streams to different labels, 1 and '1' included", () => {
    const rng = new Rng(0);
    const labels = [
      "",
      "\0",
      "a",
      "a\0",
      "b",
      "ab",
      "ba",
      "1",
      1,
      0,
      "0",
      ...Array.from({ length: 5000 }, (_, i) => i + 2),
    ];
    expect(new Set(labels.map((label) => rng.fork(label).state().words.join())).size).toBe(labels.length);
  });

  test("shows no correlation with its parent or its neighbour", () => {
    const count = 200_000;
    const parent = new Rng(42);
    const streams = [parent, parent.fork("weights"), parent.fork("data"), parent.fork(0), parent.fork(1)].map((rng) =>
      Float64Array.from({ length: count }, () => rng.uniform() - 0.5),
    );
    for (let a = 0; a < streams.length; a++) {
      for (let b = 0; b < a; b++) {
        const correlation = streams[a].reduce((sum, x, i) => sum + x * streams[b][i], 0) / (count / 12);
        expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(count));
      }
    }
  });

  test("gives even first draws over consecutive numbers, as a loop over steps takes them", () => {
    const parent = new Rng(42);
    const bins = new Float64Array(64);
    for (let step = 0; step < 64_000; step++) bins[parent.fork(step).nextUint32() >>> 26]++;
    const chiSquare = bins.reduce((sum, bin) => sum + (bin - 1000) ** 2 / 1000, 0);
    // Chi-square with 63 degrees of freedom: mean 63, standard deviation sqrt(126), five of them.
    expect(Math.abs(chiSquare - 63)).toBeLessThan(5 * Math.sqrt(126));
  });

  test("refuses labels that are neither strings nor safe integers >= 0", () => {
    const rng = new Rng(0);
    expect(() => rng.fork(-1)).toThrow(
      new RangeError("Rng.fork: expected a number label to be an integer in [0, 2^53 - 1], got -1"),
    );
    expect(() => rng.fork(0.5)).toThrow(RangeError);
    expect(() => rng.fork(Number.NaN)).toThrow(RangeError);
    expect(() => rng.fork(undefined as never)).toThrow(
      new TypeError("Rng.fork: expected label to be a string or a number, got undefined"),
    );
  });
});

describe("state", () => {
  test("taken midway and sent through JSON continues the same stream", () => {
    fc.assert(
      fc.property(seeds, fc.nat({ max: 40 }), (seed, drawn) => {
        const rng = new Rng(seed).fork("child");
        for (let i = 0; i < drawn; i++) rng.normal();
        rng.integer(1000);
        const resumed = Rng.fromState(JSON.parse(JSON.stringify(rng.state())) as RngState);
        const draw = (from: Rng) => [from.nextUint32(), from.normal(), from.uniform(), from.integer(10)];
        expect(draw(resumed)).toEqual(draw(rng));
        expect(resumed.fork("x").state()).toEqual(rng.fork("x").state());
        expect(resumed.state()).toEqual(rng.state());
      }),
    );
  });

  test("does not change with later draws", () => {
    const rng = new Rng(1);
    const state = rng.state();
    const copy = structuredClone(state);
    rng.nextUint32();
    expect(state).toEqual(copy);
    expect(rng.state()).not.toEqual(copy);
  });

  test.each<[unknown, Error]>([
    [null, new TypeError("Rng.fromState: expected an object from Rng.state(), got null")],
    ["words", new TypeError("Rng.fromState: expected an object from Rng.state(), got words")],
    [{}, new TypeError('Rng.fromState: expected algorithm "xoshiro128++", got undefined')],
    [
      { algorithm: "mt19937", key: [0, 0], words: [1, 2, 3, 4] },
      new TypeError('Rng.fromState: expected algorithm "xoshiro128++", got "mt19937"'),
    ],
    [
      { algorithm: "xoshiro128++", key: [0], words: [1, 2, 3, 4] },
      new TypeError("Rng.fromState: expected key to be an array of 2 numbers, got 1 numbers"),
    ],
    [
      { algorithm: "xoshiro128++", key: [0, 0] },
      new TypeError("Rng.fromState: expected words to be an array of 4 numbers, got undefined"),
    ],
    [
      { algorithm: "xoshiro128++", key: [0, 0], words: [1, 2, 3, -4] },
      new RangeError("Rng.fromState: expected words to hold integers in [0, 2^32 - 1], got -4"),
    ],
    [
      { algorithm: "xoshiro128++", key: [0, 2 ** 32], words: [1, 2, 3, 4] },
      new RangeError("Rng.fromState: expected key to hold integers in [0, 2^32 - 1], got 4294967296"),
    ],
    [
      { algorithm: "xoshiro128++", key: [0, 0], words: [1, 2, 3, "4"] },
      new RangeError("Rng.fromState: expected words to hold integers in [0, 2^32 - 1], got 4"),
    ],
    [
      { algorithm: "xoshiro128++", key: [0, 0], words: [0, 0, 0, 0] },
      new RangeError("Rng.fromState: expected words with a bit set, got four zeros (the generator would only give 0)"),
    ],
  ])("%j is refused", (state, error) => {
    expect(() => Rng.fromState(state as RngState)).toThrow(error);
  });
});

test.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53, undefined, "1"])("the seed %s is refused", (seed) => {
  expect(() => new Rng(seed as number)).toThrow(
    new RangeError(`Rng: expected seed to be an integer in [0, 2^53 - 1], got ${seed}`),
  );
});

test("a generator of another copy of the package draws as well, anything else is refused", async () => {
  vi.resetModules();
  const copy = await import("@llm-learning/init");
  expect(copy.Rng).not.toBe(Rng);
  const [ours, theirs] = [new Float32Array(4), new Float32Array(4)];
  normal(ours, { rng: new Rng(1) });
  normal(theirs, { rng: new copy.Rng(1) });
  expect(theirs).toEqual(ours);
  expect(() => normal(ours, { rng: {} as Rng })).toThrow(
    new TypeError("normal: expected rng to be an Rng, got {}; make one with new Rng(seed)"),
  );
});
