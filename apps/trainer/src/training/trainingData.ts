/**
 * The tokens that a run trains on: its text or its lines, or the files that they have been made into before, its tokenizer, and a
 * fingerprint by which a resumed run knows them again.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import type { TrainConfig } from "../config/trainConfig.ts";
import { findTokenFolder, type TokenFolder } from "../data/tokenFolder.ts";
import { modelKinds } from "../model/modelKinds.ts";
import type { LearningProgress } from "../tokenizer/learnBpe.ts";
import { withUserInput } from "../usageError.ts";
import { folderData } from "./folderData.ts";
import { readData } from "./sourceData.ts";
import { encodeData, tokenizerOf } from "./textData.ts";
import { countTokens, openParts, type TokenParts } from "./tokenParts.ts";
import { examplesOf, trainingExamples } from "./trainingExamples.ts";

export interface TrainingData extends TokenParts {
  readonly tokenizer: Tokenizer;
  /** Numbers of tokens: of each part, and of all, which may be more. */
  readonly trainTokens: number;
  readonly validationTokens: number;
  readonly allTokens: number;
  /** Number of examples in the training part. */
  readonly trainExamples: number;
  /** Number of lines where they are documents. */
  readonly documents: number | undefined;
  /** Size of the text in UTF-8; undefined of tokens whose text nobody has measured. */
  readonly bytes: number | undefined;
  /** Of the tokens; of files that are too large to be read at each start, of parts of them. */
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
 * Reads and encodes the text of a configuration, or looks at its files of tokens.
 *
 * @throws UsageError where the text or the tokenizer cannot be read, the text is not text, has characters that the tokenizer
 * lacks, or is too short; where lines are documents, where there are too few of them or one is too long for the model; where files
 * of tokens are damaged or of another tokenizer.
 */
export async function loadTrainingData(config: TrainConfig, options: TrainingDataOptions = {}): Promise<TrainingData> {
  return withUserInput(async () => {
    const folder = await findTokenFolder(config.data);
    const data = folder === undefined ? await loadText(config, options) : await loadFolder(folder, config, options);
    const trainTokens = countTokens(data.train);
    const validationTokens = countTokens(data.validation);
    const allTokens = trainTokens + validationTokens + data.testTokens;
    return { ...data, trainTokens, validationTokens, allTokens, trainExamples: countExamples(data, config) };
  });
}

type Loaded = Pick<TrainingData, "tokenizer" | "documents" | "bytes" | "hash" | keyof TokenParts> & {
  readonly testTokens: number;
};

async function loadText(config: TrainConfig, options: TrainingDataOptions): Promise<Loaded> {
  const text = await readData(config.data);
  const tokenizer = options.tokenizer ?? (await tokenizerOf(config, text, options.onLearning));
  const bytes = Buffer.byteLength(text);
  options.onEncoding?.(bytes);
  const { test, ...data } = encodeData(text, tokenizer, config);
  // A line of the test part that is too long would be found out only after the training.
  if (test !== undefined && test.length > 0) examplesOf([test], { ...formOf(config), boundary: data.boundary });
  return { ...data, tokenizer, bytes, testTokens: test?.length ?? 0 };
}

async function loadFolder(folder: TokenFolder, config: TrainConfig, options: TrainingDataOptions): Promise<Loaded> {
  const data = await folderData(folder, config, options.tokenizer);
  const splits = folder.index?.splits;
  const bytes = splits && splits.train.bytes + splits.validation.bytes;
  return { ...data, boundary: undefined, documents: undefined, bytes, testTokens: 0 };
}

/** @throws RangeError where there are none in a part. */
function countExamples(parts: TokenParts, config: TrainConfig): number {
  const open = openParts(parts);
  try {
    return trainingExamples(open, formOf(config)).train.size;
  } finally {
    open.close();
  }
}

function formOf({ model, blockSize }: TrainConfig): Parameters<typeof trainingExamples>[1] {
  return { predicts: modelKinds[model].predicts, blockSize };
}
