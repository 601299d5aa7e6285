// What tiktoken's own public tests (release 0.14, tests/test_encoding.py and test_offsets.py) ask for, as properties of the encodings that
// the package carries. The numbers are theirs.
import { type Encoding, getEncoding, listEncodingNames } from "@llm-learning/tokenizers/tiktoken";
import { cl100k_base as cl100k } from "@llm-learning/tokenizers/tiktoken/cl100k_base";
import { gpt2 } from "@llm-learning/tokenizers/tiktoken/gpt2";
import { o200k_base as o200k } from "@llm-learning/tokenizers/tiktoken/o200k_base";
import { p50k_base as p50k } from "@llm-learning/tokenizers/tiktoken/p50k_base";
import { r50k_base as r50k } from "@llm-learning/tokenizers/tiktoken/r50k_base";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

const eot = "<|endoftext|>";
const text = fc.string({ unit: "binary", maxLength: 60 }).map((value) => value.replaceAll(/\p{Surrogate}/gu, "\ufffd"));

describe("worked examples", () => {
  test.each([
    [gpt2, "hello world", [31373, 995]],
    [cl100k, "hello world", [15339, 1917]],
    [r50k, "hello world", [31373, 995]],
    [p50k, "hello world", [31373, 995]],
    [r50k, "", []],
    [gpt2, "0", [15]],
    [gpt2, "0".repeat(7), [24598]],
    [gpt2, "0".repeat(9), [10535, 830]],
    [gpt2, "0".repeat(15), [8269, 24598]],
    [gpt2, "0".repeat(16), [25645]],
    [gpt2, "0".repeat(17), [8269, 10535, 830]],
    [cl100k, "rer", [38149]],
    [cl100k, "'rer", [2351, 81]],
    [cl100k, "today\n ", [31213, 198, 220]],
    [cl100k, "today\n \n", [31213, 27907]],
    [cl100k, "today\n  \n", [31213, 14211]],
    [cl100k, " \u00850", [220, 126, 227, 15]],
    [cl100k, "👍", [9468, 239, 235]],
  ] as const)("case %#", (encoding, value, ids) => {
    expect([...encoding.encode(value)]).toEqual(ids);
    expect(encoding.decode(ids)).toBe(value);
  });

  test("a lone surrogate is encoded as U+FFFD", () => {
    expect(cl100k.encode("\ud83d")).toEqual(cl100k.encode("\ufffd"));
  });

  test("bytes", () => {
    expect([...cl100k.encodeBytes(Uint8Array.of(0x20, 0xec, 0x8b, 0xa4, 0xed))]).toEqual([62085]);
    for (let count = 0; count < 10; count++) {
      const bytes = new Uint8Array(count).fill(0x80);
      expect(cl100k.decodeBytes(cl100k.encodeBytes(bytes))).toEqual(bytes);
    }
  });

  test("a million x in o200k_base", () => {
    expect(o200k.decode(o200k.encode("x".repeat(1_000_000)))).toBe("x".repeat(1_000_000));
  });

  test.each([
    ["hello world", [0, 5]],
    [`hello world${eot} green cow`, [0, 5, 11, 24, 30]],
    ["我非常渴望与人工智能一起工作", [0, 1, 2, 3, 3, 4, 4, 5, 6, 7, 8, 8, 9, 10, 11, 12, 13]],
    ["நடிகர் சூர்யா", [0, 0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 8, 8, 9, 9, 10, 11, 12, 12]],
    [" Ġ除", [0, 1]],
  ])("offsets of %s", (prompt, offsets) => {
    const ids = cl100k.encode(prompt, { allowedSpecial: "all" });
    const decoded = cl100k.decodeWithOffsets(ids, { unit: "codepoint" });
    expect(decoded.text).toBe(prompt);
    expect([...decoded.offsets]).toEqual(offsets);
  });
});

describe("special tokens", () => {
  const [prefix, middle] = ["<|fim_prefix|>", "<|fim_middle|>"];
  const value = `${eot} hello ${prefix} there ${middle}`;

  test("are refused by default, all of them or those named", () => {
    expect(() => cl100k.encode(value)).toThrow(RangeError);
    for (const disallowedSpecial of ["all", [eot], [prefix]] as const) {
      expect(() => cl100k.encode(value, { disallowedSpecial })).toThrow(RangeError);
    }
  });

  test.each([[[]], [[eot, prefix, middle]], [[prefix]], [[eot]], [[middle]]])(
    "those allowed are found: %j",
    (allowed) => {
      const ids = cl100k.encode(value, { allowedSpecial: allowed, disallowedSpecial: [] });
      for (const token of [eot, prefix, middle]) {
        expect(ids.includes(cl100k.encodeSingleToken(token)), token).toBe(allowed.includes(token));
      }
      expect(cl100k.encodeSingleToken(eot)).toBe(cl100k.eotToken);
    },
  );
});

describe.each(listEncodingNames())("%s", (name) => {
  let encoding: Encoding;
  beforeAll(async () => {
    encoding = await getEncoding(name);
  });

  test("every id is the single token of its bytes", () => {
    const bytes = encoding.tokenByteValues();
    expect(new Set(bytes.map((token) => encoding.encodeSingleToken(token))).size).toBe(bytes.length);
    for (const id of Array.from({ length: 2000 }, (_, at) => at * 25)) {
      expect(encoding.encodeSingleToken(encoding.decodeSingleTokenBytes(id))).toBe(id);
    }
  });

  test("long repetitions come back", () => {
    for (const part of ["^", "0", "a", "'s", " ", "\n"]) {
      const big = part.repeat(10_000);
      for (const value of [big, ` ${big}`, ` ${big}\n`]) expect(encoding.decode(encoding.encode(value))).toBe(value);
    }
  });

  test("texts come back, alone and in batches, special tokens or not", () => {
    for (const value of ["hello", "hello  ", " hello ", "请考试我的软件！12345"]) {
      expect(encoding.decode(encoding.encode(value))).toBe(value);
      expect(encoding.decode(encoding.encodeOrdinary(value))).toBe(value);
    }
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (batch) => {
        const encoded = encoding.encodeBatch(batch, { allowedSpecial: "all" });
        expect(encoded).toEqual(batch.map((value) => encoding.encode(value, { allowedSpecial: "all" })));
        expect(encoding.decodeBatch(encoded)).toEqual(batch);
        for (const value of batch) {
          expect(encoding.encodeOrdinary(value)).toEqual(encoding.encode(value, { disallowedSpecial: [] }));
        }
      }),
    );
  });

  test("any bytes come back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(encoding.decodeBytes(encoding.encodeBytes(bytes))).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  test("an offset is where the text of the ids before stops being that of all", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50_000 }), { minLength: 1, maxLength: 20 }), (drawn) => {
        const known = drawn.filter((id) => id !== 50_256);
        const ids = encoding.encodeOrdinary(encoding.decode(known, { errors: "ignore" }));
        const { text: whole, offsets } = encoding.decodeWithOffsets(ids, { unit: "codepoint" });
        for (const [at, offset] of offsets.entries()) {
          const before = encoding.decode(ids.subarray(0, at), { errors: "ignore" });
          expect(offset).toBe(sharedLength([...whole], [...before]));
        }
      }),
    );
  });
});

function sharedLength(one: readonly string[], other: readonly string[]): number {
  const at = other.findIndex((character, index) => character !== one[index]);
  return at < 0 ? other.length : at;
}
