import { AppendableEncoder, IntervalCounter } from "@llm-learning/tokenizers/incremental";
import { Encoding } from "@llm-learning/tokenizers/tiktoken";
import { describe, expect, test } from "vitest";

const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
const latin = (...tokens: readonly string[]) => [
  ...bytes,
  ...tokens.map((token) => Uint8Array.from(token, (character) => character.charCodeAt(0))),
];
const encodingOf = (...tokens: readonly string[]) =>
  new Encoding({ name: "own", pattern: "r50k_base", ranks: latin(...tokens) });
const encoding = encodingOf("ab", "abc");

describe("an encoding of which the order of the ids is not that of the merges", () => {
  test.each([
    // "abc" comes first, and then no two tokens make it.
    [["abc", "ab"], "abc"],
    // "xabc" could be "xa" and "bc", but "ab" comes before both.
    [["ab", "xa", "bc", "xabc"], "xabc"],
  ])("is refused with the first token that its own bytes do not encode to: %j", (tokens, token) => {
    const make = () => new AppendableEncoder(encodingOf(...tokens));
    expect(make).toThrow(RangeError);
    expect(make).toThrow(
      "AppendableEncoder: expected an encoding whose tokens are each merged from two earlier ones, got own with token " +
        `${256 + tokens.indexOf(token)} ("${token}"), which its own bytes do not encode to`,
    );
  });
});

test("tokens of more than 512 bytes are refused", () => {
  const doubling = Array.from({ length: 10 }, (_, power) => "a".repeat(2 ** (power + 1)));
  expect(() => new AppendableEncoder(encodingOf(...doubling))).toThrow(
    "AppendableEncoder: expected tokens of at most 512 bytes, as each byte of text is looked at from that far, got one of 1024 in own",
  );
});

describe("arguments", () => {
  test("that are no encoding are refused", () => {
    expect(() => new AppendableEncoder({} as Encoding)).toThrow(
      "AppendableEncoder: expected an Encoding, got an object",
    );
    expect(() => new IntervalCounter(undefined as unknown as Encoding, "")).toThrow(TypeError);
  });

  test("that are no text are refused", () => {
    expect(() => new AppendableEncoder(encoding).append(5 as unknown as string)).toThrow(
      "AppendableEncoder.append: expected a string, got 5",
    );
    expect(() => new IntervalCounter(encoding, null as unknown as string)).toThrow(TypeError);
  });

  test.each([-1, 4, 1.5, Number.NaN])("a length of %d of three is refused", (length) => {
    const encoder = new AppendableEncoder(encoding);
    encoder.append("abc");
    expect(() => encoder.truncate(length)).toThrow("expected an integer from 0 to 3 (length)");
    expect(encoder.count).toBe(1);
  });

  test.each([
    [-1, 2],
    [2, 1],
    [0, 4],
    [0.5, 1],
  ])("the part from %d to %d of three is refused", (start, end) => {
    expect(() => new IntervalCounter(encoding, "abc").count(start, end)).toThrow(
      "IntervalCounter.count: expected integers 0 <= start <= end <= 3 (length)",
    );
  });
});

describe("surrogates", () => {
  test("that are added one after the other make one character, and come apart again", () => {
    const encoder = new AppendableEncoder(encoding);
    const counts = ["x", "\ud83d", "\ude00", "y"].map((unit) => {
      encoder.append(unit);
      return encoder.count;
    });
    // The half is U+FFFD, which takes three bytes in UTF-8; the whole takes four.
    expect(counts).toEqual([1, 4, 5, 6]);
    encoder.truncate(2);
    expect(encoder.count).toBe(4);
    encoder.append("\ude00");
    expect([...encoder.ids()]).toEqual([0x78, 0xf0, 0x9f, 0x98, 0x80]);
  });
});
