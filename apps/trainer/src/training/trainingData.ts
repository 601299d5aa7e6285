/**
 * The tokens that a run trains on: its text or its lines, its tokenizer, and a fingerprint by which a resumed run knows them again.
 */

import { createHash } from "node:crypto";
import {
  boundaryToken,
  documentsOf,
  encodeDocuments,
  encodeText,
  splitTokens,
  type TokenArray,
} from "@llm-learning/datasets";
import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import type { TrainConfig } from "../config/trainConfig.ts";
import { modelKinds } from "../model/modelKinds.ts";
import { learnBpe, type LearningProgress } from "../tokenizer/learnBpe.ts";
import { readTokenizer } from "../tokenizer/readTokenizer.ts";
import { withUserInput } from "../usageError.ts";
import { splitLines } from "./splitLines.ts";
import { splitText } from "./splitText.ts";
import { readData } from "./sourceData.ts";
import { examplesOf, type TokenParts, trainingExamples } from "./trainingExamples.ts";

export interface TrainingData extends TokenParts {
  readonly tokenizer: Tokenizer;
  /** Number of examples in the training part. */
  readonly trainExamples: number;
  /** Number of lines where they are documents. */
  readonly documents: number | undefined;
  /** Size of the text in UTF-8. */
  readonly bytes: number;
  /**
   * SHA-256 of the tokens, the number of kinds, and where they are cut if that is not at the share that the configuration says.
   */
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
 * lacks, or is too short; where lines are documents, where there are too few of them or one is too long for the model.
 */
export async function loadTrainingData(config: TrainConfig, options: TrainingDataOptions = {}): Promise<TrainingData> {
  return withUserInput(async () => {
    const { onLearning, onEncoding } = options;
    const text = await readData(config.data);
    const tokenizer = options.tokenizer ?? (await tokenizerOf(config, text, onLearning));
    const bytes = Buffer.byteLength(text);
    onEncoding?.(bytes);
    const { hash, documents, ...parts } = config.lines
      ? encodeLines(text, tokenizer, config)
      : encodeParts(text, tokenizer, config);
    const form = { predicts: modelKinds[config.model].predicts, blockSize: config.blockSize };
    // A line of the test part that is too long would be found out only after the training.
    if (config.lines) examplesOf(parts.tokens, { ...form, boundary: parts.boundary });
    const { train } = trainingExamples(parts, form);
    return { tokenizer, ...parts, documents, trainExamples: train.size, bytes, hash };
  });
}

type Encoded = TokenParts & { readonly hash: string; readonly documents: number | undefined };

/** The tokens of a text whose two parts are encoded apart: none of them holds text of both. */
function encodeParts(text: string, tokenizer: Tokenizer, config: TrainConfig): Encoded {
  const [train, rest] = splitText(text, config.validationFraction).map((part) => encodeText(part, tokenizer));
  const tokens = joined([train, rest]);
  const trainTokens = train.length;
  const { validation } = splitTokens(tokens, { ...config, trainLength: trainTokens });
  const hash = createHash("sha256").update(`${tokenizer.vocabSize}\n`).update(tokens);
  if (trainTokens !== splitTokens(tokens, config).train.length) hash.update(`\n${trainTokens}`);
  return {
    tokens,
    trainTokens,
    validationTokens: validation.length,
    boundary: undefined,
    documents: undefined,
    hash: hash.digest("hex"),
  };
}

/** The tokens of lines, shuffled and split, each by itself. */
function encodeLines(text: string, tokenizer: Tokenizer, config: TrainConfig): Encoded {
  const split = splitLines(text, config);
  const [train, validation, test] = [split.train, split.validation, split.test].map((lines) =>
    encodeDocuments(lines, tokenizer),
  );
  const tokens = joined([train, validation, test]);
  const boundary = boundaryToken(tokenizer);
  const cuts = `\nlines ${boundary} ${train.length} ${validation.length}`;
  const hash = createHash("sha256").update(`${tokenizer.vocabSize}\n`).update(tokens).update(cuts);
  return {
    tokens,
    trainTokens: train.length,
    validationTokens: validation.length,
    boundary,
    documents: split.train.length + split.validation.length + split.test.length,
    hash: hash.digest("hex"),
  };
}

function joined(parts: readonly TokenArray[]): TokenArray {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const tokens = parts[0] instanceof Uint16Array ? new Uint16Array(length) : new Uint32Array(length);
  let at = 0;
  for (const part of parts) {
    tokens.set(part, at);
    at += part.length;
  }
  return tokens;
}

async function tokenizerOf(config: TrainConfig, text: string, onProgress?: LearningProgress): Promise<Tokenizer> {
  const { tokenizer, vocabSize, validationFraction } = config;
  switch (tokenizer) {
    case "char":
      // The line end of a Windows file is no character of its lines.
      return CharacterTokenizer.fromText(config.lines ? `${documentsOf(text).join("\n")}\n` : text);
    case "byte":
      return new ByteTokenizer();
    case "bpe": {
      // What is validated on must not decide what a token is.
      const train = config.lines ? splitLines(text, config).train.join("\n") : splitText(text, validationFraction)[0];
      return learnBpe(train, vocabSize as number, onProgress);
    }
    default:
      return readTokenizer(tokenizer);
  }
}
