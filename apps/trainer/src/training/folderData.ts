/**
 * The tokens of a configuration whose data is a folder of token shards, and the tokenizer that says what they mean.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import type { TrainConfig } from "../config/trainConfig.ts";
import { mixtureOf } from "../data/dataMixture.ts";
import { expectTokenizerOf, findTokenFolder, lookAtFiles, type TokenFolder } from "../data/tokenFolder.ts";
import { UsageError } from "../usageError.ts";
import type { TokenFilePlace } from "./tokenParts.ts";
import type { LoadedSource } from "./trainingData.ts";

/**
 * Looks at a folder's files.
 *
 * @throws UsageError where one is missing or damaged, those of a part are too short, or the configuration asks for what tokens cannot
 * give.
 */
export function loadFolder(folder: TokenFolder, tokenizer: Tokenizer, config: TrainConfig): LoadedSource {
  if (config.lines) {
    throw new UsageError(
      `expected a text whose lines are documents, got ${JSON.stringify(folder.root)}, a folder of tokens: leave out --lines`,
    );
  }
  const splits = folder.index?.splits;
  const bytes = splits && splits.train.bytes + splits.validation.bytes;
  const { train, validation, hash } = lookAtFiles(folder, tokenizer);
  for (const [part, { files }] of Object.entries({ train, val: validation })) {
    expectExample(files, { part, root: folder.root, blockSize: config.blockSize });
  }
  return { train, validation, hash, boundary: undefined, documents: undefined, bytes, testTokens: 0 };
}

/** @throws UsageError where no file of a part holds an example, which no two files do together. */
function expectExample(
  files: readonly TokenFilePlace[],
  { part, root, blockSize }: { readonly part: string; readonly root: string; readonly blockSize: number },
): void {
  const longest = files.reduce((most, { length }) => Math.max(most, length), 0);
  if (longest > blockSize) return;
  const total = files.reduce((sum, { length }) => sum + length, 0);
  const expected = `expected at least ${blockSize + 1} tokens (blockSize ${blockSize} + 1) in`;
  const where = `the ${part} part of ${JSON.stringify(root)}`;
  throw new UsageError(
    total > blockSize
      ? `${expected} a file of ${where}, got at most ${longest}: prepare the data with a larger --shard-tokens or use a smaller blockSize`
      : `${expected} ${where}, got ${total}: use more data or a smaller blockSize`,
  );
}

/**
 * @param tokenizer - Before it is there, only its name is looked at.
 * @throws UsageError where the configuration's tokenizer is made from a text, or is not the one that the folder was prepared with.
 */
export function expectFolderTokenizer(folder: TokenFolder, config: TrainConfig, tokenizer?: Tokenizer): void {
  const { tokenizer: name } = config;
  if (name === "char" || name === "bpe") {
    const kind = { char: "made", bpe: "learned" }[name];
    throw new UsageError(
      `expected the tokenizer of the tokens in ${JSON.stringify(folder.root)} as --tokenizer, a file or the name of an encoding such as ` +
        `gpt2, got ${name}, which is ${kind} from a text`,
    );
  }
  if (tokenizer !== undefined) expectTokenizerOf(folder, tokenizer);
}

/** The tokenizer that a folder of token shards brings with it, of a mixture the first of them; nothing where there is none. */
export async function ownTokenizer({ data }: Partial<TrainConfig>): Promise<Pick<Partial<TrainConfig>, "tokenizer">> {
  for (const { data: path } of data === undefined ? [] : mixtureOf(data)) {
    const folder = await findTokenFolder(path);
    if (folder?.index !== undefined) return { tokenizer: folder.root };
  }
  return {};
}
