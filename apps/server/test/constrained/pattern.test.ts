import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileJsonSchema } from "../../src/constrained/index.ts";
import { accepts } from "./accepted.ts";

const alphabet = ["a", "b", "c", "A", "-", "1", " ", "\n", '"', "\\", "é", "\u2028", "안", "😀"];
const texts = fc.array(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 6 }), { minLength: 8, maxLength: 8 });

/** Texts in which JavaScript finds a pattern and the grammar does not, or the other way round. */
function differences(pattern: string, samples: readonly string[]): string[] {
  const expression = new RegExp(pattern, "u");
  const grammar = compileJsonSchema({ anyOf: [{ type: "string", pattern }, { type: "null" }] });
  return samples.filter((text) => accepts(grammar, JSON.stringify(text)) !== expression.test(text));
}

describe("a pattern is found where JavaScript finds it", () => {
  test.each([
    "", "a", "^$", "^a", "a$", "^a$|b", "(^a|b)c", "a(b$|c)", "^(?:a|b)*c?$", "[^a]", "^[^ab]+$", ".", "^.$", "a.b", "^[a-c]{2,3}$", "a{0}b",
    "^(ab){2,}", "\\d\\w\\s", "^\\D\\W\\S$", "[\\d\\s]", "[\\]\\\\-]", "^[\\u00e9-\\u{1F600}]$", "\\x61", "\\u0061", "\\n", "[\\b]", "\\cJ",
    "^(?<name>a)+?b*?$", "\\ud83d\\ude00", "^[^]$", "[]", "a|", "()", "^^a$$", "a^b", "a$b", "(^)a", "(a$)", "(^)*a", "a*$^", "$^", "(?:^|-)a(?:-|$)", "\\.\\*\\/",
  ])("%s", (pattern) => {
    fc.assert(
      fc.property(texts, (samples) => {
        expect(differences(pattern, ["", ...alphabet, ...samples])).toEqual([]);
      }),
      { numRuns: 3 },
    );
  }); // prettier-ignore

  test("random ones", () => {
    const atom = fc.constantFrom(
      "a",
      "b",
      "[ab]",
      "[^a]",
      ".",
      "\\d",
      "\\s",
      "é",
      "😀",
      "\\\\",
      '"',
      "^",
      "$",
      "[a-c1]",
    );
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        atom,
        fc.array(tie("pattern"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")),
        fc.tuple(tie("pattern"), tie("pattern")).map((parts) => `(?:${parts.join("|")})`),
        fc
          .tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{2,}"))
          .map(([one, count]) => `(${one})${count}`),
      ),
    }));
    fc.assert(
      fc.property(pattern, texts, (source, samples) => {
        expect(differences(source, ["", ...samples])).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("numbers within bounds are those that are", () => {
  const hundredths = fc.integer({ min: -2500, max: 2500 }).map((value) => value / 100);
  const bound = fc.option(fc.record({ value: hundredths, isExclusive: fc.boolean() }), { nil: undefined });
  const decimal = fc
    .tuple(fc.constantFrom("", "-"), fc.nat(30), fc.constantFrom("", ".0", ".5", ".25", ".250", ".001", ".99"))
    .map((parts) => parts.join(""));

  test.each(["number", "integer"])("%s", (type) => {
    fc.assert(
      fc.property(bound, bound, fc.array(decimal, { minLength: 10, maxLength: 10 }), (low, high, samples) => {
        const bounds = {
          ...(low && { [low.isExclusive ? "exclusiveMinimum" : "minimum"]: low.value }),
          ...(high && { [high.isExclusive ? "exclusiveMaximum" : "maximum"]: high.value }),
        };
        const grammar = compileJsonSchema({ anyOf: [{ type, ...bounds }, { type: "null" }] });
        for (const text of samples) {
          const value = Number(text);
          const isAbove = low === undefined || (low.isExclusive ? value > low.value : value >= low.value);
          const isBelow = high === undefined || (high.isExclusive ? value < high.value : value <= high.value);
          const isZero = value === 0 && text.startsWith("-");
          // Minus zero is written by numbers without bounds only.
          const isWritten =
            type === "integer" ? /^-?\d+$/.test(text) && !isZero : !isZero || (low ?? high) === undefined;
          expect(accepts(grammar, text), `${text} of ${JSON.stringify(bounds)}`).toBe(isAbove && isBelow && isWritten);
        }
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    [{ minimum: 1e15 }, "1000000000000000", true],
    [{ minimum: 9007199254740991, maximum: 9007199254740991 }, "9007199254740991", true],
    [{ maximum: 1e300, minimum: -1e300 }, "-9999999999999999", true],
    [{ exclusiveMinimum: 1e-7 }, "0", false],
    [{ exclusiveMaximum: -0.5 }, "-1", true],
  ])("bounds of any size: %o and %s", (bounds, text, expected) => {
    expect(accepts(compileJsonSchema({ type: "integer", ...bounds }), text)).toBe(expected);
  });

  test("a small bound, which JavaScript writes with an exponent", () => {
    const grammar = compileJsonSchema({ type: "number", minimum: 1e-7, maximum: 2.5e-7 });
    for (const text of ["0.0000001", "0.00000025", "0.00000015"]) expect(accepts(grammar, text), text).toBe(true);
    for (const text of ["0", "0.00000009", "0.00000026", "1"]) expect(accepts(grammar, text), text).toBe(false);
  });
});
