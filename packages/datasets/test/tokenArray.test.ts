import { encodeText, tokenArray } from "@llm-learning/datasets";
import { ByteTokenizer, CharacterTokenizer } from "@llm-learning/tokenizers";
import { describe, expect, test } from "vitest";

describe("tokenArray", () => {
  test("ids of up to 65,536 kinds take two bytes, of more kinds four", () => {
    expect(tokenArray([0, 65535], 65536)).toEqual(new Uint16Array([0, 65535]));
    expect(tokenArray([0, 65536], 65537)).toEqual(new Uint32Array([0, 65536]));
    expect(tokenArray([2 ** 32 - 1], 2 ** 32)).toEqual(new Uint32Array([2 ** 32 - 1]));
    expect(tokenArray([], 1)).toEqual(new Uint16Array());
  });

  test("the ids are copied", () => {
    const ids = new Uint16Array([1, 2]);
    const tokens = tokenArray(ids, 3);
    ids[0] = 0;
    expect(tokens[0]).toBe(1);
  });

  test.each([3, -1, 1.5, NaN])("an id of %s among 3 kinds is refused with its position", (id) => {
    expect(() => tokenArray([0, id], 3)).toThrow(
      new RangeError(`tokenArray: expected ids from 0 to 2 (vocabSize - 1), got ${id} at position 1`),
    );
  });

  test.each([0, -1, 1.5, NaN, 2 ** 32 + 1])("a vocabSize of %s is refused", (vocabSize) => {
    expect(() => tokenArray([0], vocabSize)).toThrow(
      new RangeError(`tokenArray: expected vocabSize to be an integer from 1 to 2^32, got ${vocabSize}`),
    );
  });
});

describe("encodeText", () => {
  test("gives the tokenizer's ids in the narrowest array", () => {
    expect(encodeText("hé", new ByteTokenizer())).toEqual(new Uint16Array([0x68, 0xc3, 0xa9]));
    expect(encodeText("", new ByteTokenizer())).toEqual(new Uint16Array());
    expect(encodeText("banana", CharacterTokenizer.fromText("banana"))).toEqual(new Uint16Array([1, 0, 2, 0, 2, 0]));
    const wide = { vocabSize: 100_000, encode: () => new Uint32Array([99_999]) };
    expect(encodeText("x", wide)).toEqual(new Uint32Array([99_999]));
  });

  test("a tokenizer that breaks its own vocabSize is refused", () => {
    const broken = { vocabSize: 2, encode: () => new Uint32Array([2]) };
    expect(() => encodeText("x", broken)).toThrow(
      new RangeError("tokenArray: expected ids from 0 to 1 (vocabSize - 1), got 2 at position 0"),
    );
  });
});
