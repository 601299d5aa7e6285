import { describe, expect, test } from "vitest";
import { compileJsonSchema } from "../../src/constrained/index.ts";

function deep(depth: number): unknown {
  return depth === 0 ? {} : { type: "array", items: deep(depth - 1) };
}

describe("compileJsonSchema refuses", () => {
  test.each<[string, unknown, string]>([
    ["what is no schema", 7, "expected a schema, which is an object, true or false, got 7 at #"],
    ["an array as a schema", { properties: { a: [] } }, "got an array at #/properties/a"],
    ["an unknown keyword", { type: "string", minLen: 3 }, 'got "minLen", which is unknown at #/minLen'],
    [
      "a keyword that cannot be kept",
      { properties: { "a/b": { multipleOf: 2 } } },
      'got "multipleOf", which is not supported',
    ],
    ["it with its place", { properties: { "a/b": { multipleOf: 2 } } }, "at #/properties/a~1b/multipleOf"],
    ["unique items", { uniqueItems: true }, "uniqueItems"],
    ["not", { anyOf: [{ type: "null" }, { not: {} }] }, "at #/anyOf/1/not"],
    [
      "an unknown type",
      { type: "text" },
      'expected one or more of object, array, string, integer, number, boolean, null, got "text"',
    ],
    [
      "an unknown format",
      { type: "string", format: "color" },
      'date-time, duration, uuid, email, hostname, ipv4, ipv6, got "color"',
    ],
    ["a length that is no count", { minLength: -1 }, "expected a whole number from 0, got -1 at #/minLength"],
    ["a huge count of items", { minItems: 1e9 }, "expected at most 4096, got 1000000000 at #/minItems"],
    ["a bound that is no number", { minimum: "1" }, 'expected a number, got "1" at #/minimum'],
    ["a draft 4 bound", { exclusiveMinimum: true }, "expected a number, got true"],
    ["anyOf that is no list", { anyOf: {} }, "expected an array of schemas, got an object at #/anyOf"],
    ["anyOf of nothing", { anyOf: [] }, "expected an array of schemas, got none"],
    [
      "properties that are no object",
      { properties: [] },
      "expected an object of schemas, got an array at #/properties",
    ],
    ["names that are none", { required: [1] }, "expected a name, got 1 at #/required/0"],
    [
      "a name that is nowhere",
      { properties: { a: {} }, required: ["b"], additionalProperties: false },
      'got "b" at #/required/0',
    ],
    [
      "a reference to nothing",
      { $ref: "#/$defs/a" },
      'expected a reference to a schema that is there, got "#/$defs/a" at #/$ref',
    ],
    ["a reference to what objects inherit", { $ref: "#/constructor" }, "a schema that is there"],
    ["a reference to elsewhere", { $ref: "https://example.com/a.json" }, "expected a reference within the schema"],
    [
      "a reference in a circle",
      { $ref: "#" },
      "expected a schema that allows some document nested at most 64 deep, got one that allows none",
    ],
    ["a merged reference in a circle", { allOf: [{ $ref: "#" }, { type: "object" }] }, "lead back to itself"],
    ["endless documents", { type: "object", properties: { a: { $ref: "#" } }, required: ["a"] }, "allows none"],
    ["a schema of nothing", false, "allows none"],
    ["bounds that exclude each other", { type: "integer", minimum: 3, maximum: 2 }, "allows none"],
    ["an integer between integers", { type: "integer", exclusiveMinimum: 1, exclusiveMaximum: 2 }, "allows none"],
    ["lengths that exclude each other", { minLength: 3, maxLength: 2 }, "allows none"],
    ["a pattern that no text of the length has", { pattern: "^(ab)*$", minLength: 3, maxLength: 3 }, "allows none"],
    ["types that exclude each other", { allOf: [{ type: "string" }, { type: "null" }] }, "allows none"],
    ["an enum of nothing", { enum: [] }, "allows none"],
    ["limits beside an enum", { enum: ["a", "bb"], minLength: 2 }, "no other limits beside it but type"],
    ["schemas in schemas without end", deep(200), "expected schemas nested at most 100 deep"],
  ])("%s", (_, schema, message) => {
    expect(() => compileJsonSchema(schema)).toThrow(RangeError);
    expect(() => compileJsonSchema(schema)).toThrow(message);
  });

  test.each<[string, string]>([
    ["(?=a)", "no lookahead or lookbehind"],
    ["(?<!a)b", "no lookahead or lookbehind"],
    [String.raw`(a)\1`, String.raw`no back reference (\1)`],
    [String.raw`\bword`, String.raw`no word boundary (\b)`],
    [String.raw`\p{L}`, String.raw`no Unicode property (\p)`],
    ["(a", "a closing bracket for each opening one"],
    ["a)", "no closing bracket without an opening one"],
    ["[a", "a closing ] for each opening ["],
    ["*a", "something before *"],
    ["a{2,1}", "counts in order"],
    ["a{x}", "a count such as {2,5}"],
    ["a{99999}", "counts of at most 1000"],
    ["[z-a]", "a range in order"],
    [String.raw`[\d-z]`, "characters at both ends of a range"],
    [String.raw`\q`, String.raw`a known escape, not \q`],
    [String.raw`\ud800`, "a character, not a surrogate"],
    ["(".repeat(200), "groups of at most 100 levels"],
  ])("the pattern %s", (pattern, message) => {
    expect(() => compileJsonSchema({ properties: { a: { type: "string", pattern } } })).toThrow(message);
    expect(() => compileJsonSchema({ properties: { a: { type: "string", pattern } } })).toThrow(
      "at #/properties/a/pattern",
    );
  });

  test.each<[string, unknown]>([
    ["a pattern of exponential size", { pattern: "^(a|b)*a(a|b){30}$" }],
    ["counts of counts", { pattern: "((((a{1000}){1000}){1000}){1000}){1000}" }],
    [
      "products of alternatives",
      { allOf: Array.from({ length: 40 }, (_, i) => ({ anyOf: [{ minLength: i }, { maxLength: 100 - i }] })) },
    ],
    ["a pattern of many lengths", { pattern: "^(aa|bbb)*$", maxLength: 1_000_000, minLength: 900_000 }],
    ["arrays of arrays with thousands of places", nestedCounts(6)],
    ["a large enum", { enum: Array.from({ length: 20_000 }, (_, i) => `a long value of an enum, number ${i}`) }],
  ])("%s, before it has taken its time", (_, schema) => {
    expect(() => compileJsonSchema(schema, { maxStates: 10_000 })).toThrow("expected a schema of at most 10000 states");
  });
});

function nestedCounts(depth: number): unknown {
  const listed = {
    prefixItems: Array.from({ length: 9 }, () => (depth === 0 ? { type: "null" } : nestedCounts(depth - 1))),
  };
  return { type: "array", ...listed };
}
