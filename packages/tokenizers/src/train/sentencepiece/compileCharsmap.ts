/**
 * Compiles normalization rules into what a `.model` file holds: a trie from what is replaced to where its replacement stands,
 * and the replacements.
 */

import { buildDoubleArray } from "../../sentencepiece/doubleArray.ts";
import { encodeUtf8 } from "../../utf8.ts";
import { type HangulLetters, type NormalizationRules, normalizationRules } from "./normalizationRules.ts";
import type { NormalizationRuleName } from "./options.ts";
import { RuleTrie } from "./ruleTrie.ts";

const SYLLABLES = 0xac00;
/** Syllables with the same first letter, and with the same first two. */
const WITH_LEAD = 588;
const WITH_VOWEL = 28;

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
export function compileCharsmap({ replacements, hangul }: NormalizationRules): Uint8Array {
  const texts = new Set(replacements.values());
  if (hangul !== undefined) {
    const count = hangul.leads.length * WITH_LEAD;
    for (let index = 0; index < count; index++) texts.add(String.fromCharCode(SYLLABLES + index));
  }
  const sorted = Array.from(texts, (text) => ({ text, bytes: encodeUtf8(text) }));
  sorted.sort((a, b) => compareBytes(a.bytes, b.bytes));
  const places = new Map<string, number>();
  let size = 0;
  for (const { text, bytes } of sorted) {
    places.set(text, size);
    size += bytes.length + 1;
  }

  const trie = new RuleTrie();
  for (const [text, replacement] of replacements) {
    trie.setValue(trie.insert(encodeUtf8(text)), places.get(replacement)!);
  }
  if (hangul !== undefined) addSyllables(trie, hangul, (index) => places.get(String.fromCharCode(SYLLABLES + index))!);

  const units = buildDoubleArray(trie, trie.subtreeClasses());
  const start = 4 + 4 * units.length;
  const blob = new Uint8Array(start + size);
  const view = new DataView(blob.buffer);
  view.setUint32(0, 4 * units.length, true);
  units.forEach((unit, i) => view.setInt32(4 + 4 * i, unit, true));
  for (const { text, bytes } of sorted) blob.set(bytes, start + places.get(text)!);
  return blob;
}

/** What follows a letter is the same however the letter is written. */
function addSyllables(
  trie: RuleTrie,
  { leads, vowels, tails }: HangulLetters,
  valueOf: (index: number) => number,
): void {
  const bytesOf = (letters: readonly (readonly string[])[]) => letters.map((ways) => ways.map(encodeUtf8));
  const vowelBytes = bytesOf(vowels);
  const tailBytes = bytesOf(tails);
  leads.forEach((ways, lead) => {
    const afterLead = trie.addRoot();
    vowelBytes.forEach((vowelWays, vowel) => {
      const index = lead * WITH_LEAD + vowel * WITH_VOWEL;
      const afterVowel = trie.addRoot();
      tailBytes.forEach((tailWays, tail) => {
        for (const bytes of tailWays) trie.setValue(trie.insert(bytes, afterVowel), valueOf(index + tail + 1));
      });
      for (const bytes of vowelWays) {
        const node = trie.insert(bytes, afterLead);
        trie.setValue(node, valueOf(index));
        trie.attach(node, afterVowel);
      }
    });
    for (const way of ways) trie.attach(trie.insert(encodeUtf8(way)), afterLead);
  });
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
