/**
 * Writes the grammar of an object: the properties in the order of the schema, those that are optional or not, and after them, if the schema
 * says so, any others.
 *
 * Where a schema lists properties and says nothing of others, there are none, though JSON Schema would allow them: a model is asked for the
 * listed ones.
 */

import type { TableAutomaton } from "../automata/byteAutomaton.ts";
import { difference } from "../automata/product.ts";
import { literals } from "../automata/literals.ts";
import { automatonOf } from "../automata/regular.ts";
import { spelled } from "../automata/characters.ts";
import { allows, type Facts } from "./facts.ts";
import { anyName, closeObject, colon, comma, nameText, openObject } from "./jsonTexts.ts";
import type { Located } from "./keywords.ts";
import { schemaError, shown } from "./schemaError.ts";
import type { SchemaCompiler } from "./valueWriter.ts";

/** A property that may be written. */
interface Property {
  readonly name: string;
  readonly schemas: readonly Located[];
  readonly isRequired: boolean;
}

/** The shape of an object. */
interface Shape {
  readonly properties: readonly Property[];
  /** Names that no other property may have. */
  readonly taken: readonly string[];
  /** What other properties have to be; undefined where there are none. */
  readonly others: readonly Located[] | undefined;
}

/** An object, and then the place `next`. */
export function writeObject(compiler: SchemaCompiler, facts: Facts, next: number): number {
  const { builder, budget } = compiler;
  const shape = shapeOf(facts);
  if (shape === undefined) return builder.choice([]);
  const { properties } = shape;
  const end = builder.text(closeObject, next);
  const others = writeOthers(compiler, shape, end);
  const automaton = (name: string, isFirst: boolean): TableAutomaton => automatonOf(nameText(name, isFirst), budget)!;
  // Where the next property comes first, and where one stands before it.
  let first = others.first;
  let later = others.later;
  for (let i = properties.length - 1; i >= 0; i--) {
    const { name, schemas, isRequired } = properties[i];
    const value = compiler.value(schemas, later);
    const firstEntry = builder.text(automaton(name, true), value);
    first = isRequired ? firstEntry : builder.choice([firstEntry, first]);
    if (i === 0) break;
    const laterEntry = builder.text(automaton(name, false), value);
    later = isRequired ? laterEntry : builder.choice([laterEntry, later]);
  }
  return builder.text(openObject, first);
}

/** Properties of any other name, as many as come, and then the end. */
function writeOthers(
  { builder, budget, value }: SchemaCompiler,
  { taken, others }: Shape,
  end: number,
): { first: number; later: number } {
  if (others === undefined) return { first: end, later: end };
  const all = automatonOf(anyName, budget)!;
  const known = literals(
    taken.map((name) => `"${spelled(name)}"`),
    budget,
  );
  const names = known === undefined ? all : difference(all, known, budget)!;
  const later = builder.reserve();
  const entry = builder.text(names, builder.text(colon, value(others, later)));
  builder.fill(later, [builder.text(comma, entry), end]);
  return { first: builder.choice([entry, end]), later };
}

/** @returns `undefined` where no object is allowed. */
function shapeOf({ objects, required }: Facts): Shape | undefined {
  const names = new Set(objects.flatMap(({ properties }) => [...properties.keys()]));
  const isListed = names.size > 0;
  const additional = objects.flatMap((object) => object.additional ?? []);
  const isClosed = additional.some((located) => !allows(located));
  for (const [name, place] of required) {
    if (!names.has(name) && isClosed) {
      throw schemaError(place, "a name of properties, as additionalProperties is false", shown(name));
    }
    names.add(name);
  }
  const properties: Property[] = [];
  for (const name of names) {
    const schemas = objects.flatMap((object) => object.properties.get(name) ?? object.additional ?? []);
    const isRequired = required.has(name);
    if (schemas.every(allows)) properties.push({ name, schemas, isRequired });
    else if (isRequired) return undefined;
  }
  const isOpen = !isClosed && (additional.length > 0 || !isListed);
  return { properties, taken: [...names], others: isOpen ? additional : undefined };
}
