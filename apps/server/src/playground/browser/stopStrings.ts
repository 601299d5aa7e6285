/**
 * The strings that end a text, as they are typed: line ends are among them, and a field of one string on each line has to spell these.
 */

/** A string for each line that is not empty; `\n`, `\t` and `\\` in it mean what they mean in programs. */
export function stopStrings(text: string): string[] {
  const meanings: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\" };
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => line.replace(/\\([nt\\])/g, (_, letter: string) => meanings[letter]));
}
