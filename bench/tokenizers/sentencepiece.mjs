// Encoding with SentencePiece models: ours against the C++ library, called from Python line by line and all lines at once.
//
// Usage: node bench/tokenizers/sentencepiece.mjs --text FILE [--python python3] [--rounds 9] [--types unigram,bpe] [--vocab 8000]
// The models are trained by the library on the text itself. One thread each; MB are of UTF-8. Without --python there is nothing to do. The ids
// must be equal: have sentencepiece 0.2.1 or older, for newer ones round the sums of a unigram model's scores before they compare them.

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SentencePieceProcessor } from "@llm-learning/tokenizers/sentencepiece";
import { interleaved, timed } from "./interleaved.mjs";
import { startPython } from "./python.mjs";

const { values } = parseArgs({
  options: {
    text: { type: "string" },
    python: { type: "string", default: process.env.PYTHON },
    rounds: { type: "string", default: "9" },
    types: { type: "string", default: "unigram,bpe" },
    vocab: { type: "string", default: "8000" },
  },
});
if (values.text === undefined) {
  console.error("sentencepiece: expected --text FILE, such as en.txt that corpus.mjs writes");
  process.exit(2);
}
if (values.python === undefined) {
  console.log("sentencepiece: skipped; name a Python that has sentencepiece with --python or in PYTHON");
  process.exit(0);
}
const rounds = Number(values.rounds);
const text = readFileSync(values.text, "utf8");
const lines = text.split("\n");
const megabytes = Buffer.byteLength(text) / 1e6;
const folder = mkdtempSync(join(tmpdir(), "sentencepiece-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
console.log(`Node ${process.version}, ${cpus()[0]?.model}; one thread each; medians of ${rounds} interleaved rounds`);

for (const type of values.types.split(",")) {
  const python = startPython(values.python);
  const model = join(folder, `${type}.model`);
  const { version, calls } = await python.ask({
    do: "sentencepiece_train",
    path: values.text,
    model,
    type,
    vocab: Number(values.vocab),
  });
  const processor = SentencePieceProcessor.fromBytes(new Uint8Array(readFileSync(model)));
  const ids = lines.map((line) => processor.encode(line));
  const expected = digest(ids);
  const entries = [{ name: "ours", run: () => timed(() => lines.forEach((line) => processor.encode(line))) }];
  for (const call of calls) {
    const { sha256 } = await python.ask({ do: "sentencepiece_encode", path: values.text, call, digest: true });
    if (sha256 !== expected) throw new Error(`${call}: expected the same ids as ours, got others (from ${version})`);
    entries.push({
      name: `C++ ${version}, ${call}`,
      run: async () => (await python.ask({ do: "sentencepiece_encode", path: values.text, call })).seconds,
    });
  }
  const medians = await interleaved(entries, rounds);
  const count = ids.reduce((sum, { length }) => sum + length, 0);
  console.log(
    `\n${type}, ${processor.vocabSize} pieces: ${megabytes.toFixed(1)} MB, ${lines.length} lines, ${count} ids, all equal`,
  );
  for (const [name, seconds] of medians) {
    const ratio = name === "ours" ? "" : `ours is ${(seconds / medians.get("ours")).toFixed(2)}x as fast`;
    console.log(`  ${name.padEnd(44)}${(megabytes / seconds).toFixed(1).padStart(7)} MB/s  ${ratio}`);
  }
  python.close();
}

/** Of all ids in order. */
function digest(lists) {
  const hash = createHash("sha256");
  for (const { buffer } of lists) hash.update(new Uint8Array(buffer));
  return hash.digest("hex");
}
