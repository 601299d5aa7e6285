import { readFileSync } from "node:fs";
import { BpeTokenizer } from "@llm-learning/tokenizers";
import { AppendableEncoder } from "@llm-learning/tokenizers/incremental";
import { Encoding, splitPattern } from "@llm-learning/tokenizers/tiktoken";
import { describe, expect, test } from "vitest";

const { tokens, texts, rows } = JSON.parse(
  readFileSync(new URL("fixtures/encodings.json", import.meta.url), "utf8"),
) as {
  readonly tokens: readonly number[][];
  readonly texts: readonly string[];
  readonly rows: readonly [pattern: string, ids: readonly number[][]][];
};

const ranks = [
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...tokens.map((token) => Uint8Array.from(token)),
];
const encodingOf = (regex: string): Encoding => new Encoding({ name: "own", pattern: splitPattern(regex), ranks });

describe("a pattern of one's own", () => {
  test.each(rows)("gives tiktoken's ids: %s", (pattern, ids) => {
    const encoding = encodingOf(pattern);
    texts.forEach((text, i) => expect([...encoding.encodeOrdinary(text)], JSON.stringify(text)).toEqual(ids[i]));
    // In another order, so that nothing stays of the text before.
    for (const i of texts.keys()) {
      const last = texts.length - 1 - i;
      expect([...encoding.encode(texts[last] ?? "")]).toEqual(ids[last]);
    }
  });

  test("is looked at once for each text, however long", () => {
    const text = "ab12 ".repeat(20_000);
    expect(encodingOf("\\p{L}+|\\d+|\\s").countUpTo(text, 3)).toBeUndefined();
    expect(encodingOf("\\p{L}+|\\d+|\\s").count(text)).toBe(encodingOf("\\p{L}{1,2}|[0-9]+|.").count(text));
  });

  test("may leave out text, which then has no offsets", () => {
    const encoding = encodingOf("\\p{L}+");
    expect(encoding.encode("a-b")).toEqual(Uint32Array.of(97, 98));
    expect(encoding.encodeWithOffsets("ab").ids).toEqual(Uint32Array.of(97, 98));
    expect(() => encoding.encodeWithOffsets("a-b")).toThrow(
      "encodeWithOffsets: expected a text that the pattern matches all of, got 1 bytes that it leaves out",
    );
  });

  test("whose matches are empty gives no tokens for them", () => {
    expect(encodingOf("a*").encode("baab")).toEqual(Uint32Array.of(97, 97));
  });

  test("tells what is unstable at the end of a text", () => {
    const { stable, completions } = encodingOf("\\p{L}+|\\s+").encodeWithUnstable("x!! he");
    expect([...stable]).toEqual([120, 32]);
    expect(completions.map((ids) => [...ids])).toContainEqual([257]);
  });
});

describe("is refused", () => {
  test("with what is wrong with it", () => {
    expect(() => splitPattern("(a")).toThrow("Pattern: expected a closing parenthesis");
    expect(() => splitPattern(5 as unknown as string)).toThrow("splitPattern: expected a string, got 5");
    expect(() => new Encoding({ name: "own", pattern: "\\w+" as "r50k_base", ranks })).toThrow(
      'Encoding: expected pattern r50k_base, cl100k_base, o200k_base or splitPattern(regex), got "\\\\w+"',
    );
  });

  test("where what it does to a growing text is not known", () => {
    expect(() => new AppendableEncoder(encodingOf("\\w+"))).toThrow(
      "AppendableEncoder: expected an encoding with the pattern of r50k_base, cl100k_base or o200k_base, got own with one of its own",
    );
  });

  test("where it cannot be written down", () => {
    expect(() => new BpeTokenizer(encodingOf("\\w+")).toJSON()).toThrow(
      'BpeTokenizer.toJSON: expected an encoding with the pattern of r50k_base, cl100k_base or o200k_base, got "\\\\w+"',
    );
  });
});
