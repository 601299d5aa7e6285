import { Encoding, encodingDefinitions, formatTiktoken, parseTiktoken } from "@llm-learning/tokenizers/tiktoken";
import { describe, expect, test } from "vitest";
import { openAiEncoding, readRanks } from "./openAiFiles.ts";

const cl100k = openAiEncoding("cl100k_base");
const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

describe("numbers of ids (tiktoken 0.14's n_vocab)", () => {
  test.each([
    ["gpt2", 50257],
    ["p50k_base", 50281],
    ["p50k_edit", 50284],
    ["cl100k_base", 100277],
    ["o200k_base", 200019],
    ["o200k_harmony", 201088],
  ] as const)("%s: %i", (name, nVocab) => {
    expect(openAiEncoding(name).nVocab).toBe(nVocab);
    expect(openAiEncoding(name).eotToken).toBe(encodingDefinitions[name].specialTokens["<|endoftext|>"]);
  });
});

describe("special tokens", () => {
  test("in a text are refused unless the caller says otherwise, and the message names the remedies", () => {
    expect(() => cl100k.encode("hello <|endoftext|>")).toThrow(
      'encode: expected text without the special token "<|endoftext|>", got it at index 6; to encode it as the special token pass ' +
        'allowedSpecial: ["<|endoftext|>"], to encode it as ordinary text pass disallowedSpecial: []',
    );
  });

  // tiktoken 0.14.0 (PyPI) gives [15339, 220, 100257].
  test("give their id where allowed, ordinary ids where neither allowed nor refused", () => {
    expect([...cl100k.encode("hello <|endoftext|>", { allowedSpecial: "all" })]).toEqual([15339, 220, 100257]);
    const ordinary = cl100k.encodeOrdinary("hello <|endoftext|>");
    expect(cl100k.encode("hello <|endoftext|>", { disallowedSpecial: [] })).toEqual(ordinary);
    expect(ordinary).not.toContain(100257);
    expect(cl100k.decode(ordinary)).toBe("hello <|endoftext|>");
  });

  test("allowed ones pass while the others stay refused", () => {
    const policy = { allowedSpecial: ["<|fim_prefix|>"] };
    expect([...cl100k.encode("<|fim_prefix|>", policy)]).toEqual([100258]);
    expect(() => cl100k.encode("<|fim_prefix|><|fim_suffix|>", policy)).toThrow("<|fim_suffix|>");
  });

  test("an explicit refusal wins over a permission, and may name any text", () => {
    const policy = { allowedSpecial: "all", disallowedSpecial: ["<|endoftext|>"] } as const;
    expect(() => cl100k.encode("<|endoftext|>", policy)).toThrow("<|endoftext|>");
    expect(() => cl100k.encode("a secret word", { disallowedSpecial: ["secret"] })).toThrow('"secret"');
  });

  test("a spelling that overlaps another is found after the false start", () => {
    expect([...cl100k.encode("<|endoftext<|endoftext|>", { allowedSpecial: "all" })].at(-1)).toBe(100257);
  });

  test("two spellings of one id encode to it, and the first is decoded", () => {
    const harmony = openAiEncoding("o200k_harmony");
    for (const token of ["<|endofprompt|>", "<|reserved_200018|>"]) {
      expect([...harmony.encode(token, { allowedSpecial: "all" })]).toEqual([200018]);
    }
    expect(harmony.decode([200018])).toBe("<|endofprompt|>");
  });
});

describe("decoding", () => {
  test("a leading U+FEFF and U+0085 survive, a lone surrogate becomes U+FFFD", () => {
    expect(cl100k.decode(cl100k.encode("\ufeff\u0085a"))).toBe("\ufeff\u0085a");
    expect(cl100k.decode(cl100k.encode("\ud800a"))).toBe("\ufffda");
  });

  test("a stream never gives half a character, and streams do not share state", () => {
    const ids = [...cl100k.encode("안녕 👩‍👩‍👧!")];
    const [one, two] = [cl100k.decodeStream(), cl100k.decodeStream()];
    const parts = ids.map((id) => [one.push(id), two.push(id)] as const);
    expect(parts.map(([part]) => part).join("") + one.end()).toBe("안녕 👩‍👩‍👧!");
    expect(parts.some(([part]) => part.includes("\ufffd"))).toBe(false);
    expect(parts.map(([, part]) => part).join("") + two.end()).toBe("안녕 👩‍👩‍👧!");
  });

  test("an id outside the vocabulary, or in a hole of it, is refused", () => {
    expect(() => cl100k.decode([100277])).toThrow("decode: expected an integer id from 0 to 100276");
    expect(() => cl100k.decode([100270])).toThrow(
      "decode: expected an id of cl100k_base, got 100270, which it leaves out",
    );
    expect(() => cl100k.decodeSingleTokenBytes(-1)).toThrow(RangeError);
  });
});

describe("long runs", () => {
  // tiktoken 0.14.0 (PyPI): 125,000 times 45202, and 16325 17161 repeated to 65,000 ids.
  test("a million x and 65,000 Han characters give tiktoken's ids", () => {
    const letters = cl100k.encodeOrdinary("x".repeat(1_000_000));
    expect([letters.length, ...new Set(letters)]).toEqual([125_000, 45202]);
    const han = cl100k.encodeOrdinary("中文".repeat(32_500));
    expect(han).toHaveLength(65_000);
    expect(han.every((id, at) => id === (at % 2 === 0 ? 16325 : 17161))).toBe(true);
  });
});

describe(".tiktoken files", () => {
  test("are written as they were read", () => {
    const file = new TextDecoder().decode(readRanks("p50k_base"));
    expect(formatTiktoken(parseTiktoken(file))).toBe(file);
  });

  test.each([
    ["YQ==", 'expected "base64 rank" in line 1, got "YQ=="'],
    ["YQ== -1", "in line 1"],
    ["YQ== 1.5", "in line 1"],
    ["YQ== 99999999999", "in line 1"],
    ["YQ== 0\n!!!! 1", "in line 2"],
    [" 3", "in line 1"],
    ["YQ== 0\nYg== 0", "expected every rank once, got 0 again in line 2"],
    ["YQ== 16777215", "expected ranks close together, got 1 tokens and the rank 16777215"],
  ])("%j is refused: %s", (file, message) => {
    expect(() => parseTiktoken(file)).toThrow(
      `parseTiktoken: ${message}`.replace(": in line", ': expected "base64 rank" in line'),
    );
  });
});

describe("an encoding of one's own", () => {
  const options = { name: "own", pattern: "r50k_base", ranks: [...bytes, Uint8Array.from([0x61, 0x62])] } as const;

  test("merges what its ranks say", () => {
    expect([...new Encoding(options).encode("aba")]).toEqual([256, 0x61]);
  });

  test.each([
    [{ ...options, ranks: bytes.slice(1) }, "expected all 256 single bytes, got no token for byte 0"],
    [
      { ...options, ranks: [...bytes, Uint8Array.of(7)] },
      "expected every token once, got the same bytes at ids 7 and 256",
    ],
    [{ ...options, ranks: [...bytes, new Uint8Array()] }, "expected tokens of at least one byte, got none at id 256"],
    [
      { ...options, specialTokens: { "<e>": 256 } },
      'expected a free id for "<e>", got 256, which an ordinary token has',
    ],
    [{ ...options, specialTokens: { "<e>": -1 } }, 'expected an id for "<e>", got -1'],
    [
      { ...options, pattern: "mine" as "r50k_base" },
      'expected pattern r50k_base, cl100k_base, o200k_base or splitPattern(regex), got "mine"',
    ],
  ])("is refused when it cannot work: case %#", (broken, message) => {
    expect(() => new Encoding(broken)).toThrow(message);
  });

  test("what is not a string is refused", () => {
    expect(() => cl100k.encode(5 as unknown as string)).toThrow("encode: expected a string, got 5");
    expect(() => cl100k.encodeOrdinary(undefined as unknown as string)).toThrow(TypeError);
  });
});
