// Writes the texts that the other scripts read, out of what an installation of this repository holds anyway, so that everybody has the same:
//
//   en.txt     English: the prose of the installed packages' Markdown files (code blocks left out), 5 MB at most
//   code.txt   JavaScript and TypeScript of the installed packages, 5 MB at most
//   multi.txt  TypeScript's own messages in 13 languages
//
// Usage: node bench/tokenizers/corpus.mjs DIR

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MEGABYTES_5 = 5_000_000;
const directory = process.argv[2];
if (directory === undefined) {
  console.error("corpus: expected a directory to write to; usage: node bench/tokenizers/corpus.mjs DIR");
  process.exit(2);
}

const store = fileURLToPath(new URL("../../node_modules/.pnpm/", import.meta.url));
const files = readdirSync(store, { recursive: true, encoding: "utf8" }).toSorted();

const languages = "cs de es fr it ja ko pl pt-br ru tr zh-cn zh-tw".split(" ");
const messages = languages.flatMap((language) => {
  const file = files.find((path) => path.endsWith(`typescript/lib/${language}/diagnosticMessages.generated.json`));
  return file === undefined ? [] : Object.values(JSON.parse(readFileSync(join(store, file), "utf8")));
});

mkdirSync(directory, { recursive: true });
write("en.txt", collect(/\.md$/, withoutCode));
write(
  "code.txt",
  collect(/(?<!\.min|\.d)\.(js|mjs|cjs|ts)$/, (text) => text),
);
write("multi.txt", `${messages.join("\n")}\n`);

/** Texts of files whose path matches, each content once, up to 5 MB. */
function collect(path, clean) {
  const seen = new Set();
  let size = 0;
  const parts = [];
  for (const file of files.filter((name) => path.test(name))) {
    const whole = join(store, file);
    if (!statSync(whole).isFile() || statSync(whole).size > 300_000) continue;
    const text = clean(readFileSync(whole, "utf8"));
    if (seen.has(text) || size + text.length > MEGABYTES_5) continue;
    seen.add(text);
    parts.push(text);
    size += text.length;
  }
  return parts.join("\n");
}

function withoutCode(markdown) {
  return markdown.replaceAll(/^```[^]*?^```/gm, "").replaceAll(/^(\||<|\[!?\[).*\n/gm, "");
}

function write(name, text) {
  writeFileSync(join(directory, name), text);
  console.log(`${name}: ${(Buffer.byteLength(text) / 1e6).toFixed(1)} MB`);
}
