import { NGramCounts } from "@llm-learning/evaluation";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const counts = NGramCounts.from([1, 2, 0, 1, 0, 2, 2, 1, 0], { order: 3, vocabSize: 3, boundary: 0 });
const bytes = counts.toBytes();

test("counts come back from a file as they were", () => {
  const texts = fc.array(fc.nat(299), { minLength: 3, maxLength: 60 });
  fc.assert(
    fc.property(texts, fc.option(fc.nat(299)), (ids, boundary) => {
      const counts = NGramCounts.from(ids, { order: 3, vocabSize: 300, boundary: boundary ?? undefined });
      const again = NGramCounts.fromBytes(counts.toBytes());
      expect(again).toMatchObject({ order: 3, vocabSize: 300, boundary: counts.boundary, tokens: ids.length });
      expect(again.trie.levels).toEqual(counts.trie.levels);
    }),
  );
});

describe("a damaged file", () => {
  test("cut anywhere is refused", () => {
    for (let size = 0; size < bytes.length; size++) {
      expect(() => NGramCounts.fromBytes(bytes.subarray(0, size)), `${size} bytes`).toThrow(RangeError);
    }
    expect(() => NGramCounts.fromBytes(new Uint8Array(0))).toThrow(
      new RangeError(
        'NGramCounts.fromBytes: expected a file that begins with "NGRAMS1\\n", got another; the file is no n-gram counts, or damaged',
      ),
    );
  });

  test("with any byte changed is refused in words or gives other counts, and never fails otherwise", () => {
    for (let at = 0; at < bytes.length; at++) {
      for (const byte of [0, 1, 2, 0x7f, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[at] = byte;
        try {
          expect(NGramCounts.fromBytes(damaged).tokens).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          expect((error as Error).message).toMatch(/^NGramCounts\.fromBytes: expected .*, got .*/);
        }
      }
    }
  });

  test("with more at its end is refused", () => {
    expect(() => NGramCounts.fromBytes(Uint8Array.of(...bytes, 0))).toThrow(
      "expected nothing after the last gram, got 1",
    );
  });

  test("that promises more than it holds makes nobody allocate", () => {
    const magic = [...new TextEncoder().encode("NGRAMS1\n")];
    const huge = [0x80, 0x80, 0x80, 0x08]; // 2^24
    expect(() => NGramCounts.fromBytes(Uint8Array.of(...magic, 2, ...huge, 0))).toThrow(
      "expected vocabSize of at most 5, got 16777216",
    );
    expect(() => NGramCounts.fromBytes(Uint8Array.of(...magic, 33))).toThrow("expected order of at most 32, got 33");
    expect(() => NGramCounts.fromBytes(Uint8Array.of(...magic, 0))).toThrow("expected an order from 1 to 32, got 0");
    expect(() => NGramCounts.fromBytes(Uint8Array.of(...magic, 1, 1, 0, 0))).toThrow(
      "from 1 to 2^32 - 1 tokens, got 0",
    );
    expect(() => NGramCounts.fromBytes(Uint8Array.of(...magic, 1, ...Array(5).fill(0xff), 0xff))).toThrow(
      "expected vocabSize of at most 5 bytes",
    );
  });

  test("with grams whose ends are not counted is refused", () => {
    // Bigrams of two tokens: 0 0 once; trigram 0 0 1, whose end 0 1 is no bigram.
    const file = Uint8Array.of(...new TextEncoder().encode("NGRAMS1\n"), 3, 2, 0, 2, 2, 1, 0, 1, 0, 1, 1, 1);
    expect(() => NGramCounts.fromBytes(file)).toThrow(
      new RangeError(
        "NGramCounts.fromBytes: expected the end of each gram among the grams one shorter, got a gram of length 3 without; " +
          "the file is no n-gram counts, or damaged",
      ),
    );
  });

  test("with a gram that came more often than its end is refused", () => {
    const file = Uint8Array.of(...new TextEncoder().encode("NGRAMS1\n"), 2, 2, 0, 2, 2, 1, 0, 3, 0);
    expect(() => NGramCounts.fromBytes(file)).toThrow("expected no gram more often than its end, got 3 against 2");
  });

  test("that is no bytes at all is refused", () => {
    expect(() => NGramCounts.fromBytes("file" as never)).toThrow(
      new TypeError("NGramCounts.fromBytes: expected a Uint8Array, got string"),
    );
  });
});
