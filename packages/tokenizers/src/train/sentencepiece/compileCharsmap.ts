/**
 * Compiles normalization rules into what a `.model` file holds: a trie from what is replaced to where its replacement stands,
 * and the replacements.
 */

import { buildDoubleArray } from "../../sentencepiece/doubleArray.ts";
import { encodeUtf8 } from "../../utf8.ts";
import { type NormalizationRules, normalizationRules } from "./normalizationRules.ts";
import type { NormalizationRuleName } from "./options.ts";

const compiled = new Map<NormalizationRuleName, Uint8Array>();

/** `precompiledCharsmap` of a rule set; it has no bytes for `"identity"`. Compiled once. */
export function charsmapOf(name: NormalizationRuleName): Uint8Array {
  if (name === "identity") return new Uint8Array(0);
  let charsmap = compiled.get(name);
  if (charsmap === undefined) {
    charsmap = compileCharsmap(normalizationRules(name));
    compiled.set(name, charsmap);
  }
  return charsmap.slice();
}

/** Compiles rules; there must be one at least. */
function compileCharsmap(rules: NormalizationRules): Uint8Array {
  const replacements = [...new Set(rules.values())].map((text) => ({ text, bytes: encodeUtf8(text) }));
  replacements.sort((a, b) => compareBytes(a.bytes, b.bytes));
  const places = new Map<string, number>();
  let size = 0;
  for (const { text, bytes } of replacements) {
    places.set(text, size);
    size += bytes.length + 1;
  }
  const entries = Array.from(rules, ([text, replacement]) => ({
    key: encodeUtf8(text),
    value: places.get(replacement)!,
  }));
  entries.sort((a, b) => compareBytes(a.key, b.key));
  const units = buildDoubleArray(
    entries.map(({ key }) => key),
    entries.map(({ value }) => value),
    true,
  );
  const blob = new Uint8Array(4 + 4 * units.length + size);
  const view = new DataView(blob.buffer);
  view.setUint32(0, 4 * units.length, true);
  units.forEach((unit, i) => view.setInt32(4 + 4 * i, unit, true));
  const start = 4 + 4 * units.length;
  for (const { text, bytes } of replacements) blob.set(bytes, start + places.get(text)!);
  return blob;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
