/**
 * Text without a browser to measure it: estimated widths, lines, and signs for what cannot be seen.
 */

import { element, type Markup } from "./svg.ts";

/** How a piece of text is set. */
export interface TextStyle {
  size?: number;
  anchor?: "start" | "middle" | "end";
  /** Classes of `styleSheet`: `muted`, `strong`, `mono`, `paper`. */
  kind?: string;
}

/** A line of text whose baseline begins, is centred or ends at (x, y). */
export function textAt(x: number, y: number, content: string, style: TextStyle = {}): Markup {
  const { size = 12, anchor, kind } = style;
  const attributes = { x, y, "font-size": size, "text-anchor": anchor === "start" ? undefined : anchor, class: kind };
  return element("text", { ...attributes, fill: "currentColor" }, content);
}

/** A width that common sans-serif fonts stay within, in the unit of `size`. */
export function textWidth(text: string, size = 12): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width * size;
}

/** `text`, or as much of its beginning as fits with "…" behind it. */
export function shorten(text: string, maxWidth: number, size = 12): string {
  // No sheet is wide enough for a thousand characters.
  if (text.length <= 1000 && textWidth(text, size) <= maxWidth) return text;
  let kept = "";
  for (const character of text) {
    if (textWidth(`${kept}${character}…`, size) > maxWidth) break;
    kept += character;
  }
  return `${kept}…`;
}

const mostLines = 12;

/** Breaks at spaces into lines of at most `maxWidth`; a longer word is shortened, and what follows 12 lines left out. */
export function wrap(text: string, maxWidth: number, size = 12): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.slice(0, 4000).split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || textWidth(longer, size) <= maxWidth) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  const all = [...lines, line].filter((each) => each !== "");
  const whole = all.length <= mostLines && text.length <= 4000;
  const kept = whole ? all : [...all.slice(0, mostLines - 1), "…"];
  return kept.map((each) => shorten(each, maxWidth, size));
}

/** A token with its white space and control characters made visible: a space is `␣`, a line end `↵`. */
export function visibleText(token: string): string {
  if (token === "") return "∅";
  return token
    .replaceAll(" ", "␣")
    .replaceAll("\n", "↵")
    .replaceAll("\t", "⇥")
    .replace(/\p{Cc}/gu, (control) => (control < " " ? String.fromCharCode(0x2400 + control.charCodeAt(0)) : "\uFFFD"));
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  // East Asian scripts and emoji fill a square.
  if (code >= 0x1100 && (code < 0x2000 || code > 0x2bff)) return 1.05;
  if ("iIjl.,:;'|!()[] ".includes(character)) return 0.36;
  if ("mwMW@%—".includes(character)) return 0.95;
  if (character >= "A" && character <= "Z") return 0.7;
  return 0.61;
}
