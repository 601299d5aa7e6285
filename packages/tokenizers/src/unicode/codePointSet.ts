/**
 * Sets of code points as sorted ranges, and the algebra that character classes need.
 */

/** Ranges in order, each as its first code point and the one after its last; they neither overlap nor touch. */
export type CodePointSet = readonly number[];

const END = 0x110000;

/** The set of ranges in any order, each as its first code point and the one after its last. */
export function codePointSet(ranges: readonly (readonly [first: number, end: number])[]): CodePointSet {
  const set: number[] = [];
  for (const [first, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = set.length - 1;
    if (last > 0 && first <= (set[last] as number)) set[last] = Math.max(set[last] as number, end);
    else set.push(first, end);
  }
  return set;
}

/** The code points in at least one of the sets. */
export function union(sets: readonly CodePointSet[]): CodePointSet {
  if (sets.length === 1) return sets[0] as CodePointSet;
  const ranges: [number, number][] = [];
  for (const set of sets) {
    for (let i = 0; i < set.length; i += 2) ranges.push([set[i] as number, set[i + 1] as number]);
  }
  return codePointSet(ranges);
}

/** The code points that are not in the set. */
export function complement(set: CodePointSet): CodePointSet {
  const outer = set[0] === 0 ? set.slice(1) : [0, ...set];
  return outer.at(-1) === END ? outer.slice(0, -1) : [...outer, END];
}

export function intersection(a: CodePointSet, b: CodePointSet): CodePointSet {
  const set: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const first = Math.max(a[i] as number, b[j] as number);
    const end = Math.min(a[i + 1] as number, b[j + 1] as number);
    if (first < end) set.push(first, end);
    if (a[i + 1] === end) i += 2;
    else j += 2;
  }
  return set;
}

/** Whether a code point is in the set. */
export function contains(set: CodePointSet, point: number): boolean {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((set[middle] as number) <= point) low = middle + 1;
    else high = middle;
  }
  return low % 2 === 1;
}
