import { describe, expect, test } from "vitest";
import { compileJsonSchema, jsonObjectGrammar } from "../../src/constrained/index.ts";
import { accepts, read } from "./accepted.ts";

/** What each schema lets through, and what it does not. */
const examples: readonly (readonly [
  name: string,
  schema: unknown,
  accepted: readonly string[],
  refused: readonly string[],
])[] = [
  ["null", { type: "null" }, ["null"], ["nul", "none", " null", "null "]],
  ["booleans", { type: "boolean" }, ["true", "false"], ["True", "0", '"true"']],
  [
    "integers",
    { type: "integer" },
    ["0", "7", "-7", "1234567890123456"],
    ["-0", "00", "01", "1.0", "1e3", "+1", "12345678901234567"],
  ],
  [
    "numbers",
    { type: "number" },
    ["0", "-0", "1.50", "-12.75e-3", "3E+10", "0.1234567890123456"],
    [".5", "1.", "1e", "01.5", "1e400", "NaN", "0x1", "0.12345678901234567"],
  ],
  [
    "strings, with every escape",
    { type: "string" },
    ['""', '"안녕 😀"', String.raw`"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"`, '"\u007f"'],
    ['"', "'a'", '"\n"', '"\\x"', String.raw`"\ud83d"`, String.raw`"\ude00"`, String.raw`"\ud83d\u0041"`, '"a" "b"'],
  ],
  ["several types", { type: ["integer", "null"] }, ["1", "null"], ["1.5", '"1"']],
  ["const", { const: { a: [1, "é\n"] } }, ['{"a":[1,"é\\n"]}'], ['{"a": [1,"é\\n"]}', "{}"]],
  [
    "enum",
    { enum: ["red", "reddish", 1, null, 1.5] },
    ['"red"', '"reddish"', "1", "null", "1.5"],
    ['"redd"', "2", '"Red"'],
  ],
  ["enum with a type", { enum: ["a", 1, 1.5, null], type: ["integer", "null"] }, ["1", "null"], ['"a"', "1.5"]],
  [
    "properties in order, some optional",
    {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "integer" }, c: { type: "integer" } },
      required: ["b"],
    },
    ['{"b":1}', '{"a":1,"b":2}', '{"a": 1, "b": 2, "c": 3}', '{"b":1,"c":2}'],
    [
      "{}",
      '{"a":1}',
      '{"b":1,"a":2}',
      '{"b":1,}',
      '{,"b":1}',
      '{"b":1,"b":2}',
      '{"b":1,"d":2}',
      '{ "b":1}',
      '{"b" :1}',
      '{"b":  1}',
    ],
  ],
  [
    "optional properties alone",
    { type: "object", properties: { a: { const: 1 }, b: { const: 2 } }, additionalProperties: false },
    ["{}", '{"a":1}', '{"b":2}', '{"a":1,"b":2}'],
    ['{"a":1 }', '{"b":2,"a":1}'],
  ],
  [
    "other properties after those listed, under names of their own",
    {
      type: "object",
      properties: { a: { const: 1 }, ab: { const: 2 } },
      required: ["a"],
      additionalProperties: { type: "boolean" },
    },
    ['{"a":1}', '{"a":1,"ab":2,"abc":true}', '{"a":1,"":true,"b":false}', '{"a":1,"안\\n\\"":true}'],
    ['{"a":1,"ab":true}', '{"a":1,"a":true}', '{"a":1,"b":2}', '{"b":true,"a":1}', String.raw`{"a":1,"\u0061":true}`],
  ],
  [
    "required properties that are not listed",
    { type: "object", properties: { a: { const: 1 } }, required: ["z"] },
    ['{"z":[null]}', '{"a":1,"z":{}}'],
    ['{"a":1}', "{}"],
  ],
  ["maps", { additionalProperties: { type: "integer" } }, ["{}", '{"x":1,"y":2}'], ['{"x":"1"}', "[]"]],
  [
    "names that need escapes",
    { type: "object", properties: { 'a"b\\\n': { const: 1 }, __proto__x: { const: 2 } }, required: ['a"b\\\n'] },
    [JSON.stringify({ 'a"b\\\n': 1 }), JSON.stringify({ 'a"b\\\n': 1, __proto__x: 2 })],
    ['{"a\\"b":1}'],
  ],
  [
    "arrays by the number of items",
    { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 3 },
    ["[1]", "[1,2]", "[1, 2,3]"],
    ["[]", "[1,2,3,4]", "[1,]", "[1  ,2]", '["1"]'],
  ],
  [
    "arrays of any length",
    { type: "array", items: { type: "null" } },
    ["[]", `[${"null,".repeat(99)}null]`],
    ["[,null]"],
  ],
  ["arrays from a number of items on", { items: { const: 0 }, minItems: 2 }, ["[0,0]", "[0,0,0,0]"], ["[]", "[0]"]],
  ["empty arrays", { type: "array", maxItems: 0 }, ["[]"], ["[1]"]],
  [
    "first items, then others",
    { type: "array", prefixItems: [{ type: "integer" }, { type: "string" }], items: { type: "null" } },
    ["[]", "[1]", '[1,"a"]', '[1,"a",null,null]'],
    ['["a"]', "[1,null]", '[1,"a",1]'],
  ],
  [
    "first items and no others",
    { type: "array", prefixItems: [{ const: 1 }, { const: 2 }], items: false, minItems: 2 },
    ["[1,2]"],
    ["[1]", "[1,2,3]"],
  ],
  [
    "first items as they were written before 2020",
    { items: [{ const: 1 }], additionalItems: { const: 2 } },
    ["[1,2,2]"],
    ["[2]"],
  ],
  [
    "lengths in characters",
    { type: "string", minLength: 2, maxLength: 3 },
    ['"ab"', '"안😀é"', String.raw`"\ud83d\ude00\n"`],
    ['"a"', '"abcd"', String.raw`"\ud83d\ude00"`, '"안녕하세"'],
  ],
  ["only the empty string", { type: "string", maxLength: 0 }, ['""'], ['"a"']],
  ["a pattern anywhere", { type: "string", pattern: "b+" }, ['"b"', '"abba"'], ['"a"', '""']],
  ["a pattern with anchors", { type: "string", pattern: "^[a-c]{2}$" }, ['"ab"'], ['"abc"', '"a"', '"xab"']],
  ["an anchor in one alternative", { type: "string", pattern: "^a|b$" }, ['"ax"', '"xb"'], ['"xa"', '"bx"']],
  [
    "a pattern and a length",
    { type: "string", pattern: "^(ab)+$", minLength: 3, maxLength: 5 },
    ['"abab"'],
    ['"ab"', '"ababab"'],
  ],
  [
    "characters that JSON escapes",
    { type: "string", pattern: '^["\\\\\\n]$' },
    ['"\\""', '"\\\\"', '"\\n"'],
    ['"n"', '"\\u000a"'],
  ],
  [
    "two patterns",
    { allOf: [{ pattern: "^a" }, { pattern: "z$", maxLength: 3 }] },
    ['"az"', '"abz"'],
    ['"a"', '"abcz"'],
  ],
  [
    "integers within bounds",
    { type: "integer", minimum: -12, maximum: 103 },
    ["-12", "-1", "0", "9", "103"],
    ["-13", "104", "1000", "-0"],
  ],
  ["integers above", { type: "integer", exclusiveMinimum: 9 }, ["10", "99999"], ["9", "0", "-10"]],
  ["integers below", { type: "integer", exclusiveMaximum: -5 }, ["-6", "-50"], ["-5", "0", "5"]],
  ["integers between fractions", { type: "integer", minimum: 1.5, maximum: 3.5 }, ["2", "3"], ["1", "4"]],
  [
    "numbers within bounds",
    { type: "number", minimum: -0.5, exclusiveMaximum: 1.25 },
    ["0", "-0.5", "-0.49", "1.2499", "1", "1.0", "-0.50"],
    ["1.25", "1.250", "-0.51", "2", "-1", "1e-1", "-0"],
  ],
  [
    "numbers of one digit after the point",
    { type: "number", minimum: 0.1, maximum: 0.1 },
    ["0.1", "0.10"],
    ["0.11", "0", "0.100001"],
  ],
  [
    "alternatives",
    { anyOf: [{ type: "integer" }, { type: "array", items: { type: "null" } }] },
    ["1", "[null]"],
    ["null", "[1]"],
  ],
  ["oneOf as anyOf", { oneOf: [{ const: "a" }, { const: "b" }] }, ['"a"', '"b"'], ['"c"']],
  [
    "alternatives that begin alike",
    {
      anyOf: [
        { type: "object", properties: { k: { const: "x" }, v: { type: "integer" } }, required: ["k", "v"] },
        { type: "object", properties: { k: { const: "xy" }, v: { type: "string" } }, required: ["k", "v"] },
      ],
    },
    ['{"k":"x","v":1}', '{"k":"xy","v":"s"}'],
    ['{"k":"x","v":"s"}', '{"k":"xy","v":1}'],
  ],
  [
    "keywords beside alternatives",
    {
      type: "object",
      properties: { a: { const: 1 }, b: { const: 2 } },
      anyOf: [{ required: ["a"] }, { required: ["b"] }],
    },
    ['{"a":1}', '{"b":2}', '{"a":1,"b":2}'],
    ["{}"],
  ],
  [
    "allOf",
    {
      allOf: [
        { $ref: "#/$defs/named" },
        { properties: { name: { maxLength: 2 }, age: { type: "integer" } }, required: ["age"] },
      ],
      $defs: { named: { type: "object", properties: { name: { type: "string" } }, required: ["name"] } },
    },
    ['{"name":"ab","age":1}'],
    ['{"name":"abc","age":1}', '{"name":"ab"}'],
  ],
  [
    "recursion",
    {
      $ref: "#/$defs/node",
      $defs: {
        node: {
          type: "object",
          properties: { next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
          required: ["next"],
        },
      },
    },
    ['{"next":null}', '{"next":{"next":{"next":null}}}'],
    ['{"next":1}', '{"next":{"next":null}'],
  ],
  [
    "recursion to the root, and a name with a slash",
    {
      type: "object",
      properties: { "a/b": { type: "array", items: { $ref: "#" } }, c: { $ref: "#/properties/a~1b" } },
    },
    ["{}", '{"a/b":[{},{"c":[{}]}]}'],
    ['{"a/b":[1]}'],
  ],
  ["anything", {}, ["1", '"a"', "[]", "{}", '[1,{"a":[true,null,"b"]}]', "true"], ["tru", "[1", "{1:2}"]],
  ["anything, as true", true, ["null", "-1.5"], ["nil"]],
  [
    "annotations",
    { title: "t", description: "d", default: 1, examples: [2], $comment: "c", deprecated: true, type: "null" },
    ["null"],
    ["1"],
  ],
];

describe("a schema lets through", () => {
  test.each(examples)("%s", (_, schema, accepted, refused) => {
    const grammar = compileJsonSchema(schema);
    for (const text of accepted) expect(accepts(grammar, text), text).toBe(true);
    for (const text of refused) expect(accepts(grammar, text), text).toBe(false);
  });

  test.each<[string, string[], string[]]>([
    ["date", ["2024-02-29", "2000-02-29", "1999-12-31"], ["2023-02-29", "1900-02-29", "2024-13-01", "2024-04-31"]],
    ["time", ["23:59:59Z", "00:00:00.123+09:00"], ["24:00:00Z", "12:00Z", "12:00:60Z"]],
    ["date-time", ["2024-01-31T01:02:03-05:30"], ["2024-01-31 01:02:03Z", "2024-01-32T01:02:03Z"]],
    ["duration", ["P1Y2M3DT4H5M6S", "PT0S", "P2W"], ["P", "P1YT", "1D"]],
    ["uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]],
    ["email", ["a.b+c@example.com"], ["a@b", "@example.com", "a@-b.com", ".a@b.com"]],
    ["hostname", ["a", "ex-ample.com"], ["-a", "a..b", "a_b"]],
    ["ipv4", ["0.0.0.0", "255.249.199.9"], ["256.1.1.1", "1.1.1", "01.1.1.1"]],
    ["ipv6", ["::", "::1", "fe80::1:2", "1:2:3:4:5:6:7:8"], ["1:2:3", ":::", "12345::"]],
  ])("texts of the format %s", (format, accepted, refused) => {
    const grammar = compileJsonSchema({ type: "string", format });
    for (const text of accepted) expect(accepts(grammar, JSON.stringify(text)), text).toBe(true);
    for (const text of refused) expect(accepts(grammar, JSON.stringify(text)), text).toBe(false);
  });

  test("any object for json_object, and nothing but an object", () => {
    const grammar = jsonObjectGrammar();
    for (const text of ["{}", '{"a": [1, {"b": null}], "c": "d"}']) expect(accepts(grammar, text)).toBe(true);
    for (const text of ["[]", "1", '"{}"', "{}{}", "null"]) expect(accepts(grammar, text)).toBe(false);
  });

  test("a property that every object inherits", () => {
    const text =
      '{"type":"object","properties":{"__proto__":{"const":1}},"required":["__proto__"],"additionalProperties":{}}';
    const grammar = compileJsonSchema(JSON.parse(text));
    expect(accepts(grammar, '{"__proto__":1,"constructor":2}')).toBe(true);
    expect(accepts(grammar, '{"__proto__":2}')).toBe(false);
  });

  test("no bytes that are no UTF-8", () => {
    const grammar = compileJsonSchema({ type: "string" });
    const invalid = [
      [0x80],
      [0xc0, 0x80],
      [0xe0, 0x80, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xff],
      [0xc3, 0x22],
    ];
    for (const inside of invalid)
      expect(accepts(grammar, Uint8Array.of(0x22, ...inside, 0x22)), String(inside)).toBe(false);
  });

  test("a number that may go on may end, one value that is whole must", () => {
    expect(read(compileJsonSchema({ type: "integer" }), "12")).toEqual({ length: 2, canEnd: true, isComplete: false });
    expect(read(compileJsonSchema({ type: "integer", maximum: 12, minimum: 0 }), "12").isComplete).toBe(true);
    expect(read(compileJsonSchema({ type: "null" }), "null")).toEqual({ length: 4, canEnd: true, isComplete: true });
  });

  test("values that are defined by themselves up to a depth, before which whatever needs more is not begun", () => {
    const list = { type: "object", properties: { n: { const: 1 }, next: { $ref: "#" } }, required: ["n"] };
    const grammar = compileJsonSchema(list, { maxDepth: 2 });
    const nested = (depth: number): string => (depth === 0 ? '{"n":1}' : `{"n":1,"next":${nested(depth - 1)}}`);
    expect(accepts(grammar, nested(2))).toBe(true);
    expect(accepts(grammar, nested(3))).toBe(false);
    expect(read(grammar, nested(3)).length).toBe('{"n":1,"next":{"n":1,"next":{"n":1'.length);
  });

  test("alternatives that nest in each other, however deep", () => {
    const variant = (last: string): object => ({
      type: "object",
      properties: { a: { $ref: "#/$defs/node" }, [last]: { const: 1 } },
      required: ["a", last],
    });
    const schema = {
      $ref: "#/$defs/node",
      $defs: { node: { anyOf: [variant("x"), variant("y"), variant("z"), { type: "null" }] } },
    };
    const grammar = compileJsonSchema(schema);
    const ends = Array.from({ length: 60 }, (_, i) => `,"${"xyz"[i % 3]}":1}`);
    expect(accepts(grammar, '{"a":'.repeat(60) + "null" + ends.join(""))).toBe(true);
    expect(accepts(grammar, '{"a":'.repeat(60) + "null" + ends.join("").replace("x", "w"))).toBe(false);
  });
});
