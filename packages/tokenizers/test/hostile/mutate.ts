// Damages files at random, the same for the same seed: bytes of any format, and JSON text by its structure.

/** A generator of uniform numbers from 0 to below 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const HUGE_VARINTS = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
];
const EXTREME_WORDS = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x7f800000, 0x7fc00000, 0xff800000];

/** A damaged copy of a file: one to six edits. */
export function mutateBytes(bytes: Uint8Array, seed: number): Uint8Array {
  const rng = randomNumbers(seed);
  let result: Uint8Array = bytes.slice();
  for (let edits = 1 + below(rng, 6); edits > 0; edits--) result = editBytes(result, rng);
  return result;
}

function editBytes(bytes: Uint8Array, rng: () => number): Uint8Array {
  const at = below(rng, bytes.length + 1);
  const length = below(rng, Math.min(64, bytes.length - at) + 1);
  const other = below(rng, bytes.length + 1);
  switch (below(rng, 9)) {
    case 0: // a flipped bit
      if (at < bytes.length) bytes[at] ^= 1 << below(rng, 8);
      return bytes;
    case 1: // another byte
      if (at < bytes.length) bytes[at] = below(rng, 256);
      return bytes;
    case 2: // cut off, more often near the end than near the beginning
      return bytes.slice(0, Math.max(at, other));
    case 3: // a part left out
      return splice(bytes, at, length, []);
    case 4: // a part twice
      return splice(bytes, at, 0, bytes.slice(at, at + length));
    case 5: // a part of elsewhere
      return splice(bytes, other, length, bytes.slice(at, at + length));
    case 6: // a huge length
      return splice(bytes, at, below(rng, 3), HUGE_VARINTS[below(rng, HUGE_VARINTS.length)]!);
    case 7: {
      // an extreme integer or float
      const word = EXTREME_WORDS[below(rng, EXTREME_WORDS.length)]!;
      return splice(bytes, at, 4, [word, word >>> 8, word >>> 16, word >>> 24]);
    }
    default: // noise
      return splice(
        bytes,
        at,
        length,
        Uint8Array.from({ length }, () => below(rng, 256)),
      );
  }
}

function splice(bytes: Uint8Array, at: number, removed: number, inserted: ArrayLike<number>): Uint8Array {
  const rest = bytes.subarray(Math.min(bytes.length, at + removed));
  const result = new Uint8Array(at + inserted.length + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(rest, at + inserted.length);
  return result;
}

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 32,
  2 ** 53,
  1e308,
  "",
  "\ud800",
  "a".repeat(2000),
  [],
  [[]],
  {},
  ["a", 1],
  "(a+)+$",
  "[",
  "__proto__",
];

/** A damaged copy of a JSON document: edits of its tree, now and then of its text. */
export function mutateJson(text: string, seed: number): string {
  const rng = randomNumbers(seed);
  if (rng() < 0.1) return new TextDecoder().decode(mutateBytes(new TextEncoder().encode(text), below(rng, 2 ** 31)));
  const document: Container = { root: JSON.parse(text) };
  for (let edits = 1 + below(rng, 4); edits > 0; edits--) editTree(document, rng);
  return JSON.stringify(document.root) ?? "null";
}

type Container = Record<string, unknown> | unknown[];

/** Edits one value, found by walking down at random. */
function editTree(document: Container, rng: () => number): void {
  let parent = document;
  let key = "root";
  for (let depth = below(rng, 8); depth > 0; depth--) {
    const value = get(parent, key);
    if (!isContainer(value)) break;
    const keys = Object.keys(value);
    if (keys.length === 0) break;
    parent = value;
    key = keys[below(rng, keys.length)]!;
  }
  const keys = Object.keys(parent);
  const sibling = keys[below(rng, keys.length)]!;
  const value = get(parent, key);
  switch (below(rng, 7)) {
    case 0: // left out
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else if (parent !== document) delete parent[key];
      return;
    case 1: // what stands beside it
      return set(parent, key, structuredClone(get(parent, sibling)));
    case 2: // once more
      if (Array.isArray(parent)) parent.splice(Number(key), 0, structuredClone(value));
      else set(parent, `${key}2`, structuredClone(value));
      return;
    case 3: // deeper
      return set(parent, key, nested(value, 1 + below(rng, 400)));
    case 4: // another number or string of the same kind
      if (typeof value === "number") return set(parent, key, value + below(rng, 3) - 1);
      if (typeof value === "string") return set(parent, key, scrambled(value, rng));
      return set(parent, key, [value]);
    case 5: // the whole document inside itself
      return set(parent, key, structuredClone(get(document, "root")));
    default:
      return set(parent, key, structuredClone(ODD_VALUES[below(rng, ODD_VALUES.length)]));
  }
}

function scrambled(text: string, rng: () => number): string {
  const at = below(rng, text.length + 1);
  const inserted = ["", "\u0000", "\ud800", "\u2581", "(", "\\", " ", "\u{1f600}"][below(rng, 8)]!;
  return text.slice(0, at) + inserted + text.slice(at + below(rng, 3));
}

function nested(value: unknown, depth: number): unknown {
  let result = value;
  for (let i = 0; i < depth; i++) result = i % 2 === 0 ? [result] : { type: "Sequence", processors: [result] };
  return result;
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

function get(container: Container, key: string): unknown {
  return (container as Record<string, unknown>)[key];
}

function set(container: Container, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function below(rng: () => number, limit: number): number {
  return Math.floor(rng() * limit);
}
