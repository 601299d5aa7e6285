/**
 * Writes the grammar of an array: the items of `prefixItems` one by one, then others, with a place for each that is counted.
 *
 * Where a schema lists the first items and says nothing of others, there are none.
 */

import { allows, type Facts } from "./facts.ts";
import { closeArray, comma, openArray } from "./jsonTexts.ts";
import type { Located } from "./keywords.ts";
import type { SchemaCompiler } from "./valueWriter.ts";

/** An array, and then the place `next`. */
export function writeArray(compiler: SchemaCompiler, { arrays, minItems, maxItems }: Facts, next: number): number {
  const { builder } = compiler;
  const listed = Math.max(0, ...arrays.map(({ prefix }) => prefix.length));
  const schemasAt = (index: number): Located[] => arrays.flatMap(({ prefix, items }) => prefix[index] ?? items ?? []);
  const rest = arrays.flatMap(({ items }) => items ?? []);
  const isOpen = rest.every(allows) && (rest.length > 0 || listed === 0);
  const impossible = Array.from({ length: listed }, (_, i) => i).find((i) => !schemasAt(i).every(allows));
  const most = Math.min(maxItems, impossible ?? (isOpen ? Infinity : listed));
  if (minItems > most) return builder.choice([]);

  // Items that are counted are written after each other: those listed, then up to the least number, or to the most.
  const counted = Math.min(most, Math.max(listed, most === Infinity ? minItems : most));
  const end = builder.text(closeArray, next);
  const item = restRule(compiler, rest, counted - listed);
  let after = end;
  if (most === Infinity) {
    after = builder.reserve();
    builder.fill(after, [builder.text(comma, compiler.value(rest, after)), end]);
  }
  const tail = after;
  let first = most === Infinity ? builder.choice([compiler.value(rest, tail), end]) : end;
  for (let i = counted - 1; i >= 0; i--) {
    const value = i < listed || item === undefined ? compiler.value(schemasAt(i), after) : builder.call(item, after);
    const mayEnd = i >= minItems;
    if (i === 0) first = mayEnd ? builder.choice([value, end]) : value;
    else {
      const entry = builder.text(comma, value);
      after = mayEnd ? builder.choice([entry, end]) : entry;
    }
  }
  return builder.text(openArray, first);
}

/** A rule for items that come more than once, if there are such. */
function restRule({ builder, value }: SchemaCompiler, rest: readonly Located[], times: number): number | undefined {
  return times > 1 ? value(rest, builder.end()) : undefined;
}
