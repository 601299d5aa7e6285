/**
 * Writes the grammar of one value whose facts are known: its types, one after another.
 */

import { intersection } from "../automata/product.ts";
import { quoted, type TableAutomaton } from "../automata/byteAutomaton.ts";
import { boundedNumbers } from "../automata/numbers.ts";
import { literals } from "../automata/literals.ts";
import { automatonOf, type Regular } from "../automata/regular.ts";
import { StringAutomaton } from "../automata/stringAutomaton.ts";
import { Budget } from "../budget.ts";
import type { GrammarBuilder } from "../grammar.ts";
import { formatPatterns } from "../pattern/formats.ts";
import { readPattern } from "../pattern/patternParser.ts";
import type { Facts, TypeName } from "./facts.ts";
import { booleanText, integerText, nullText, numberText } from "./jsonTexts.ts";
import type { Located } from "./keywords.ts";
import { schemaError, shown } from "./schemaError.ts";
import { writeArray } from "./arrayWriter.ts";
import { writeObject } from "./objectWriter.ts";

/** What the parts of a compiler share. */
export interface SchemaCompiler {
  readonly builder: GrammarBuilder;
  readonly budget: Budget;
  /** A value that all schemas allow, and then the place `next`. */
  value(schemas: readonly Located[], next: number): number;
}

/** A value, and then the place `next`. */
export function writeFacts(compiler: SchemaCompiler, facts: Facts, next: number): number {
  if (facts.values !== undefined) return writeValues(compiler, facts, facts.values, next);
  const targets: number[] = [];
  const write = (type: TypeName, writeType: () => number): void => {
    if (facts.types.has(type)) targets.push(writeType());
  };
  write("object", () => writeObject(compiler, facts, next));
  write("array", () => writeArray(compiler, facts, next));
  write("string", () => writeString(compiler, facts, next));
  if (facts.types.has("number")) targets.push(writeNumber(compiler, facts, false, next));
  else write("integer", () => writeNumber(compiler, facts, true, next));
  write("boolean", () => compiler.builder.text(booleanText, next));
  write("null", () => compiler.builder.text(nullText, next));
  return compiler.builder.choice(targets);
}

/** The values of an enum that have one of the types. */
function writeValues(
  { builder, budget }: SchemaCompiler,
  { types, pointer, ...facts }: Facts,
  values: ReadonlySet<string>,
  next: number,
): number {
  const isPlain =
    facts.objects.length + facts.arrays.length + facts.patterns.length + facts.formats.length + facts.required.size === 0 &&
    facts.low === undefined && facts.high === undefined &&
    facts.minItems + facts.minLength === 0 && facts.maxItems === Infinity && facts.maxLength === Infinity; // prettier-ignore
  if (!isPlain) throw schemaError(pointer, "enum or const with no other limits beside it but type", "others");
  const texts = [...values].filter(
    (text) => types.has(typeOf(text)) || (typeOf(text) === "integer" && types.has("number")),
  );
  const automaton = literals(texts, budget);
  return automaton === undefined ? builder.choice([]) : builder.text(automaton, next);
}

function typeOf(text: string): TypeName {
  const value: unknown = JSON.parse(text);
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (Number.isInteger(value)) return "integer";
  return typeof value as TypeName;
}

function writeNumber(
  { builder, budget }: SchemaCompiler,
  { low, high }: Facts,
  isInteger: boolean,
  next: number,
): number {
  if (low === undefined && high === undefined) return builder.text(isInteger ? integerText : numberText, next);
  const automaton = boundedNumbers(low, high, isInteger, budget);
  return automaton === undefined ? builder.choice([]) : builder.text(automaton, next);
}

function writeString({ builder, budget }: SchemaCompiler, facts: Facts, next: number): number {
  const { minLength, maxLength } = facts;
  if (minLength > maxLength) return builder.choice([]);
  const lengths = new StringAutomaton(minLength, maxLength);
  const texts = [
    ...facts.patterns.map(({ source, pointer }) => patternText(source, pointer, budget)),
    ...facts.formats.map(({ name, pointer }) => formatText(name, pointer)),
  ];
  if (texts.length === 0) return builder.text(lengths, next);
  const both = (one: TableAutomaton | undefined, other: TableAutomaton | undefined): TableAutomaton | undefined =>
    one && other && intersection(one, other, budget);
  let automaton = texts.reduce(both);
  if (automaton !== undefined && (minLength > 0 || maxLength < Infinity))
    automaton = intersection(automaton, lengths, budget);
  return automaton === undefined ? builder.choice([]) : builder.text(automaton, next);
}

/** The strings of a pattern, quotes included. */
function patternText(source: string, pointer: string, budget: Budget): TableAutomaton | undefined {
  let inside: Regular;
  try {
    inside = readPattern(source);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`compileJsonSchema: ${error.message} (${shown(source)}) at ${pointer}`, { cause: error });
  }
  const automaton = automatonOf(inside, budget);
  return automaton && quoted(automaton);
}

/** The strings of each format that was asked for: made once, so that their masks are found once. */
const formatTexts = new Map<string, TableAutomaton | undefined>();

function formatText(name: string, pointer: string): TableAutomaton | undefined {
  const source = formatPatterns.get(name);
  if (source === undefined) {
    throw schemaError(pointer, `one of the formats ${[...formatPatterns.keys()].join(", ")}`, shown(name));
  }
  if (!formatTexts.has(name)) formatTexts.set(name, patternText(source, pointer, new Budget(65_536)));
  return formatTexts.get(name);
}
