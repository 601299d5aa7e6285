/**
 * The regular expressions that byte-level tokenizers of language models cut text by, for each of which there is a splitter written by hand.
 */

import { kernelPatterns } from "../bpe/kernel.ts";
import { wordStarts } from "./asciiWords.ts";
import {
  createCl100kSplitter,
  createO200kSplitter,
  createR50kSplitter,
  createSingleDigitSplitter,
  joiningSpaceAtEnd,
  type Splitting,
} from "./byteSplitter.ts";

/** The pattern of GPT-2, which the component `ByteLevel` has built in. */
export const gpt2Pattern: string = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

const contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const upper = String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const lower = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const cl100k = (numbers: string): string =>
  `${contraction}|${String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`}|${numbers}|${String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`}`;
const gpt2 = {
  createSplitter: createR50kSplitter,
  words: {
    starts: wordStarts((character) => character === " "),
    cased: false,
    kernelPattern: kernelPatterns.r50k,
  },
};
const words = wordStarts((character) => !/[\d\r\n']/.test(character));

/** As GPT-2, Llama 3, Qwen 2 and GPT-4o spell them, and tiktoken where it does so in another way. */
const known: ReadonlyMap<string, Splitting> = new Map<string, Splitting>([
  [gpt2Pattern, gpt2],
  [String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s`, gpt2],
  [
    String.raw`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`,
    {
      createSplitter: () => joiningSpaceAtEnd(createCl100kSplitter()),
      words: { starts: words, cased: false },
    },
  ],
  [
    cl100k(String.raw`\p{N}{1,3}`),
    {
      createSplitter: createCl100kSplitter,
      words: { starts: words, cased: false, kernelPattern: kernelPatterns.cl100k },
    },
  ],
  [
    cl100k(String.raw`\p{N}`),
    {
      createSplitter: createSingleDigitSplitter,
      words: { starts: words, cased: false, kernelPattern: kernelPatterns.singleDigit },
    },
  ],
  [
    `${upper}*${lower}+${contraction}?|${upper}+${lower}*${contraction}?|${String.raw`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`}`,
    {
      createSplitter: createO200kSplitter,
      words: {
        starts: wordStarts((character) => !/[\d\r\n]/.test(character)),
        cased: true,
        kernelPattern: kernelPatterns.o200k,
      },
    },
  ],
]);

/** The splitter for a regular expression, if it is a known one. */
export function knownSplitting(regex: string): Splitting | undefined {
  return known.get(regex);
}
