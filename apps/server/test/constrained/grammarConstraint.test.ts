import { ByteTokenizer, CharacterTokenizer } from "@llm-learning/tokenizers";
import { expect, test } from "vitest";
import { Effort } from "../../src/constrained/effort.ts";
import {
  compileJsonSchema,
  GrammarConstraint,
  jsonObjectGrammar,
  tokenVocabulary,
} from "../../src/constrained/index.ts";

const bytes = tokenVocabulary(new ByteTokenizer({ specialTokens: ["<|end|>"] }));

/** The tokens of a mask as characters. */
function signs(constraint: GrammarConstraint): string {
  const mask = constraint.allowed();
  const ids = Array.from({ length: mask.length * 32 }, (_, id) => id).filter(
    (id) => (mask[id >>> 5] >>> (id & 31)) & 1,
  );
  return ids.map((id) => (id === 256 ? "END" : String.fromCharCode(id))).join("");
}

test("the end may come when the text is whole, and must when nothing else may", () => {
  const constraint = new GrammarConstraint(compileJsonSchema({ enum: [1, 12] }), bytes, { eosIds: [256] });
  expect(signs(constraint)).toBe("1");
  constraint.accept(0x31);
  expect(signs(constraint)).toBe("2END");
  expect([constraint.canEnd, constraint.isComplete]).toEqual([true, false]);
  constraint.accept(0x32);
  expect(signs(constraint)).toBe("END");
  expect([constraint.canEnd, constraint.isComplete]).toEqual([true, true]);
  constraint.accept(256);
  expect(signs(constraint)).toBe("END");
});

test("a model without an end has nothing more to say when the text is complete", () => {
  const constraint = new GrammarConstraint(compileJsonSchema({ const: 1 }), bytes, { eosIds: [] });
  constraint.accept(0x31);
  expect(constraint.isComplete).toBe(true);
  expect(signs(constraint)).toBe("");
});

test("a token that may not come is refused and changes nothing", () => {
  const constraint = new GrammarConstraint(compileJsonSchema({ const: 12 }), bytes, { eosIds: [256] });
  for (const token of [0x32, 256, -1, 257, 1.5]) {
    expect(() => constraint.accept(token)).toThrow(
      "GrammarConstraint.accept: expected a token that may come next, got",
    );
  }
  expect(signs(constraint)).toBe("1");
});

test("an end that is a sign of JSON ends a text, and is no part of one", () => {
  const constraint = new GrammarConstraint(compileJsonSchema({ enum: ["a,", 1] }), bytes, { eosIds: [0x2c] });
  for (const sign of '"a') constraint.accept(sign.charCodeAt(0));
  expect(signs(constraint)).toBe("");
});

test("masks are as long as the model's vocabulary, which may be larger than the tokenizer's", () => {
  const options = { eosIds: [256], vocabSize: 512 };
  expect(new GrammarConstraint(jsonObjectGrammar(), bytes, options).allowed().length).toBe(16);
  expect(new GrammarConstraint(jsonObjectGrammar(), bytes, { eosIds: [320] }).allowed().length).toBe(11);
});

test("ids of ends that are none are refused", () => {
  expect(() => new GrammarConstraint(jsonObjectGrammar(), bytes, { eosIds: [-1] })).toThrow(
    "expected eosIds that are ids",
  );
});

test("what a vocabulary of few characters cannot write is not begun", () => {
  const few = CharacterTokenizer.fromCharacters('"{}:,ab10\\n', { specialTokens: ["<|end|>"] });
  const schema = {
    anyOf: [{ const: "é" }, { enum: ["ab", "ac", "b\n"] }, { type: "integer", minimum: 2, maximum: 11 }],
  };
  const constraint = new GrammarConstraint(compileJsonSchema(schema), tokenVocabulary(few), { eosIds: [11] });
  const begin = (): string[] => {
    const mask = constraint.allowed();
    return [...few.encode('"{}:,ab10\\n<|end|>')].filter((id) => (mask[0] >>> id) & 1).map((id) => few.idToToken(id));
  };
  expect(begin()).toEqual(['"', "1"]);
  for (const sign of '"a') constraint.accept(few.tokenToId(sign)!);
  expect(begin()).toEqual(["b"]);
});

test("a vocabulary that cannot write JSON is refused with what is missing", () => {
  const letters = tokenVocabulary(CharacterTokenizer.fromText("the quick brown fox, 0123456789"));
  const make = (): GrammarConstraint => new GrammarConstraint(jsonObjectGrammar(), letters, { eosIds: [] });
  expect(make).toThrow(RangeError);
  expect(make).toThrow(
    'expected a vocabulary that can write the texts of the schema, got one without a token for { } [ ] " : - a l s',
  );
});

test("a schema with too many ways to go on at a time is refused when it comes to that", () => {
  const properties = Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`p${i}`, { type: "null" }]));
  const optional = new GrammarConstraint(compileJsonSchema({ properties }), bytes, { eosIds: [256] });
  expect(() => optional.accept(0x7b)).toThrow(
    "expected a schema that takes at most 1024 ways to go on at a time, got more",
  );
  const required = Object.keys(properties);
  const constraint = new GrammarConstraint(compileJsonSchema({ properties, required }), bytes, { eosIds: [256] });
  for (const sign of '{"p') constraint.accept(sign.charCodeAt(0));
  expect(signs(constraint)).toBe("0");
});

/** Arrays of arrays, in so many ways that look alike. */
const ambiguous = (count: number): unknown => ({
  $defs: {
    nested: { anyOf: Array.from({ length: count }, () => ({ type: "array", items: { $ref: "#/$defs/nested" } })) },
  },
  $ref: "#/$defs/nested",
});

test("ways that double at each level are refused before they fill the memory", () => {
  const deepen = (count: number): void => {
    const constraint = new GrammarConstraint(compileJsonSchema(ambiguous(count)), bytes, { eosIds: [256] });
    for (let level = 0; level < 60; level++) {
      constraint.allowed();
      constraint.accept(0x5b);
    }
  };
  deepen(8);
  expect(() => deepen(900)).toThrow(
    /expected a schema that takes at most \d+ steps of work at once and \d+ for each token/,
  );
});

test("a text may take more work at a place than others, but not at each", () => {
  const most = 1 << 23;
  const share = 1 << 20;
  const effort = new Effort(1000);
  effort.spend(most);
  expect(() => effort.spend(1)).toThrow(RangeError);
  const steady = new Effort(1000);
  const write = (tokens: number, steps: number): void => {
    for (let token = 0; token < tokens; token++) {
      steady.spend(steps);
      steady.refill();
    }
  };
  write(100, share);
  expect(() => write(7, 2 * share)).not.toThrow();
  expect(() => write(1, 2 * share)).toThrow(`at most ${most} steps of work at once and ${share} for each token`);
  const large = new Effort(share);
  large.spend(most);
  large.refill();
  expect(() => large.spend(4 * share)).not.toThrow();
});
