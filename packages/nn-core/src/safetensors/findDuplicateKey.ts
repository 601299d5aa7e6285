/**
 * Finds a key that stands twice in one object of a JSON text, which `JSON.parse` would accept and resolve to the last one:
 * two readers of such a file may see different tensors. Not a validator: on text that is not JSON the answer means
 * nothing, and `JSON.parse` afterwards says so. Safetensors format, README, "Duplicate keys are disallowed".
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The first repeated key of any object in `text`, escapes resolved (`"a"` and `"\u0061"` are one key).
 *
 * @param text - JSON
 * @param maxDepth - deepest nesting accepted
 * @returns the key, or undefined where there is none
 * @throws RangeError where objects and arrays nest deeper than `maxDepth`
 * @throws SyntaxError where a key is not a JSON string
 */
export function findDuplicateKey(text: string, maxDepth: number): string | undefined {
  const scopes: (Set<string> | undefined)[] = []; // the keys of each open object, undefined for an open array
  let keyNext = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      const start = i;
      for (i++; i < text.length && text.charCodeAt(i) !== QUOTE; i++) {
        if (text.charCodeAt(i) === BACKSLASH) i++;
      }
      const keys = scopes.at(-1);
      if (!keyNext || keys === undefined) continue;
      keyNext = false;
      const key = JSON.parse(text.slice(start, i + 1)) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (scopes.length >= maxDepth) throw new RangeError(`nesting deeper than ${maxDepth}`);
      scopes.push(code === OPEN_BRACE ? new Set() : undefined);
      keyNext = code === OPEN_BRACE;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      scopes.pop();
      keyNext = false;
    } else if (code === COMMA) {
      keyNext = scopes.at(-1) !== undefined;
    }
  }
  return undefined;
}
