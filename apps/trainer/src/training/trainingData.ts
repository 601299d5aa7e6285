/**
 * The tokens that a run trains on: its text, its tokenizer, and a fingerprint by which a resumed run knows them again.
 */

import { createHash } from "node:crypto";
import { isAbsolute, resolve } from "node:path";
import { encodeText, splitTokens, type TokenArray } from "@llm-learning/datasets";
import { type BundledBook, bundledBook, bundledBooks, readText } from "@llm-learning/datasets/node";
import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import type { TrainConfig } from "../config/trainConfig.ts";
import { learnBpe, type LearningProgress } from "../tokenizer/learnBpe.ts";
import { readTokenizer } from "../tokenizer/readTokenizer.ts";
import { withUserInput } from "../usageError.ts";
import { splitText } from "./splitText.ts";

export interface TrainingData {
  readonly tokenizer: Tokenizer;
  readonly tokens: TokenArray;
  /** How many of the tokens, from the first on, are trained on; the rest validates. */
  readonly trainTokens: number;
  readonly validationTokens: number;
  /** Size of the text in UTF-8. */
  readonly bytes: number;
  /** SHA-256 of the tokens, the number of kinds, and where they are cut if that is not at the share that the configuration says. */
  readonly hash: string;
}

export interface TrainingDataOptions {
  /** Of the run that goes on. @defaultValue the configuration's, made from the text, or read */
  readonly tokenizer?: Tokenizer | undefined;
  /** Told how far the training of a tokenizer is. */
  readonly onLearning?: LearningProgress | undefined;
  /** Told the size of the text in bytes before it is encoded, which takes a while where there is much. */
  readonly onEncoding?: ((bytes: number) => void) | undefined;
}

/**
 * Reads and encodes the text of a configuration.
 *
 * @throws UsageError where the text or the tokenizer cannot be read, the text is not text, has characters that the tokenizer
 * lacks, or is too short.
 */
export async function loadTrainingData(
  config: TrainConfig,
  { tokenizer, onLearning, onEncoding }: TrainingDataOptions = {},
): Promise<TrainingData> {
  return withUserInput(async () => {
    const text = await readData(config.data);
    const used = tokenizer ?? (await tokenizerOf(config, text, onLearning));
    const bytes = Buffer.byteLength(text);
    onEncoding?.(bytes);
    const { tokens, trainTokens } = encodeParts(text, used, config.validationFraction);
    const { validation } = splitTokens(tokens, { ...config, trainLength: trainTokens });
    const hash = createHash("sha256").update(`${used.vocabSize}\n`).update(tokens);
    if (trainTokens !== splitTokens(tokens, config).train.length) hash.update(`\n${trainTokens}`);
    return {
      tokenizer: used,
      tokens,
      trainTokens,
      validationTokens: validation.length,
      bytes,
      hash: hash.digest("hex"),
    };
  });
}

/** The tokens of a text whose two parts are encoded apart: none of them holds text of both. */
function encodeParts(
  text: string,
  tokenizer: Tokenizer,
  validationFraction: number,
): { tokens: TokenArray; trainTokens: number } {
  const [train, validation] = splitText(text, validationFraction).map((part) => encodeText(part, tokenizer));
  const length = train.length + validation.length;
  const tokens = train instanceof Uint16Array ? new Uint16Array(length) : new Uint32Array(length);
  tokens.set(train);
  tokens.set(validation, train.length);
  return { tokens, trainTokens: train.length };
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

async function tokenizerOf(config: TrainConfig, text: string, onProgress?: LearningProgress): Promise<Tokenizer> {
  const { tokenizer, vocabSize, validationFraction } = config;
  switch (tokenizer) {
    case "char":
      return CharacterTokenizer.fromText(text);
    case "byte":
      return new ByteTokenizer();
    case "bpe":
      // What is validated on must not decide what a token is.
      return learnBpe(splitText(text, validationFraction)[0], vocabSize as number, onProgress);
    default:
      return readTokenizer(tokenizer);
  }
}
