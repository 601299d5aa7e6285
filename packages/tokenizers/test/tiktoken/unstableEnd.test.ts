// Against tiktoken 0.14 (PyPI); fixtures/make_tiktoken.py wrote the numbers.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openAiEncoding } from "./openAiFiles.ts";

interface Expected {
  /** Text, stable ids, number of completions, and a sum over them that does not depend on their order. */
  readonly unstable: readonly (readonly [string, readonly number[], number, number])[];
  /** Bytes in hexadecimal, ids. */
  readonly bytes: readonly (readonly [string, readonly number[]])[];
  /** Ids, offsets in code points. */
  readonly offsets: readonly (readonly [readonly number[], readonly number[]])[];
}

const fixture = JSON.parse(readFileSync(new URL("fixtures/tiktoken.json", import.meta.url), "utf8")) as {
  readonly encodings: Readonly<Record<"gpt2" | "cl100k_base", Expected>>;
  readonly errors: readonly (readonly [string, string, string])[];
};

describe.each(["gpt2", "cl100k_base"] as const)("%s", (name) => {
  const encoding = openAiEncoding(name);
  const expected = fixture.encodings[name];

  test("unstable ends: the stable ids and all completions", () => {
    for (const [text, stable, count, digest] of expected.unstable) {
      const ours = encoding.encodeWithUnstable(text, { disallowedSpecial: [] });
      expect([...ours.stable], JSON.stringify(text)).toEqual(stable);
      expect([ours.completions.length, digestOf(ours.completions)], JSON.stringify(text)).toEqual([count, digest]);
    }
  });

  test("stable ids begin the text, and each completion goes on at least to its end", () => {
    const text = "hello fant";
    const { stable, completions } = encoding.encodeWithUnstable(text);
    expect(text.startsWith(encoding.decode(stable))).toBe(true);
    for (const sequence of completions) expect(encoding.decode([...stable, ...sequence]).startsWith(text)).toBe(true);
  });

  test("bytes that may be no UTF-8", () => {
    for (const [hex, ids] of expected.bytes) {
      const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
      expect([...encoding.encodeBytes(bytes)], hex).toEqual(ids);
      expect(encoding.decodeBytes(ids), hex).toEqual(bytes);
    }
  });

  test("offsets of decoded text in code points", () => {
    for (const [ids, offsets] of expected.offsets) {
      const decoded = encoding.decodeWithOffsets(ids, { unit: "codepoint" });
      expect([...decoded.offsets], decoded.text).toEqual(offsets);
      expect(decoded.text).toBe(encoding.decode(ids));
    }
  });

  test("a text that ends in a special token has nothing unstable", () => {
    const policy = { allowedSpecial: "all" } as const;
    expect(encoding.encodeWithUnstable("a<|endoftext|>", policy)).toEqual({
      stable: encoding.encode("a<|endoftext|>", policy),
      completions: [],
    });
    expect([...encoding.encodeWithUnstable("<|endoftext|>a ", policy).stable]).toEqual([
      encoding.eotToken,
      ...encoding.encode("a"),
    ]);
  });
});

test("bytes that are no UTF-8 are replaced, left out or refused, as Python does", () => {
  const encoding = openAiEncoding("gpt2");
  for (const [hex, replaced, ignored] of fixture.errors) {
    const ids = encoding.encodeBytes(Uint8Array.from(Buffer.from(hex, "hex")));
    expect(encoding.decode(ids), hex).toBe(replaced);
    expect(encoding.decode(ids, { errors: "ignore" }), hex).toBe(ignored);
    if (replaced === ignored) expect(encoding.decode(ids, { errors: "strict" })).toBe(replaced);
    else expect(() => encoding.decode(ids, { errors: "strict" }), hex).toThrow(RangeError);
  }
});

test("what is wrong is named", () => {
  const encoding = openAiEncoding("gpt2");
  const [half = 0] = encoding.encodeBytes(Uint8Array.of(0xe2));
  expect(() => encoding.decodeWithOffsets([...encoding.encode("ab"), half])).toThrow(
    'decodeWithOffsets: expected ids whose bytes are UTF-8, got bytes that are not at byte 2; errors: "replace" decodes them as U+FFFD',
  );
  expect(() => encoding.decode([], { errors: "loose" as "strict" })).toThrow(
    'decode: expected errors "replace", "ignore" or "strict", got "loose"',
  );
  expect(() => encoding.encodeBytes("a" as unknown as Uint8Array)).toThrow(
    'encodeBytes: expected a Uint8Array, got "a"',
  );
  expect(() => encoding.encodeWithUnstable("<|endoftext|>")).toThrow(
    "encodeWithUnstable: expected text without the special",
  );
});

function digestOf(completions: readonly Uint32Array[]): number {
  let sum = 0n;
  for (const sequence of completions) {
    let value = 0n;
    for (const id of sequence) value = (value * 1000003n + BigInt(id) + 1n) % 2147483647n;
    sum = (sum + value) % 2147483647n;
  }
  return Number(sum);
}
