/**
 * Sets without regard to case, by Unicode's simple case folding: with `k` come `K` and the Kelvin sign, with `s` the long s, but
 * with `ß` no `ss`.
 */

import { caseOrbits } from "./caseOrbits.ts";
import { type CodePointSet, codePointSet, contains } from "./codePointSet.ts";

let orbits: readonly (readonly number[])[] | undefined;
let orbitOf: ReadonlyMap<number, readonly number[]> | undefined;

/** The set and all that differs from its members in case only. */
export function closeOverCase(set: CodePointSet): CodePointSet {
  orbits ??= readOrbits();
  const ranges: [number, number][] = [];
  for (const orbit of few(set) ?? orbits) {
    if (!orbit.some((point) => contains(set, point))) continue;
    for (const point of orbit) ranges.push([point, point + 1]);
  }
  if (ranges.length === 0) return set;
  for (let i = 0; i < set.length; i += 2) ranges.push([set[i] as number, set[i + 1] as number]);
  return codePointSet(ranges);
}

/** The orbits of a set of one character. */
function few(set: CodePointSet): (readonly number[])[] | undefined {
  const [point = 0, end = 0] = set;
  if (set.length !== 2 || end - point > 1) return undefined;
  orbitOf ??= new Map(orbits?.flatMap((orbit) => orbit.map((member) => [member, orbit] as const)));
  const orbit = orbitOf.get(point);
  return orbit === undefined ? [] : [orbit];
}

function readOrbits(): number[][] {
  let first = 0;
  return caseOrbits.split(" ").map((orbit) => {
    const [distance = "", others = ""] = orbit.split(":");
    first += Number.parseInt(distance, 36);
    const origin = first;
    return [origin, ...others.split(",").map((digits) => origin + Number.parseInt(digits, 36))];
  });
}
