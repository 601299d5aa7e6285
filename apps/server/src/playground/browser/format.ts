/**
 * Numbers and tokens as the page writes them.
 */

/** A probability in percent: "43 %", "2.1 %", "0.03 %", "< 0.01 %". */
export function percent(probability: number): string {
  const value = 100 * probability;
  if (value > 0 && value < 0.01) return "< 0.01 %";
  if (value > 99.9 && value < 100) return "> 99.9 %";
  return `${value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2)} %`;
}

/** Milliseconds: "84 ms", "1.3 s". */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** The text of a token so that all of it can be seen: spaces at its ends, line ends, nothing at all. */
export function visible(text: string): string {
  if (text === "") return "∅";
  return text
    .replace(/^ +| +$/g, (spaces) => "␣".repeat(spaces.length))
    .replaceAll("\n", "⏎")
    .replaceAll("\t", "⇥");
}

/** The text of a token for a reader that speaks. */
export function spoken(text: string): string {
  if (text === "") return "part of a character";
  if (text === "\n") return "line end";
  if (/^ +$/.test(text)) return text.length === 1 ? "space" : `${text.length} spaces`;
  return text.replaceAll("\n", " line end ");
}
