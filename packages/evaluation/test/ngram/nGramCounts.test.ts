import { NGramCounter, NGramCounts } from "@llm-learning/evaluation";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("counts of one text", () => {
  const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 3, vocabSize: 4 });

  test("hold each gram up to the order, as often as it came", () => {
    expect(counts.tokens).toBe(5);
    expect([0, 1, 2, 3].map((token) => counts.count([token]))).toEqual([2, 2, 1, 0]);
    expect(counts.count([])).toBe(5);
    expect(counts.count([0, 1])).toBe(2);
    expect(counts.count([1, 0])).toBe(1);
    expect(counts.count([2, 0])).toBe(0);
    expect(counts.count([0, 1, 2])).toBe(1);
    expect(counts.count([3, 3, 3])).toBe(0);
    expect([1, 2, 3].map((length) => counts.distinct(length))).toEqual([3, 3, 3]);
  });

  test("give the row of a context", () => {
    expect(counts.followers([1])).toEqual(new Uint32Array([1, 0, 1, 0]));
    expect(counts.followers([0, 1])).toEqual(new Uint32Array([1, 0, 1, 0]));
    expect(counts.followers([3])).toEqual(new Uint32Array(4));
  });

  test("of a smaller order are a part of them", () => {
    const bigrams = counts.withOrder(2);
    expect(bigrams.order).toBe(2);
    expect(bigrams.toBytes()).toEqual(NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 4 }).toBytes());
  });

  test("refuse what they cannot know", () => {
    expect(() => counts.count([0, 0, 0, 0])).toThrow(
      new RangeError("NGramCounts.count: expected at most 3 ids, got 4"),
    );
    expect(() => counts.count([4])).toThrow("NGramCounts.count: expected ids from 0 to 3, got 4 at index 0");
    expect(() => counts.followers([0, 0, 0])).toThrow("NGramCounts.followers: expected at most 2 ids, got 3");
    expect(() => counts.distinct(0)).toThrow("expected length from 1 to 3, got 0");
    expect(() => counts.withOrder(4)).toThrow("expected order from 1 to 3, got 4");
  });
});

describe("a boundary", () => {
  // Three words: 1 2, 1, nothing.
  const counts = NGramCounts.from([1, 2, 0, 1, 0, 0], { order: 3, vocabSize: 3, boundary: 0 });

  test("stands twice before each word of a trigram model, and once after it", () => {
    expect(counts.count([0, 0, 1])).toBe(2);
    expect(counts.count([0, 1, 2])).toBe(1);
    expect(counts.count([0, 1, 0])).toBe(1);
    expect(counts.count([1, 2, 0])).toBe(1);
    expect(counts.count([0, 0, 0])).toBe(1); // the empty word
    expect(counts.count([2, 0, 1])).toBe(0); // nothing reaches across words
  });

  test("is counted as often as it came, not as often as it was put before a word", () => {
    expect(counts.tokens).toBe(6);
    expect(counts.count([0])).toBe(3);
    expect(counts.count([0, 0])).toBe(1);
    expect(counts.followers([0])).toEqual(new Uint32Array([1, 2, 0]));
  });
});

test("where chunks end means nothing", () => {
  const ids = fc.array(fc.nat(3), { minLength: 3, maxLength: 40 });
  fc.assert(
    fc.property(ids, fc.array(fc.nat(40), { maxLength: 4 }), fc.option(fc.nat(3)), (ids, cuts, boundary) => {
      const options = { order: 3, vocabSize: 4, boundary: boundary ?? undefined };
      const places = [0, ...cuts.map((cut) => Math.min(cut, ids.length)).sort((a, b) => a - b), ids.length];
      const chunks = places.slice(1).map((end, i) => Uint16Array.from(ids.slice(places[i], end)));
      const whole = NGramCounts.from(ids, options).toBytes();
      expect(NGramCounts.from(chunks, options).toBytes()).toEqual(whole);
      expect(NGramCounts.from(new Set(chunks), options).toBytes()).toEqual(whole);
      expect(NGramCounts.from(ids.values(), options).toBytes()).toEqual(whole);
      const counter = new NGramCounter(options);
      for (const chunk of chunks) counter.add(Uint32Array.from(chunk));
      expect(counter.counts().toBytes()).toEqual(whole);
    }),
  );
});

test("counts are those of a plain count of slices", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: 4, maxLength: 200 }), (ids) => {
      const counts = NGramCounts.from(ids, { order: 4, vocabSize: 6 });
      for (const length of [1, 2, 3, 4]) {
        const expected = new Map<string, number>();
        for (let i = 0; i + length <= ids.length; i++) {
          const gram = ids.slice(i, i + length).join();
          expected.set(gram, (expected.get(gram) ?? 0) + 1);
        }
        expect(counts.distinct(length)).toBe(expected.size);
        for (const [gram, count] of expected) expect(counts.count(gram.split(",").map(Number))).toBe(count);
      }
    }),
  );
});

test("an async stream is counted as it arrives", async () => {
  async function* chunks(): AsyncGenerator<Uint16Array | number> {
    yield Uint16Array.of(0, 1);
    yield 0;
    yield* [1, 2];
  }
  const options = { order: 3, vocabSize: 3 };
  const counts = await NGramCounts.fromAsync(chunks(), options);
  expect(counts.toBytes()).toEqual(NGramCounts.from([0, 1, 0, 1, 2], options).toBytes());
});

test("a counter goes on after its counts were taken", () => {
  const counter = new NGramCounter({ order: 2, vocabSize: 2 });
  const first = counter.add([0, 1]).counts();
  const second = counter.add([0, 1]).counts();
  expect(first.count([0, 1])).toBe(1);
  expect(second.count([0, 1])).toBe(2);
});

test("many grams are found again, after the tables have grown many times", () => {
  const counter = new NGramCounter({ order: 2, vocabSize: 1000 });
  const ids = Uint32Array.from({ length: 100_000 }, (_, i) => (i * i + (i >> 3)) % 1000);
  const counts = counter.add(ids).counts();
  const expected = new Map<number, number>();
  for (let i = 1; i < ids.length; i++) {
    const pair = ids[i - 1] * 1000 + ids[i];
    expected.set(pair, (expected.get(pair) ?? 0) + 1);
  }
  expect(counts.distinct(2)).toBe(expected.size);
  expect([...expected].every(([pair, n]) => counts.count([Math.floor(pair / 1000), pair % 1000]) === n)).toBe(true);
});

describe("what cannot be counted is refused in words", () => {
  const from = (ids: unknown, options: object) => () =>
    NGramCounts.from(ids as never, { order: 2, vocabSize: 3, ...options });

  test("an order below 1, or longer than the text", () => {
    expect(from([0, 1], { order: 0 })).toThrow(
      new RangeError("NGramCounter: expected order to be an integer in [1, 32], got 0"),
    );
    expect(from([0, 1], { order: 1.5 })).toThrow("got 1.5");
    expect(from([0, 1, 2], { order: 5 })).toThrow(
      new RangeError(
        "NGramCounter.counts: expected at least 5 ids for order 5, got 3; use more text or an order of at most 3",
      ),
    );
    expect(from([], { order: 5, boundary: 0 })).toThrow("expected at least 1 ids for order 5, got 0");
  });

  test("a vocabulary that is none", () => {
    expect(from([0, 1], { vocabSize: 0 })).toThrow("expected vocabSize to be an integer in [1, 2^24], got 0");
    expect(from([0, 1], { boundary: 3 })).toThrow("expected boundary to be an id from 0 to 2, got 3");
  });

  test("an id that is not in the vocabulary, with its place", () => {
    expect(
      from(
        [
          [0, 1],
          [2, 3],
        ],
        {},
      ),
    ).toThrow(new RangeError("NGramCounter.add: expected ids from 0 to 2, got 3 at position 3"));
    expect(from([0, -1], {})).toThrow("got -1 at position 1");
    expect(from([0, 0.5], {})).toThrow("got 0.5 at position 1");
    expect(from([0, Number.NaN], {})).toThrow("got NaN at position 1");
  });

  test("what is no ids at all", () => {
    const message = "NGramCounter.add: expected token ids, one by one or in chunks, got ";
    expect(from("text", {})).toThrow(new TypeError(`${message}a string; encode it first`));
    expect(from(null, {})).toThrow(new TypeError(`${message}null`));
    expect(from(5, {})).toThrow(new TypeError(`${message}number`));
    expect(from(new Set(["word"]), {})).toThrow(new TypeError(`${message}a string; encode it first`));
  });
});
