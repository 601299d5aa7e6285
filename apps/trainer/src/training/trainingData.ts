/**
 * The tokens that a run trains on: its text, its tokenizer, and a fingerprint by which a resumed run knows them again.
 */

import { createHash } from "node:crypto";
import { isAbsolute, resolve } from "node:path";
import { encodeText, splitTokens, type TokenArray } from "@llm-learning/datasets";
import { type BundledBook, bundledBook, bundledBooks, readText } from "@llm-learning/datasets/node";
import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import type { TrainConfig } from "../config/trainConfig.ts";
import { withUserInput } from "../usageError.ts";

export interface TrainingData {
  readonly tokenizer: Tokenizer;
  readonly tokens: TokenArray;
  readonly trainTokens: number;
  readonly validationTokens: number;
  /** Size of the text in UTF-8. */
  readonly bytes: number;
  /** SHA-256 of the tokens and the number of kinds. */
  readonly hash: string;
}

/**
 * Reads and encodes the text of a configuration.
 *
 * @param tokenizer - Of the run that goes on. @defaultValue a new one, made from the text
 * @throws UsageError where the text cannot be read, is not text, has characters that the tokenizer lacks, or is too short.
 */
export async function loadTrainingData(config: TrainConfig, tokenizer?: Tokenizer): Promise<TrainingData> {
  return withUserInput(async () => {
    const text = await readData(config.data);
    const used = tokenizer ?? makeTokenizer(config, text);
    const tokens = encodeText(text, used);
    const { train, validation } = splitTokens(tokens, config);
    return {
      tokenizer: used,
      tokens,
      trainTokens: train.length,
      validationTokens: validation.length,
      bytes: Buffer.byteLength(text),
      hash: createHash("sha256").update(`${used.vocabSize}\n`).update(tokens).digest("hex"),
    };
  });
}

/** The text of a bundled book, or of a file or folder. @throws RangeError where there is none. */
export async function readData(data: string): Promise<string> {
  return isBundled(data) ? bundledBook(data) : readText(data);
}

/** A path of `data` that means the same from every directory; a bundled book's name stays what it is. */
export function absoluteData(data: string): string {
  return isBundled(data) || isAbsolute(data) ? data : resolve(data);
}

function isBundled(data: string): data is BundledBook {
  return (bundledBooks as readonly string[]).includes(data);
}

function makeTokenizer({ tokenizer }: TrainConfig, text: string): Tokenizer {
  return tokenizer === "char" ? CharacterTokenizer.fromText(text) : new ByteTokenizer();
}
