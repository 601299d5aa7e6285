/**
 * Random schemas, each with documents that are valid under it by the way they are made, written as a grammar writes them.
 */

import fc from "fast-check";

/** A schema, and a way to make documents of it. */
export interface SchemaCase {
  readonly schema: unknown;
  readonly document: fc.Arbitrary<unknown>;
}

const name = fc.constantFrom("a", "b", "ab", "name", 'q"', "é", "안녕", "", "a b");
const text = fc.string({ unit: "grapheme", maxLength: 6 });

const strings: fc.Arbitrary<SchemaCase> = fc.tuple(fc.nat(3), fc.nat(4)).map(([minLength, more]) => ({
  schema: { type: "string", minLength, maxLength: minLength + more },
  document: fc.string({
    unit: fc.constantFrom("a", "\n", '"', "é", "안", "😀"),
    minLength,
    maxLength: minLength + more,
  }),
}));

const patterns: fc.Arbitrary<SchemaCase> = fc.constantFrom(
  { schema: { type: "string", pattern: "^[a-f]{2,3}-\\d+$" }, document: fc.stringMatching(/^[a-f]{2,3}-[0-9]{1,5}$/) },
  { schema: { type: "string", pattern: "x" }, document: text.map((before) => `${before}x`) },
  {
    schema: { type: "string", format: "date" },
    document: fc
      .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
  },
  { schema: { type: "string", format: "uuid" }, document: fc.uuid() },
  { schema: { type: "string", format: "ipv4" }, document: fc.ipV4() },
);

const integers: fc.Arbitrary<SchemaCase> = fc
  .tuple(fc.integer({ min: -2000, max: 2000 }), fc.nat(3000))
  .map(([minimum, more]) => ({
    schema: { type: "integer", minimum, maximum: minimum + more },
    document: fc.integer({ min: minimum, max: minimum + more }),
  }));

const hundredths: fc.Arbitrary<SchemaCase> = fc
  .tuple(fc.integer({ min: -500, max: 500 }), fc.nat(900))
  .map(([low, more]) => ({
    schema: { type: "number", minimum: low / 100, maximum: (low + more) / 100 },
    document: fc.integer({ min: low, max: low + more }).map((value) => (value === 0 ? 0 : value / 100)),
  }));

const enums: fc.Arbitrary<SchemaCase> = fc
  .uniqueArray(fc.oneof(text, fc.integer(), fc.constantFrom(null, true)), { minLength: 1, maxLength: 5 })
  .map((values) => ({ schema: { enum: values }, document: fc.constantFrom(...values) }));

const scalars = fc.oneof(
  strings,
  patterns,
  integers,
  hundredths,
  enums,
  fc.constant<SchemaCase>({ schema: { type: "boolean" }, document: fc.boolean() }),
  fc.constant<SchemaCase>({
    schema: { type: ["null", "integer"] },
    document: fc.oneof(fc.constant(null), fc.integer()),
  }),
  fc.constant<SchemaCase>({ schema: { type: "string" }, document: text }),
);

/** Any schema of the subset, a few levels deep. */
export const schemaCases: fc.Arbitrary<SchemaCase> = fc.letrec<{ any: SchemaCase }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    scalars,
    objects(tie("any")),
    arrays(tie("any")),
    tuples(tie("any")),
    fc.array(tie("any"), { minLength: 1, maxLength: 3 }).map((cases) => ({
      schema: { anyOf: cases.map(({ schema }) => schema) },
      document: fc.oneof(...cases.map(({ document }) => document)),
    })),
  ),
})).any;

function objects(any: fc.Arbitrary<SchemaCase>): fc.Arbitrary<SchemaCase> {
  const member = fc.record({ name, isRequired: fc.boolean(), one: any });
  return fc
    .tuple(fc.uniqueArray(member, { maxLength: 4, selector: (entry) => entry.name }), fc.boolean())
    .map(([members, isClosed]) => ({
      schema: {
        type: "object",
        properties: Object.fromEntries(members.map((entry) => [entry.name, entry.one.schema])),
        required: members.filter(({ isRequired }) => isRequired).map((entry) => entry.name),
        ...(isClosed && { additionalProperties: false }),
      },
      document: fc
        .tuple(
          ...members.map(({ isRequired, one }) =>
            isRequired ? one.document.map((value) => [value]) : fc.array(one.document, { maxLength: 1 }),
          ),
        )
        .map((values) =>
          Object.fromEntries(values.flatMap((list, i) => (list as unknown[]).map((value) => [members[i].name, value]))),
        ),
    }));
}

function arrays(any: fc.Arbitrary<SchemaCase>): fc.Arbitrary<SchemaCase> {
  return fc.tuple(any, fc.nat(2), fc.nat(2)).map(([{ schema, document }, minItems, more]) => ({
    schema: { type: "array", items: schema, minItems, maxItems: minItems + more },
    document: fc.array(document, { minLength: minItems, maxLength: minItems + more }),
  }));
}

function tuples(any: fc.Arbitrary<SchemaCase>): fc.Arbitrary<SchemaCase> {
  return fc.array(any, { minLength: 1, maxLength: 3 }).map((cases) => ({
    schema: { type: "array", prefixItems: cases.map(({ schema }) => schema), items: false, minItems: cases.length },
    document: fc.tuple(...cases.map(({ document }) => document)),
  }));
}
