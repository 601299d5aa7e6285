/**
 * Damaged versions of a JSON document as text: values of other types, numbers beyond every range, keys twice, left out or of
 * names that every object has, nesting without end.
 */

import { below, mutatedBytes, oneOf, type Random } from "./mutations.ts";

/** A piece of the text as it is. */
class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Holder = Record<string, unknown>;

/** None has a space in it. */
const short: readonly string[] = [
  "null true false 0 1 -1 -0 0.5 3 64 127 1000 65536 1000000 2147483648 4294967296 1e15 9007199254740991 9007199254740993",
  "123456789012345678901234567890 1e-320 1e308 1e999 -1e999",
  String.raw`"" "a" "0" "1e3" "NaN" "__proto__" "constructor" "../../x" "\ud800" "\u0000" "\n"`,
  '[] [[]] [null] [1,2,3] ["a"] {} {"a":{}} {"__proto__":{"a":1}} {"length":-1} {"toString":null}',
].flatMap((line) => line.split(" "));

const long: readonly string[] = [
  `"${"x".repeat(100_000)}"`,
  `[${"0,".repeat(20_000)}0]`,
  `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
  `${'{"a":'.repeat(20_000)}0${"}".repeat(20_000)}`,
];

const inherited = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "length", ""];

/** The text of a document with one to three values damaged, and now and then with damaged bytes besides. */
export function mutatedJson(document: object, random: Random): string {
  const copy = structuredClone(document) as Holder;
  do damageSomewhere(copy, random);
  while (random() < 0.4);
  const text = write(copy);
  if (random() < 0.85) return text;
  return new TextDecoder().decode(mutatedBytes(new TextEncoder().encode(text), random));
}

function damageSomewhere(document: Holder, random: Random): void {
  let holder = document;
  let key = "";
  for (;;) {
    // Most steps go into the small parts rather than into a vocabulary.
    const keys = Object.keys(holder).slice(0, 60);
    if (keys.length === 0) break;
    key = oneOf(keys, random);
    const next = holder[key];
    if (typeof next !== "object" || next === null || next instanceof Raw || random() < 0.15) break;
    if (Object.keys(next).length === 0) break;
    holder = next as Holder;
  }
  const other = oneOf(Object.keys(holder), random) ?? key;
  const bad = new Raw(oneOf(random() < 0.08 ? long : short, random));
  switch (below(8, random)) {
    case 0:
      Reflect.deleteProperty(holder, key);
      break;
    case 1:
      [holder[key], holder[other]] = [holder[other], holder[key]];
      break;
    case 2:
      holder[key] = [holder[key], holder[key]];
      break;
    case 3:
      if (Array.isArray(holder)) break;
      // Defined: assigning to "__proto__" would change what the object inherits.
      Object.defineProperty(holder, oneOf(inherited, random), {
        value: bad,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      break;
    case 4:
      if (!Array.isArray(holder)) holder[key] = new Raw(`${write(holder[key])},${JSON.stringify(key)}:${bad.text}`);
      break;
    default:
      holder[key] = bad;
  }
}

function write(value: unknown): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const pairs = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`);
  return `{${pairs.join(",")}}`;
}
