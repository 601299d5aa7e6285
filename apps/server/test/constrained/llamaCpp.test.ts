/**
 * The behaviour that llama.cpp's tests of its own schema converter ask for (tests/test-grammar-integration.cpp), by documents that are let
 * through and documents that are not. Where this package differs it says so.
 */

import { expect, test } from "vitest";
import { compileJsonSchema } from "../../src/constrained/index.ts";
import { accepts } from "./accepted.ts";

const street = {
  type: "object",
  properties: {
    number: { type: "number" },
    street_name: { type: "string" },
    street_type: { enum: ["Street", "Avenue", "Boulevard"] },
  },
};

const product = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "https://example.com/product.schema.json",
  title: "Product",
  type: "object",
  properties: {
    productId: { description: "The unique identifier for a product", type: "integer" },
    productName: { type: "string" },
    price: { type: "number", exclusiveMinimum: 0 },
    tags: { type: "array", items: { type: "string" }, minItems: 1 },
    dimensions: {
      type: "object",
      properties: { length: { type: "number" }, width: { type: "number" }, height: { type: "number" } },
      required: ["length", "width", "height"],
    },
  },
  required: ["productId", "productName", "price"],
};
const door = '{"productId": 1, "productName": "A green door", "price": 12.50';

test.each<[name: string, schema: unknown, accepted: string[], refused: string[]]>([
  [
    "formats of the items of a tuple",
    { items: [{ format: "date" }, { format: "uuid" }, { format: "time" }, { format: "date-time" }], minItems: 4 },
    ['["2012-04-23", "12345678-1234-1234-1234-1234567890ab", "18:25:43.511Z", "2012-04-23T18:25:43.511Z"]'],
    ['["foo", "bar"]', '["12345678-1234-1234-1234-1234567890ab"]'],
  ],
  [
    "an enum of several types",
    { enum: ["red", "amber", null, 42, ["foo"]] },
    ['"red"', "null", "42", '["foo"]'],
    ["420", "true", "foo", ""],
  ],
  ["a class and a count", { pattern: "^[a-zA-Z0-9_-]*$" }, ['""', '"He_llo-12"'], ['"!"', '"Hello World"']],
  ["escapes in a pattern", { pattern: String.raw`^a\^\$\.\[\]\(\)\|\{\}\*\+\?b$` }, ['"a^$.[]()|{}*+?b"'], ['"ab"']],
  [
    "an array or nothing",
    { type: ["array", "null"], items: { type: "string" } },
    ["null", "[]", '["foo", "bar"]'],
    ["[123]", '"foo"', '["foo", 42]'],
  ],
  [
    "numbers of items",
    { items: { type: ["number", "integer"] }, minItems: 3, maxItems: 5 },
    ["[1, 2, 3]", "[1, 2, 3, 4, 5]"],
    ["[1, 2]", "[1, 2, 3, 4, 5, 6]", "1"],
  ],
  [
    "properties in their order, and no others though nothing forbids them",
    street,
    [
      "{}",
      '{"street_name": "Pennsylvania"}',
      '{"number": 1600, "street_name": "Pennsylvania", "street_type":"Avenue"}',
    ],
    [
      '{"number": "1600", "street_name": "Pennsylvania", "street_type":"Avenue"}',
      '{"street_name": "Pennsylvania", "number": 1600}',
      '{"number": 1600, "street_name": "Pennsylvania", "street_type":"Avenue", "direction":"NW"}',
    ],
  ],
  [
    "others that are asked for",
    { ...street, additionalProperties: true },
    ["{}", '{"number": 1600, "direction":"NW"}', '{"street_name": "Pennsylvania"}'],
    ['{"street_name": "Pennsylvania", "number": 1600, "street_type":"Avenue"}', '{"direction":"NW", "number": 1600}'],
  ],
  [
    "others that cannot override those listed",
    { properties: { a: { type: "integer" }, b: { type: "integer" } }, additionalProperties: true },
    ['{"a": 42}', '{"c": ""}', '{"a": 42, "c": ""}', '{"a_": ""}'],
    ["", '{"a": ""}', '{"a": "", "b": ""}'],
  ],
  [
    "required and optional ones in the order of the schema, not of its list",
    {
      properties: { b: { type: "string" }, a: { type: "string" }, d: { type: "string" }, c: { type: "string" } },
      required: ["a", "b"],
      additionalProperties: false,
    },
    ['{"b": "foo", "a": "bar"}', '{"b":"foo","a":"bar","d":"qux"}', '{"b":"foo", "a":"bar", "d":"qux", "c":"baz"}'],
    [
      '{"a": "foo", "b": "bar"}',
      '{"b": "bar"}',
      '{"a": "foo", "c": "baz"}',
      '{"b":"foo", "a":"bar", "c":"baz", "d":"qux"}',
    ],
  ],
  [
    "a schema of the guide, whose price has to be above zero (which llama.cpp does not see to)",
    product,
    [
      `${door}}`,
      `${door}, "tags": ["home", "green"]}`,
      `${door}, "tags": ["home"], "dimensions": {"length": 785, "width": 250.5, "height": -0.359}}`,
    ],
    [
      "{}",
      '{"productName": "A green door", "price": 12.50, "productId": 1}',
      '{"productId": 1, "productName": "A green door", "price": -12.50}',
      '{"productId": 1, "productName": "A green door", "price": 0}',
      `${door}, "tags": []}`,
      `${door}, "dimensions": {"length": 785, "width": 250.5, "height": -0.359}, "tags": ["home"]}`,
    ],
  ],
])("%s", (_, schema, accepted, refused) => {
  const grammar = compileJsonSchema(schema);
  for (const text of accepted) expect(accepts(grammar, text), text).toBe(true);
  for (const text of refused) expect(accepts(grammar, text), text).toBe(false);
});

test("uniqueItems is refused, where llama.cpp passes it over", () => {
  const tags = { ...product.properties.tags, uniqueItems: true };
  expect(() => compileJsonSchema({ properties: { tags } })).toThrow("uniqueItems");
});
