/**
 * A small writer of SVG: elements as strings, with every text and attribute escaped.
 *
 * `Markup` is a piece that is already SVG; a plain string is always text. So a label such as `<script>` can only be
 * shown, never obeyed, and no number that XML has no meaning for gets into a file.
 */

/** A piece of SVG. */
export interface Markup {
  readonly svg: string;
}

/** Characters of a text or tooltip. */
const longestText = 4000;

type Attributes = Readonly<Record<string, string | number | undefined>>;

/**
 * An element with its attributes, in the given order, and children; `undefined` ones are left out, and texts of more than
 * 4000 characters are cut.
 *
 * @throws RangeError if a number is not finite.
 */
export function element(name: string, attributes: Attributes, ...children: (Markup | string | undefined)[]): Markup {
  let svg = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    svg += ` ${key}="${typeof value === "number" ? formatCoordinate(value) : escapeText(value)}"`;
  }
  const content = children
    .map((child) => (typeof child === "string" ? escapeText(cut(child)) : (child?.svg ?? "")))
    .join("");
  return { svg: content === "" ? `${svg}/>` : `${svg}>${content}</${name}>` };
}

/** Pieces one behind the other. */
export function join(pieces: readonly (Markup | undefined)[]): Markup {
  return { svg: pieces.map((piece) => piece?.svg ?? "").join("") };
}

/**
 * A coordinate with at most two decimals, the same on every machine.
 *
 * @throws RangeError if it is not finite.
 */
export function formatCoordinate(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`formatCoordinate: expected a finite number, got ${value}`);
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

/** A name may be a whole file; what is shown of it has an end. */
function cut(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

/** Text for XML. What XML 1.0 forbids, and what turns the direction of writing around, becomes U+FFFD. */
export function escapeText(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, "\uFFFD")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
