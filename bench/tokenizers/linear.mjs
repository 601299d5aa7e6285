// The worst texts that there are for BPE, each one piece or nearly so: what a character costs at 1 MB against what it costs at 10 KB.
//
// Usage: node bench/tokenizers/linear.mjs [--encodings cl100k_base,o200k_base] [--rounds 7]

import { parseArgs } from "node:util";
import { getEncoding } from "@llm-learning/tokenizers/tiktoken";
import { interleaved, timed } from "./interleaved.mjs";

const { values } = parseArgs({
  options: {
    encodings: { type: "string", default: "cl100k_base,o200k_base" },
    rounds: { type: "string", default: "7" },
  },
});
const SHORT = 10_000;
const LONG = 1_000_000;
let state = 1;
const letters = Array.from({ length: LONG }, () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return String.fromCharCode(97 + ((state >>> 16) % 26));
}).join("");
const texts = {
  a: "a".repeat(LONG),
  spaces: " ".repeat(LONG),
  newlines: "\n".repeat(LONG),
  "random letters": letters,
  "Han characters": "语言模型".repeat(LONG / 4),
  emoji: "😀👩🏽".repeat(LONG / 6),
};

console.log(`Node ${process.version}; medians of ${values.rounds} interleaved rounds; ns per character`);
for (const name of values.encodings.split(",")) {
  const encoding = await getEncoding(name);
  for (const [text, long] of Object.entries(texts)) {
    // As many characters in both: a hundred short texts, each with another first character so that none is known from before.
    const shorts = Array.from({ length: 100 }, (_, at) => String.fromCharCode(0x4e00 + at) + long.slice(0, SHORT));
    const medians = await interleaved(
      [
        {
          name: "short",
          run: () => timed(() => shorts.forEach((short) => encoding.encodeOrdinary(short))) / (100 * SHORT),
        },
        { name: "long", run: () => timed(() => encoding.encodeOrdinary(long)) / long.length },
      ],
      Number(values.rounds),
    );
    const [short, whole] = [medians.get("short") * 1e9, medians.get("long") * 1e9];
    console.log(
      `${name.padEnd(12)} ${text.padEnd(15)} 10 KB ${short.toFixed(1).padStart(7)}   1 MB ${whole.toFixed(1).padStart(7)}   ratio ${(whole / short).toFixed(2)}`,
    );
  }
}
