/** A random number generator with a seed: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const junk: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  1e308,
  "",
  "a",
  "▁",
  "##",
  "\ud800",
  "<unk>",
  "(",
  "(a+)+$",
  "x".repeat(300),
  [],
  [[]],
  {},
  { type: "Sequence" },
  { Regex: "[" },
  { String: "" },
  { Fixed: 1e9 },
  "Left",
  "always",
  "Contiguous",
];

/** A deep copy of a document with a few values replaced, removed, repeated or swapped. */
export function mutated(document: object, random: () => number): unknown {
  const copy: unknown = structuredClone(document);
  const changes = 1 + Math.floor(random() * 3);
  for (let change = 0; change < changes; change++) {
    let holder = copy as Record<string, unknown>;
    let key = "";
    // Most steps go into the small components rather than the vocabulary.
    for (let depth = 0; depth < 8; depth++) {
      const keys = Object.keys(holder).slice(0, 40);
      if (keys.length === 0) break;
      key = keys[Math.floor(random() * keys.length)];
      const next = holder[key];
      if (typeof next !== "object" || next === null || random() < 0.2) break;
      holder = next as Record<string, unknown>;
    }
    const kind = random();
    const other = Object.keys(holder)[Math.floor(random() * Object.keys(holder).length)] ?? "";
    if (kind < 0.6) holder[key] = junk[Math.floor(random() * junk.length)];
    else if (kind < 0.75) Reflect.deleteProperty(holder, key);
    else if (kind < 0.9) [holder[key], holder[other]] = [holder[other], holder[key]];
    else holder[key] = [holder[key], holder[key]];
  }
  return copy;
}
