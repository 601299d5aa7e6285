// Encoding with OpenAI's vocabularies: ours against the fastest on npm and, where a Python with tiktoken is named, against the Rust original.
//
// Usage: node bench/tokenizers/encode.mjs --corpus DIR [--python python3] [--rounds 9] [--encodings cl100k_base,o200k_base]
// DIR holds en.txt, code.txt and multi.txt, as corpus.mjs writes them. One thread each; MB are of UTF-8. "first" is the first text of a fresh
// process (firstPass.mjs); "warm" is the median once all of it has been seen, which is how the others publish their figures.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
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
    passes: { type: "string", default: "3" },
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
    const firsts = await firstPasses(encoding, path, contestants.length);
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
    for (const [index, [contestant, seconds]] of [...medians].entries()) {
      const first = firsts[index] === undefined ? "" : (megabytes / firsts[index]).toFixed(1);
      const speed = (megabytes / seconds).toFixed(1).padStart(7);
      const ratios = [firsts[index] / firsts[0], seconds / ours].map((ratio) => (ratio > 0 ? ratio.toFixed(2) : "-"));
      const compared = index === 0 ? "" : `ours is ${ratios.join(" and ")} times as fast`;
      console.log(`  ${contestant.padEnd(36)} first ${first.padStart(6)}  warm ${speed} MB/s  ${compared}`);
    }
    console.log();
  }
  await decoding(encoding, contestants, readFileSync(join(values.corpus, "en.txt"), "utf8"));
  python?.close();
}

/** Median seconds of the first text in fresh processes, by the place of the contestant; each in turn. */
async function firstPasses(encoding, path, count) {
  const script = fileURLToPath(new URL("firstPass.mjs", import.meta.url));
  const runs = Array.from({ length: count }, (_, index) => ({
    name: String(index),
    run: () => Number(execFileSync(process.execPath, [script, encoding, path, String(index)], { encoding: "utf8" })),
  }));
  return [...(await interleaved(runs, Number(values.passes))).values()];
}

/** From the ids of a text back to the text. */
async function decoding(encoding, contestants, text) {
  const ids = Uint32Array.from(contestants[0].encode(text));
  for (const { name, decode } of contestants)
    if (decode(ids) !== text) throw new Error(`${name}: expected the text back`);
  const medians = await interleaved(
    contestants.map(({ name, decode }) => ({ name, run: () => timed(() => decode(ids)) })),
    rounds,
  );
  const ours = medians.get(contestants[0].name);
  console.log(`${encoding}, decoding ${ids.length} ids of en, equal texts`);
  for (const [name, seconds] of medians) {
    const speed = (ids.length / seconds / 1e6).toFixed(1).padStart(7);
    const compared = seconds === ours ? "" : `ours is ${(seconds / ours).toFixed(2)} times as fast`;
    console.log(`  ${name.padEnd(36)} ${speed} million ids/s  ${compared}`);
  }
  console.log();
}

function digest(ids) {
  return createHash("sha256")
    .update(new Uint8Array(Uint32Array.from(ids).buffer))
    .digest("hex");
}

function equal(name, actual, expected) {
  if (actual !== expected) throw new Error(`${name}: expected the same ids as ours, got others`);
}
