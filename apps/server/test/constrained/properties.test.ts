import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compileJsonSchema,
  type Grammar,
  GrammarConstraint,
  jsonObjectGrammar,
  tokenVocabulary,
} from "../../src/constrained/index.ts";
import { type Configuration, GrammarMachine } from "../../src/constrained/grammarMachine.ts";
import { accepts, read } from "./accepted.ts";
import { schemaCases } from "./randomSchemas.ts";
import { type Vocabulary, vocabularies } from "./tokenizers.ts";

const schemas = schemaCases.map(({ schema }) => schema);
const ajv = new Ajv.default({ strict: false });
addFormats.default(ajv);

/** Ids of the bits of a mask. */
function idsOf(mask: Uint32Array): number[] {
  const ids: number[] = [];
  mask.forEach((word, at) => {
    for (let bit = 0; bit < 32; bit++) if ((word >>> bit) & 1) ids.push(at * 32 + bit);
  });
  return ids;
}

/** Draws from 0 up to `count`. */
type Draw = (count: number) => number;

function drawOf(seed: number): Draw {
  let state = seed | 1;
  return (count) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % count;
  };
}

/** Writes as a model without any idea would, that becomes tired after some tokens: it then takes what ends soonest. */
function written(grammar: Grammar, { tokenizer, eosId }: Vocabulary, draw: Draw, patience: number): string {
  const vocabulary = tokenVocabulary(tokenizer);
  const constraint = new GrammarConstraint(grammar, vocabulary, { eosIds: [eosId] });
  const ids: number[] = [];
  for (let count = 0; count < 5000; count++) {
    const allowed = idsOf(constraint.allowed());
    if (allowed.length === 0 || allowed.includes(eosId) !== constraint.canEnd) {
      throw new Error(`expected a way on and the end where there is one, got another after ${tokenizer.decode(ids)}`);
    }
    const id = count < patience ? allowed[draw(allowed.length)] : tired(allowed, vocabulary, eosId, draw);
    constraint.accept(id);
    if (id === eosId) {
      expect(constraint.isComplete).toBe(true);
      expect(idsOf(constraint.allowed())).toEqual([eosId]);
      return tokenizer.decode(ids);
    }
    ids.push(id);
  }
  throw new Error(`expected an end, got ${tokenizer.decode(ids).slice(0, 200)}...`);
}

/** An end, or the next best thing: what closes something, and what the patterns of the schemas ask for. */
function tired(
  allowed: readonly number[],
  vocabulary: ReturnType<typeof tokenVocabulary>,
  eosId: number,
  draw: Draw,
): number {
  if (allowed.includes(eosId)) return eosId;
  const signs = allowed.filter((id) => /^["}\]0x]$/.test(String.fromCharCode(...vocabulary.bytesOf(id))));
  const quote = signs.find((id) => vocabulary.bytesOf(id)[0] === 0x22);
  if (quote !== undefined) return quote;
  return signs.length > 0 && draw(4) > 0 ? signs[draw(signs.length)] : allowed[draw(allowed.length)];
}

describe("random schemas", () => {
  test("let through the documents that are made for them", () => {
    const withDocument = schemaCases.chain(({ schema, document }) => document.map((value) => ({ schema, value })));
    fc.assert(
      fc.property(withDocument, ({ schema, value }) => {
        const grammar = compileJsonSchema(schema);
        for (const text of [JSON.stringify(value), spaced(value)]) expect(accepts(grammar, text), text).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  test("let nothing through that a validator refuses, whatever is changed in a document", () => {
    const changed = schemaCases.chain(({ schema, document }) =>
      fc.record({
        schema: fc.constant(schema),
        value: document,
        place: fc.nat(),
        other: fc.constantFrom(...'0-9"{}[],:.eat\\ n1é'),
        kind: fc.nat(2),
      }),
    );
    fc.assert(
      fc.property(changed, ({ schema, value, place, other, kind }) => {
        const text = JSON.stringify(value);
        const at = place % (text.length + 1);
        const mutant = text.slice(0, at) + (kind === 1 ? "" : other) + text.slice(kind === 0 ? at : at + 1);
        if (!accepts(compileJsonSchema(schema), mutant)) return;
        expect(ajv.validate(schema as object, JSON.parse(mutant)), mutant).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test.each(vocabularies)("make any model write valid documents: $name", (vocabulary) => {
    fc.assert(
      fc.property(schemas, fc.integer({ min: 1 }), (schema, seed) => {
        fc.pre(vocabulary.name !== "characters" || isAscii(schema));
        const text = written(compileJsonSchema(schema), vocabulary, drawOf(seed), 40);
        expect(ajv.validate(schema as object, JSON.parse(text)), text).toBe(true);
      }),
      { numRuns: vocabulary.name === "GPT-2" ? 12 : 30, endOnFailure: true },
    );
  });

  test.each(vocabularies)("json_object makes any model write an object: $name", (vocabulary) => {
    for (let seed = 1; seed < 6; seed++) {
      const value: unknown = JSON.parse(written(jsonObjectGrammar(), vocabulary, drawOf(seed * 7919), 60));
      expect(Object.prototype.toString.call(value)).toBe("[object Object]");
    }
  });
});

describe("masks", () => {
  const schema = {
    type: "object",
    properties: {
      name: { type: "string", maxLength: 4 },
      kind: { enum: ["a", "ab", "true", null] },
      n: { type: "number", minimum: -1, maximum: 12.5 },
      list: { type: "array", items: { anyOf: [{ $ref: "#" }, { type: "string", pattern: '^a+"?$' }] }, maxItems: 3 },
      free: {},
    },
    required: ["name"],
  };

  test.each(vocabularies)("are those of every token tried alone: $name", (vocabulary) => {
    const { tokenizer, eosId } = vocabulary;
    const tokens = tokenVocabulary(tokenizer);
    const grammar = compileJsonSchema(schema, { maxDepth: 4 });
    const draw = drawOf(12345);
    const machine = new GrammarMachine(grammar, grammar.depthsNeeded(), { spend: () => undefined });
    const rounds = vocabulary.name === "GPT-2" ? 6 : 40;
    let constraint = new GrammarConstraint(grammar, tokens, { eosIds: [eosId] });
    let place = machine.begin();
    for (let round = 0; round < rounds; round++) {
      const allowed = idsOf(constraint.allowed());
      const alone: number[] = place.isComplete ? [eosId] : [];
      for (let id = 0; id < tokens.size; id++) {
        const { heads, isComplete } = after(machine, place, tokens.bytesOf(id));
        if (id !== eosId && tokens.bytesOf(id).length > 0 && (heads.length > 0 || isComplete)) alone.push(id);
      }
      expect(allowed).toEqual(alone.toSorted((a, b) => a - b));
      const next = allowed[draw(allowed.length)];
      if (next === eosId) {
        constraint = new GrammarConstraint(grammar, tokens, { eosIds: [eosId] });
        place = machine.begin();
      } else {
        constraint.accept(next);
        place = after(machine, place, tokens.bytesOf(next));
      }
    }
  });
});

/** Takes one byte after another, without the tree of tokens and whatever is remembered. */
function after(machine: GrammarMachine, place: Configuration, bytes: Uint8Array): Configuration {
  return bytes.reduce((at, byte) => machine.step(at, byte), place);
}

function isAscii(schema: unknown): boolean {
  return /^[\x20-\x7e]*$/.test(JSON.stringify(schema)) && !JSON.stringify(schema).includes("\\\\u");
}

/** As Python's `json.dumps` writes, but for characters, which it escapes. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${spaced(member)}`);
  return `{${members.join(", ")}}`;
}

test("a text is let through as far as it is right", () => {
  const grammar = compileJsonSchema({ type: "object", properties: { a: { type: "integer" } }, required: ["a"] });
  expect(read(grammar, '{"a":x}').length).toBe(5);
});
