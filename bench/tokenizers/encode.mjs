// Encoding with OpenAI's vocabularies: ours against the fastest on npm and, where a Python with tiktoken is named, against the Rust original.
//
// Usage: node bench/tokenizers/encode.mjs --corpus DIR [--python python3] [--rounds 9] [--encodings cl100k_base,o200k_base]
// DIR holds en.txt, code.txt and multi.txt, as corpus.mjs writes them. One thread each; MB are of UTF-8.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { encoders } from "./encoders.mjs";
import { interleaved, timed } from "./interleaved.mjs";
import { startPython } from "./python.mjs";

const { values } = parseArgs({
  options: {
    corpus: { type: "string" },
    python: { type: "string" },
    rounds: { type: "string", default: "9" },
    encodings: { type: "string", default: "cl100k_base,o200k_base" },
  },
});
if (values.corpus === undefined) {
  console.error("encode: expected --corpus DIR with en.txt, code.txt and multi.txt (corpus.mjs writes them)");
  process.exit(2);
}
const rounds = Number(values.rounds);
const data = join(dirname(createRequire(import.meta.url).resolve("gpt-tokenizer")), "../data");
console.log(`Node ${process.version}, ${cpus()[0]?.model}; one thread each; medians of ${rounds} interleaved rounds\n`);

for (const encoding of values.encodings.split(",")) {
  const contestants = await encoders(encoding);
  const python = values.python === undefined ? undefined : startPython(values.python, { RAYON_NUM_THREADS: "1" });
  const loaded = await python?.ask({ do: "tiktoken_load", folder: data, encoding });
  for (const name of ["en", "code", "multi"]) {
    const path = join(values.corpus, `${name}.txt`);
    const text = readFileSync(path, "utf8");
    const megabytes = Buffer.byteLength(text) / 1e6;
    const expected = digest(contestants[0].encode(text));
    for (const { name: other, encode } of contestants) equal(other, digest(encode(text)), expected);
    const entries = contestants.map(({ name: contestant, encode }) => ({
      name: contestant,
      run: () => timed(() => encode(text)),
    }));
    if (python !== undefined) {
      const answer = await python.ask({ do: "tiktoken_encode", path, digest: true });
      equal("tiktoken (Python)", answer.sha256, expected);
      entries.push({
        name: `tiktoken ${loaded.version} (Rust, from Python)`,
        run: async () => (await python.ask({ do: "tiktoken_encode", path })).seconds,
      });
    }
    const medians = await interleaved(entries, rounds);
    const ours = medians.get(contestants[0].name);
    console.log(`${encoding}, ${name}, ${megabytes.toFixed(1)} MB, equal ids`);
    for (const [contestant, seconds] of medians) {
      const speed = (megabytes / seconds).toFixed(1).padStart(7);
      const ratio = contestant === contestants[0].name ? "" : `ours is ${(seconds / ours).toFixed(2)}x as fast`;
      console.log(`  ${contestant.padEnd(36)}${speed} MB/s  ${ratio}`);
    }
    console.log();
  }
  python?.close();
}

function digest(ids) {
  return createHash("sha256")
    .update(new Uint8Array(Uint32Array.from(ids).buffer))
    .digest("hex");
}

function equal(name, actual, expected) {
  if (actual !== expected) throw new Error(`${name}: expected the same ids as ours, got others`);
}
