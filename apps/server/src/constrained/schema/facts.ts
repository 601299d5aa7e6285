/**
 * What several schemas say together of one value: the meaning of `allOf`, and of keywords beside a `$ref` or an `anyOf`.
 */

import type { Bound } from "../automata/numbers.ts";
import {
  countOf,
  type Keywords,
  keywordsOf,
  type Located,
  numberOf,
  schemaOf,
  schemasOf,
  stringOf,
  valueOf,
} from "./keywords.ts";
import { child, schemaError, shown } from "./schemaError.ts";

/** The types of JSON Schema. */
export const typeNames = ["object", "array", "string", "integer", "number", "boolean", "null"] as const;
export type TypeName = (typeof typeNames)[number];

/** Arrays have a place of the grammar for each item that is counted. */
const MOST_ITEMS = 4096;
const MOST_LENGTH = 10_000_000;
const MOST_PATTERN = 2000;

/** What an object's keywords say in one schema. */
export interface ObjectFacts {
  readonly pointer: string;
  readonly properties: ReadonlyMap<string, Located>;
  /** What other properties have to be; undefined where nothing is said. */
  readonly additional: Located | undefined;
}

/** What an array's keywords say in one schema. */
export interface ArrayFacts {
  readonly prefix: readonly Located[];
  readonly items: Located | undefined;
}

/** What schemas without references and alternatives say together. */
export interface Facts {
  /** Where the first of them stands. */
  readonly pointer: string;
  /** The types that all allow. */
  types: ReadonlySet<TypeName>;
  /** The values that all allow, as JSON; undefined where any may come. */
  values: ReadonlySet<string> | undefined;
  readonly objects: ObjectFacts[];
  /** Names, and where they are required. */
  readonly required: Map<string, string>;
  readonly arrays: ArrayFacts[];
  minItems: number;
  maxItems: number;
  minLength: number;
  maxLength: number;
  readonly patterns: { readonly source: string; readonly pointer: string }[];
  readonly formats: { readonly name: string; readonly pointer: string }[];
  low: Bound | undefined;
  high: Bound | undefined;
}

/** Nothing said. */
export function noFacts(pointer: string): Facts {
  return {
    pointer,
    types: new Set(typeNames),
    values: undefined,
    objects: [],
    required: new Map(),
    arrays: [],
    minItems: 0,
    maxItems: Infinity,
    minLength: 0,
    maxLength: Infinity,
    patterns: [],
    formats: [],
    low: undefined,
    high: undefined,
  };
}

/** Adds what one schema says. */
export function addFacts(facts: Facts, keywords: Keywords, pointer: string): void {
  facts.types = new Set(typesOf(keywords, pointer).filter((type) => facts.types.has(type)));
  for (const values of [valueOf(keywords, "enum"), constOf(keywords)]) {
    if (values === undefined) continue;
    if (!Array.isArray(values)) throw schemaError(child(pointer, "enum"), "an array of values", shown(values));
    const texts = values.map((value: unknown) => JSON.stringify(value));
    facts.values = new Set(facts.values === undefined ? texts : texts.filter((text) => facts.values!.has(text)));
  }
  addObjectFacts(facts, keywords, pointer);
  addArrayFacts(facts, keywords, pointer);
  facts.minLength = Math.max(facts.minLength, countOf(keywords, pointer, "minLength", MOST_LENGTH) ?? 0);
  facts.maxLength = Math.min(facts.maxLength, countOf(keywords, pointer, "maxLength", Infinity) ?? Infinity);
  const source = stringOf(keywords, pointer, "pattern");
  if (source !== undefined && source.length > MOST_PATTERN) {
    throw schemaError(child(pointer, "pattern"), `at most ${MOST_PATTERN} characters`, `${source.length}`);
  }
  if (source !== undefined) facts.patterns.push({ source, pointer: child(pointer, "pattern") });
  const name = stringOf(keywords, pointer, "format");
  if (name !== undefined) facts.formats.push({ name, pointer: child(pointer, "format") });
  for (const [keyword, isExclusive] of [
    ["minimum", false],
    ["exclusiveMinimum", true],
  ] as const) {
    const value = numberOf(keywords, pointer, keyword);
    if (value !== undefined && isTighter(value, isExclusive, facts.low, 1)) facts.low = { value, isExclusive };
  }
  for (const [keyword, isExclusive] of [
    ["maximum", false],
    ["exclusiveMaximum", true],
  ] as const) {
    const value = numberOf(keywords, pointer, keyword);
    if (value !== undefined && isTighter(value, isExclusive, facts.high, -1)) facts.high = { value, isExclusive };
  }
}

function isTighter(value: number, isExclusive: boolean, other: Bound | undefined, sign: 1 | -1): boolean {
  if (other === undefined) return true;
  return value === other.value ? isExclusive : sign * value > sign * other.value;
}

function constOf(keywords: Keywords): unknown[] | undefined {
  const value = valueOf(keywords, "const");
  return value === undefined ? undefined : [value];
}

/** The types that a schema allows: those it names, or else those that its keywords are about. */
function typesOf(keywords: Keywords, pointer: string): readonly TypeName[] {
  const value = valueOf(keywords, "type");
  if (value === undefined) return impliedTypes(keywords);
  const names: unknown[] = Array.isArray(value) ? value : [value];
  for (const name of names) {
    if (typeNames.includes(name as TypeName)) continue;
    throw schemaError(child(pointer, "type"), `one or more of ${typeNames.join(", ")}`, shown(name));
  }
  // An integer is a number too.
  return names.includes("number") ? [...(names as TypeName[]), "integer"] : (names as TypeName[]);
}

const about: readonly (readonly [readonly string[], readonly TypeName[]])[] = [
  [["properties", "required", "additionalProperties"], ["object"]],
  [["items", "prefixItems", "additionalItems", "minItems", "maxItems"], ["array"]],
  [["minLength", "maxLength", "pattern", "format"], ["string"]],
  [
    ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
    ["number", "integer"],
  ],
];

function impliedTypes(keywords: Keywords): readonly TypeName[] {
  const implied = about.filter(([names]) => names.some((name) => valueOf(keywords, name) !== undefined));
  return implied.length === 0 ? typeNames : implied.flatMap(([, types]) => types);
}

function addObjectFacts(facts: Facts, keywords: Keywords, pointer: string): void {
  const required = valueOf(keywords, "required");
  if (required !== undefined && !Array.isArray(required)) {
    throw schemaError(child(pointer, "required"), "an array of names", shown(required));
  }
  (required ?? []).forEach((name: unknown, i: number) => {
    const place = child(child(pointer, "required"), i);
    if (typeof name !== "string") throw schemaError(place, "a name", shown(name));
    facts.required.set(name, place);
  });
  const properties = valueOf(keywords, "properties");
  const additional = schemaOf(keywords, pointer, "additionalProperties");
  if (properties === undefined && additional === undefined) return;
  if (
    properties !== undefined &&
    (typeof properties !== "object" || properties === null || Array.isArray(properties))
  ) {
    throw schemaError(child(pointer, "properties"), "an object of schemas", shown(properties));
  }
  const located = Object.entries((properties ?? {}) as Keywords).map(([name, schema]): [string, Located] => [
    name,
    { schema, pointer: child(child(pointer, "properties"), name) },
  ]);
  facts.objects.push({ pointer, properties: new Map(located), additional });
}

function addArrayFacts(facts: Facts, keywords: Keywords, pointer: string): void {
  facts.minItems = Math.max(facts.minItems, countOf(keywords, pointer, "minItems", MOST_ITEMS) ?? 0);
  facts.maxItems = Math.min(facts.maxItems, countOf(keywords, pointer, "maxItems", MOST_ITEMS) ?? Infinity);
  // Until draft 2019-09 the schemas of the first items were those of `items`.
  const isOld = Array.isArray(valueOf(keywords, "items"));
  const prefix = schemasOf(keywords, pointer, isOld ? "items" : "prefixItems") ?? [];
  const items = schemaOf(keywords, pointer, isOld ? "additionalItems" : "items");
  if (prefix.length > 0 || items !== undefined) facts.arrays.push({ prefix, items });
}

/** A schema that says nothing but where it is. */
export function allows(located: Located): boolean {
  return keywordsOf(located) !== false;
}
