import {
  type Encoding,
  encodingDefinitions,
  type EncodingName,
  getEncoding,
  parseTiktoken,
} from "@llm-learning/tokenizers/tiktoken";
import { get_encoding, type Tiktoken, type TiktokenEncoding } from "tiktoken";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { integers, nastyText } from "./nastyText.ts";
import { readRanks, readTestPlans } from "./openAiFiles.ts";

describe("gpt-tokenizer's test plans", () => {
  const cases = [...readTestPlans().matchAll(/^EncodingName: (\w+)\nSample: ([^]*?)\nEncoded: \[(.*)\]$/gm)];

  test("are 313", () => {
    expect(cases).toHaveLength(313);
  });

  test.each([...new Set(cases.map(([, name]) => name as EncodingName))])("give the same ids in %s", async (name) => {
    const encoding = await getEncoding(name);
    for (const [, , sample = "", ids = ""] of cases.filter(([, of]) => of === name)) {
      const expected = ids === "" ? [] : ids.split(",").map(Number);
      expect([...encoding.encode(sample)], sample).toEqual(expected);
      expect(encoding.decode(expected)).toBe(sample);
    }
  });
});

describe.each<EncodingName & TiktokenEncoding>(["gpt2", "p50k_base", "p50k_edit", "cl100k_base", "o200k_base"])(
  "%s against the npm tiktoken",
  (name) => {
    let ours: Encoding;
    let theirs: Tiktoken;

    beforeAll(async () => {
      ours = await getEncoding(name);
      theirs = get_encoding(name);
    });
    afterAll(() => theirs.free());

    test("the same ids for 4000 random texts, special tokens allowed and as text", () => {
      const pick = integers(20);
      const differences: string[] = [];
      for (let round = 0; round < 4000; round++) {
        const text = nastyText(pick);
        const plain = ours.encodeOrdinary(text).join() === theirs.encode_ordinary(text).join();
        const all = ours.encode(text, { allowedSpecial: "all" }).join() === theirs.encode(text, "all").join();
        if (!plain || !all) differences.push(text);
      }
      expect(differences).toEqual([]);
    });

    test("a run of one character is cut and merged alike, whatever its length", () => {
      for (const character of ["a", "Z", " ", "\n", "0", "^", "中", "\u0301", "ж"]) {
        for (const length of [1, 2, 7, 8, 9, 127, 128, 129, 1000]) {
          const text = character.repeat(length);
          expect(ours.encodeOrdinary(text), `${length} x ${character}`).toEqual(theirs.encode_ordinary(text));
        }
      }
    });

    test("ids, special tokens and single tokens are the same", () => {
      expect(ours.encodeSingleToken("<|endoftext|>")).toBe(
        theirs.encode_single_token(new TextEncoder().encode("<|endoftext|>")),
      );
      const pick = integers(4);
      for (let round = 0; round < 500; round++) {
        const id = pick(50000);
        expect(ours.decodeSingleTokenBytes(id)).toEqual(theirs.decode_single_token_bytes(id));
      }
    });
  },
);

test.each(["r50k_base", "p50k_base", "cl100k_base", "o200k_base"] as const)(
  "%s inside the package has the tokens of OpenAI's file, each at its id",
  async (name) => {
    const encoding = await getEncoding(name);
    const ranks = parseTiktoken(readRanks(encodingDefinitions[name].ranks));
    const differences = ranks.flatMap((token, id) =>
      token !== undefined && Buffer.compare(token, encoding.decodeSingleTokenBytes(id)) !== 0 ? [id] : [],
    );
    expect(differences).toEqual([]);
    expect(encoding.tokenByteValues()).toHaveLength(ranks.filter((token) => token !== undefined).length);
  },
);
