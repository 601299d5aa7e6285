/**
 * Takes sentences from an iterable into a corpus: all of them, the first ones, or a random sample.
 */

import { describe } from "../../describe.ts";
import { encodeUtf8Into } from "../../utf8.ts";
import type { Pace } from "../pace.ts";
import { untilAborted } from "../untilAborted.ts";
import type { Corpus } from "./corpus.ts";
import { UNKNOWN } from "./pieceRule.ts";
import { Reservoir } from "./reservoir.ts";

/** What {@link feedSentences} goes by. */
export interface FeedOptions {
  readonly selfTestSampleSize: number;
  readonly maxSentenceLength: number;
  readonly inputSentenceSize: number;
  readonly shuffleInputSentence: boolean;
}

/** What became of the sentences. */
export interface SentenceTally {
  /** Sentences read that count. */
  read: number;
  tooLong: number;
  reserved: number;
}

const RESERVED = String.fromCodePoint(UNKNOWN);

/**
 * Feeds a corpus.
 *
 * @param sentences - Strings.
 * @param corpus - What they are added to.
 * @param tally - Counts along.
 * @param report - Called now and then.
 * @returns Sentences to test the model with.
 */
export async function feedSentences(
  sentences: Iterable<string> | AsyncIterable<string>,
  corpus: Corpus,
  options: FeedOptions,
  tally: SentenceTally,
  pace: Pace,
  report: () => void,
): Promise<string[]> {
  const { maxSentenceLength, inputSentenceSize, shuffleInputSentence } = options;
  const sample = inputSentenceSize > 0 && shuffleInputSentence ? new Reservoir(inputSentenceSize) : undefined;
  const selfTest = new Reservoir(options.selfTestSampleSize);
  let bytes = new Uint8Array(1 << 12);
  const add = (sentence: string): void => {
    if (bytes.length < 3 * sentence.length + 8) bytes = new Uint8Array(4 * sentence.length + 8);
    const length = encodeUtf8Into(sentence, bytes);
    bytes[length] = 0;
    corpus.add(bytes, length);
  };
  /** Whether to go on. */
  const take = (sentence: string): boolean => {
    if (typeof sentence !== "string") {
      throw new TypeError(`trainSentencePiece: expected sentences to be strings, got ${describe(sentence)}`);
    }
    if (sentence === "") return true;
    if (sentence.length * 3 > maxSentenceLength && byteLength(sentence) > maxSentenceLength) tally.tooLong++;
    else if (sentence.includes(RESERVED)) tally.reserved++;
    else {
      tally.read++;
      selfTest.add(sentence);
      if (sample !== undefined) sample.add(sentence);
      else add(sentence);
      return sample !== undefined || inputSentenceSize === 0 || tally.read < inputSentenceSize;
    }
    return true;
  };

  const breathe = async (): Promise<void> => {
    report();
    await pace.turn();
  };
  let untilLook = LOOK;
  if (Symbol.asyncIterator in sentences) {
    for await (const sentence of untilAborted(sentences, pace)) {
      if (!take(sentence)) break;
      if (pace.isDue) await breathe();
    }
  } else {
    for (const sentence of sentences) {
      if (!take(sentence)) break;
      if (--untilLook > 0) continue;
      untilLook = LOOK;
      if (pace.isDue) await breathe();
    }
  }
  for (const sentence of sample?.items ?? []) {
    add(sentence);
    if (--untilLook > 0) continue;
    untilLook = LOOK;
    if (pace.isDue) await breathe();
  }
  return selfTest.items;
}

/** The clock is looked at after so many sentences. */
const LOOK = 64;

/** Length in UTF-8; a lone surrogate counts as U+FFFD. */
function byteLength(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) length++;
    else if (unit < 0x800) length += 2;
    else if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      length += 4;
      i++;
    } else length += 3;
  }
  return length;
}
