import { Tokenizer } from "@llm-learning/tokenizers/huggingface";
import { describe, expect, test } from "vitest";
import { recorded, recordOf } from "./recorded.ts";

describe.each(Object.entries(recorded))("%s", (_name, { document, cases, pairs }) => {
  const tokenizer = Tokenizer.fromJSON(document);
  const reloaded = Tokenizer.fromJSON(JSON.stringify(tokenizer));

  test("encodes as Hugging Face's library, offsets included", () => {
    for (const [text, expected] of cases) {
      expect([text, recordOf(tokenizer.encode(text, { unit: "codepoint" }))]).toEqual([text, expected]);
      expect([text, recordOf(reloaded.encode(text, { unit: "codepoint" }))]).toEqual([text, expected]);
    }
  });

  test("encodes pairs, with and without special tokens", () => {
    for (const [i, [text, pair, expected]] of pairs.entries()) {
      const encoding = tokenizer.encode({ text, pair }, { unit: "codepoint", addSpecialTokens: i % 2 === 1 });
      expect([text, pair, recordOf(encoding)]).toEqual([text, pair, expected]);
    }
  });

  test("decodes, all at once and one by one", () => {
    for (const [, [ids], shuffled, decoded] of cases) {
      expect(tokenizer.decode(ids as number[])).toBe(decoded[0]);
      expect(tokenizer.decode(ids as number[], { skipSpecialTokens: true })).toBe(decoded[1]);
      expect(tokenizer.decode(shuffled)).toBe(decoded[2]);
      const stream = tokenizer.decodeStream();
      const streamed = shuffled.map((id) => stream.push(id)).join("") + stream.end();
      expect(streamed).toBe(decoded[2]);
    }
  });

  test("offsets in UTF-16 units and in bytes are those in code points", () => {
    for (const [text] of cases) {
      const points = tokenizer.encode(text, { unit: "codepoint" }).offsets;
      const characters = [...text];
      const prefix = (point: number): string => characters.slice(0, point).join("");
      expect(tokenizer.encode(text).offsets).toEqual(points.map((range) => range.map((at) => prefix(at).length)));
      expect(tokenizer.encode(text, { unit: "byte" }).offsets).toEqual(
        points.map((range) => range.map((at) => Buffer.byteLength(prefix(at)))),
      );
    }
  });
});
