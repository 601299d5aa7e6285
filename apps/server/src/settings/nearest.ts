/**
 * The known name that a mistyped one most likely means, for "did you mean" in errors.
 */

/**
 * The nearest of `known` by edit distance (Levenshtein), letters' case aside.
 *
 * @returns undefined where none is near: more than a third of the letters would have to change.
 */
export function nearest<T extends string>(name: string, known: readonly T[]): T | undefined {
  // The distance takes time by the product of the lengths, and nobody mistypes a name into a page of text.
  if (name.length > 100) return undefined;
  let best: T | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best !== undefined && least <= Math.max(name.length, best.length) / 3 ? best : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      row.push(Math.min(row[j] + 1, previous[j + 1] + 1, previous[j] + (a[i] === b[j] ? 0 : 1)));
    }
    previous = row;
  }
  return previous[b.length];
}
