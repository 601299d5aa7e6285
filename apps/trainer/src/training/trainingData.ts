/**
 * The tokens that a run trains on: its text or its lines, or the files that they have been made into before, or several of them that are
 * mixed; its tokenizer, and a fingerprint by which a resumed run knows them again.
 */

import { createHash } from "node:crypto";
import type { Tokenizer } from "@llm-learning/tokenizers";
import type { TrainConfig } from "../config/trainConfig.ts";
import { type MixedData, mixtureOf } from "../data/dataMixture.ts";
import { findTokenFolder, type TokenFolder } from "../data/tokenFolder.ts";
import { modelKinds } from "../model/modelKinds.ts";
import type { LearningProgress } from "../tokenizer/learnBpe.ts";
import { readTokenizer } from "../tokenizer/readTokenizer.ts";
import { isTokenizerKind } from "../tokenizer/tokenizerNames.ts";
import { UsageError, withUserInput } from "../usageError.ts";
import { expectFolderTokenizer, loadFolder } from "./folderData.ts";
import { readData } from "./sourceData.ts";
import { encodeData, madeTokenizer } from "./textData.ts";
import { countTokens, openParts, type TokenParts, type TokenSource } from "./tokenParts.ts";
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
  /** Of the tokens; of files that are too large to be read at each start, of parts of them; of a mixture, of its weights too. */
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

/** A source before its tokens are known. */
interface FoundData extends MixedData {
  /** Undefined where the data is a text. */
  readonly folder: TokenFolder | undefined;
  /** The text; "" where the data is a folder of tokens. */
  readonly text: string;
}

/** What is known of a source beside its tokens. */
export interface LoadedSource extends Omit<TokenSource, "weight"> {
  readonly boundary: number | undefined;
  readonly documents: number | undefined;
  readonly bytes: number | undefined;
  /** Tokens that are in neither part. */
  readonly testTokens: number;
  readonly hash: string;
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
    const found = await Promise.all(mixtureOf(config.data).map(findData));
    if (config.lines && found.length > 1) {
      throw new UsageError("expected one text whose lines are documents, got several: leave out --lines or the others");
    }
    const tokenizer = options.tokenizer ?? (await tokenizerOf(config, found, options.onLearning));
    const textBytes = found.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    if (found.some(({ folder }) => folder === undefined)) options.onEncoding?.(textBytes);
    const loaded = found.map(({ folder, text }) =>
      folder === undefined ? loadText(text, tokenizer, config) : loadFolder(folder, tokenizer, config),
    );
    const [{ boundary, documents, hash }] = loaded;
    const sources = loaded.map(({ train, validation }, index) => ({ train, validation, weight: found[index].weight }));
    const trainTokens = sum(sources, ({ train }) => countTokens(train));
    const validationTokens = sum(sources, ({ validation }) => countTokens(validation));
    return {
      sources,
      boundary,
      documents,
      tokenizer,
      trainTokens,
      validationTokens,
      allTokens: trainTokens + validationTokens + sum(loaded, ({ testTokens }) => testTokens),
      trainExamples: countExamples({ sources, boundary }, config),
      bytes: loaded.some(({ bytes }) => bytes === undefined) ? undefined : sum(loaded, ({ bytes }) => bytes as number),
      hash: loaded.length === 1 ? hash : mixtureHash(loaded, found),
    };
  });
}

async function findData({ data, weight }: MixedData): Promise<FoundData> {
  const folder = await findTokenFolder(data);
  return { data, weight, folder, text: folder === undefined ? await readData(data) : "" };
}

/** The configuration's, made from the texts where it says so. @throws UsageError where it cannot be read, or is not a folder's */
async function tokenizerOf(
  config: TrainConfig,
  found: readonly FoundData[],
  onLearning: LearningProgress | undefined,
): Promise<Tokenizer> {
  for (const { folder } of found) if (folder !== undefined) expectFolderTokenizer(folder, config);
  const texts = found.filter(({ folder }) => folder === undefined).map(({ text }) => text);
  const { tokenizer: name } = config;
  const tokenizer = isTokenizerKind(name) ? await madeTokenizer(config, texts, onLearning) : await readTokenizer(name);
  for (const { folder } of found) if (folder !== undefined) expectFolderTokenizer(folder, config, tokenizer);
  return tokenizer;
}

function loadText(text: string, tokenizer: Tokenizer, config: TrainConfig): LoadedSource {
  const { test, ...data } = encodeData(text, tokenizer, config);
  // A line of the test part that is too long would be found out only after the training.
  if (test !== undefined && test.length > 0) examplesOf([test], { ...formOf(config), boundary: data.boundary });
  return { ...data, bytes: Buffer.byteLength(text), testTokens: test?.length ?? 0 };
}

/** @throws RangeError where there are none in a part. */
function countExamples(parts: TokenParts, config: TrainConfig): number {
  const open = openParts(parts);
  try {
    return trainingExamples(open, { ...formOf(config), order: config.order }).train.size;
  } finally {
    open.close();
  }
}

function formOf({ model, blockSize }: TrainConfig): { predicts: "every" | "last"; blockSize: number } {
  return { predicts: modelKinds[model].predicts, blockSize };
}

function mixtureHash(loaded: readonly LoadedSource[], found: readonly FoundData[]): string {
  const hash = createHash("sha256");
  for (const [index, source] of loaded.entries()) hash.update(`${found[index].weight} ${source.hash}\n`);
  return hash.digest("hex");
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
