import { Tokenizer } from "@llm-learning/tokenizers/huggingface";
import { describe, expect, test } from "vitest";
import { recorded, recordOf } from "./recorded.ts";

/** As text, which for arrays of thousands of numbers is many times as fast. */
function expectSame(text: string, found: unknown, expected: unknown): void {
  expect(JSON.stringify([text, found])).toBe(JSON.stringify([text, expected]));
}

describe.each(Object.entries(recorded))("%s", (_name, { document, cases, pairs, limited, words }) => {
  const tokenizer = Tokenizer.fromJSON(document);
  const reloaded = Tokenizer.fromJSON(JSON.stringify(tokenizer));
  // After so much text, ids come the fast way.
  reloaded.encode("word ".repeat(1000));

  test("encodes as Hugging Face's library, offsets included", () => {
    for (const [text, expected] of cases) {
      expectSame(text, recordOf(tokenizer.encode(text, { unit: "codepoint" })), expected);
      expectSame(text, recordOf(reloaded.encode(text, { unit: "codepoint" })), expected);
    }
  });

  test("encodes pairs, with and without special tokens", () => {
    for (const [i, [text, pair, expected]] of pairs.entries()) {
      const encoding = tokenizer.encode({ text, pair }, { unit: "codepoint", addSpecialTokens: i % 2 === 1 });
      expectSame(text + pair, recordOf(encoding), expected);
    }
  });

  test("truncates and pads batches, overflowing encodings included", () => {
    for (const [truncation, padding, addSpecialTokens, inputs, expected] of limited) {
      const shorter = Tokenizer.fromJSON({ ...document, truncation, padding });
      const batch = inputs.map((input) => (typeof input === "string" ? input : { text: input[0], pair: input[1] }));
      const options = { unit: "codepoint", addSpecialTokens } as const;
      if (expected === null) expect(() => shorter.encodeBatch(batch, options)).toThrow(RangeError);
      else expectSame("", shorter.encodeBatch(batch, options).map(recordOf), expected);
      expect(shorter.toJSON()).toMatchObject({ truncation, padding });
    }
  });

  test("encodes texts that are cut into words already", () => {
    for (const [text, expected] of words) {
      expectSame(text.join(" "), recordOf(tokenizer.encode({ text }, { unit: "codepoint" })), expected);
    }
  });

  test("decodes, all at once and one by one", () => {
    for (const [, [ids], shuffled, decoded, streamed] of cases) {
      expect(tokenizer.decode(ids as number[])).toBe(decoded[0]);
      expect(tokenizer.decode(ids as number[], { skipSpecialTokens: true })).toBe(decoded[1]);
      expect(tokenizer.decode(shuffled)).toBe(decoded[2]);
      const stream = tokenizer.decodeStream();
      const chunks = (ids as number[]).map((id) => stream.push(id));
      const rest = stream.end();
      // A stream of bytes gives a broken character's U+FFFD as soon as it is known to be broken, the library later.
      if (document.decoder?.type === "ByteLevel") expect(chunks.join("") + rest).toBe(decoded[0]);
      else expect(chunks).toEqual(streamed);
    }
  });

  test("offsets in UTF-16 units and in bytes are those in code points", () => {
    for (const [text] of cases) {
      const points = tokenizer.encode(text, { unit: "codepoint" }).offsets;
      const characters = [...text];
      const prefix = (point: number): string => characters.slice(0, point).join("");
      const units = points.map((range) => range.map((at) => prefix(at).length));
      expectSame(text, tokenizer.encode(text).offsets, units);
      const bytes = points.map((range) => range.map((at) => Buffer.byteLength(prefix(at))));
      expectSame(text, tokenizer.encode(text, { unit: "byte" }).offsets, bytes);
    }
  });
});
