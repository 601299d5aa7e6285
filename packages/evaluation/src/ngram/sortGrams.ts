/**
 * From hash tables to the sorted trie: one stable counting sort by last token and one by parent put the grams of a length
 * in lexicographic order, given that those one shorter are. Linear in the number of grams.
 */

import type { GramTable } from "./gramTable.ts";
import { type GramLevel, GramTrie } from "./gramTrie.ts";

/**
 * @param unigrams - `[V]`, the count of each token.
 * @param tables - Of the grams of length 2, 3, ...; the parents of the first are tokens.
 */
export function sortGrams(unigrams: Uint32Array, tables: readonly GramTable[]): GramTrie {
  const V = unigrams.length;
  const tokens = Uint32Array.from(unigrams.keys());
  const total = unigrams.reduce((sum, count) => sum + count, 0);
  const empty = { tokens: new Uint32Array(1), counts: Uint32Array.of(total), children: Uint32Array.of(0, V) };
  const levels: GramLevel[] = [empty];
  let last: Omit<GramLevel, "children"> = { tokens, counts: unigrams.slice() };
  let rank = tokens; // the place of each gram of the last length in lexicographic order
  for (const table of tables) {
    const { children, ...sorted } = sortTable(table, rank, V);
    levels.push({ ...last, children });
    last = { tokens: sorted.tokens, counts: sorted.counts };
    rank = sorted.rank;
  }
  levels.push({ ...last, children: new Uint32Array(0) }); // nothing is longer
  return new GramTrie(V, levels);
}

function sortTable(table: GramTable, parentRank: Uint32Array, V: number) {
  const { size } = table;
  const byToken = new Uint32Array(size);
  countingSort(
    V,
    size,
    (i) => table.tokens[i],
    (i, place) => (byToken[place] = i),
  );
  const tokens = new Uint32Array(size);
  const counts = new Uint32Array(size);
  const rank = new Uint32Array(size);
  const children = countingSort(
    parentRank.length,
    size,
    (i) => parentRank[table.parents[byToken[i]]],
    (i, place) => {
      const gram = byToken[i];
      tokens[place] = table.tokens[gram];
      counts[place] = table.counts[gram];
      rank[gram] = place;
    },
  );
  return { tokens, counts, rank, children };
}

/** Tells each of `size` items its place in the stable order of their keys; returns where the items of each key begin. */
function countingSort(
  keys: number,
  size: number,
  keyOf: (item: number) => number,
  place: (item: number, place: number) => void,
): Uint32Array {
  const begins = new Uint32Array(keys + 1);
  for (let i = 0; i < size; i++) begins[keyOf(i) + 1]++;
  for (let key = 0; key < keys; key++) begins[key + 1] += begins[key];
  const next = begins.slice();
  for (let i = 0; i < size; i++) place(i, next[keyOf(i)]++);
  return begins;
}
