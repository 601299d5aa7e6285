// Damaged files: an error that says what was expected, or an encoding that works.
import { Encoding, formatTiktoken, parseTiktoken, parseVocabBpe } from "@llm-learning/tokenizers/tiktoken";
import { describe, expect, test } from "vitest";
import { mutateBytes } from "../hostile/mutate.ts";

const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
const merged = ["he", "ll", "llo", "hello", " hello", " w", "or", "ld", "orld", " world", "안", "\n\n"];
const file = new TextEncoder().encode(
  formatTiktoken([...bytes, ...merged.map((token) => new TextEncoder().encode(token))]),
);
function outcomes(count: number, use: (seed: number) => void): { works: number; errors: Set<string> } {
  const errors = new Set<string>();
  let works = 0;
  for (let seed = 0; seed < count; seed++) {
    try {
      use(seed);
      works++;
    } catch (error) {
      if (!(error instanceof RangeError)) throw new Error(`seed ${seed}`, { cause: error });
      errors.add(error.message.replaceAll(/"(?:[^"\\]|\\.)*"|\d+/g, "x"));
    }
  }
  return { works, errors };
}

describe("damaged .tiktoken files", () => {
  test("10,000 of them each give one clear error or an encoding that works", { timeout: 120_000 }, () => {
    const text = "hello world 안녕\n\n<|e|>";
    const { works, errors } = outcomes(10_000, (seed) => {
      // Damage near the end, half of the time, leaves the 256 bytes alone.
      const from = seed % 2 === 0 ? 0 : Math.floor(file.length * 0.9);
      const damaged = mutateBytes(file.slice(from), seed);
      const ranks = parseTiktoken(new Uint8Array([...file.subarray(0, from), ...damaged]));
      const encoding = new Encoding({
        name: "damaged",
        pattern: "cl100k_base",
        ranks,
        specialTokens: { "<|e|>": 9999 },
      });
      expect(encoding.decode(encoding.encode(text, { allowedSpecial: "all" }))).toBe(text);
      expect(parseTiktoken(formatTiktoken(ranks))).toEqual(ranks);
    });
    for (const message of errors) expect(message).toMatch(/^(parseTiktoken|Encoding): expected /);
    expect(errors.size).toBeGreaterThan(4);
    expect(works).toBeGreaterThan(50);
  });

  test("that claim ranks far apart allocate nothing for the hole", () => {
    expect(() => parseTiktoken(`${new TextDecoder().decode(file)}YWI= 16000000`)).toThrow(
      "parseTiktoken: expected ranks close together",
    );
  });
});

test("2,000 damaged vocab.bpe files give an error or a vocabulary", () => {
  const lines = ["#version: 0.2", "h e", "l l", "ll o", "he llo", "Ġ hello", "Ġ w", "o r", "l d", "or ld", "Ġw orld"];
  const whole = new TextEncoder().encode(`${lines.join("\n")}\n`);
  const { works, errors } = outcomes(2000, (seed) => {
    const ranks = parseVocabBpe(new TextDecoder().decode(mutateBytes(whole, seed)));
    new Encoding({ name: "damaged", pattern: "r50k_base", ranks }).encode("hello world");
  });
  for (const message of errors) expect(message).toMatch(/^(parseVocabBpe|Encoding): expected /);
  expect(works).toBeGreaterThan(50);
});
