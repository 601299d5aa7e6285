// Prints the seconds that one encoder takes for the first text of its life; its tables are loaded, and a short text went before.
//
// Usage: node bench/tokenizers/firstPass.mjs ENCODING FILE INDEX   (the index of the encoder in encoders.mjs)

import { readFileSync } from "node:fs";
import { encoders } from "./encoders.mjs";
import { timed } from "./interleaved.mjs";

const [encoding, file, index] = process.argv.slice(2);
const { encode } = (await encoders(encoding))[Number(index)];
const text = readFileSync(file, "utf8");
encode("hello world");
console.log(timed(() => encode(text)));
