/**
 * The tokens of a configuration whose data is a folder of token shards, and the tokenizer that says what they mean.
 */

import { ByteTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import type { TrainConfig } from "../config/trainConfig.ts";
import { expectTokenizerOf, lookAtFiles, type TokenFolder, type TokenFolderFiles } from "../data/tokenFolder.ts";
import { readTokenizer } from "../tokenizer/readTokenizer.ts";
import { UsageError } from "../usageError.ts";

export interface FolderData extends TokenFolderFiles {
  readonly tokenizer: Tokenizer;
}

/**
 * Looks at a folder's files with its tokenizer.
 *
 * @param tokenizer - Of the run that goes on. @defaultValue the configuration's
 * @throws UsageError where a file is missing or damaged, the tokenizer is not the folder's, or the configuration asks for what
 * tokens cannot give.
 */
export async function folderData(
  folder: TokenFolder,
  config: TrainConfig,
  tokenizer: Tokenizer | undefined,
): Promise<FolderData> {
  if (config.lines) {
    throw new UsageError(
      `expected a text whose lines are documents, got ${JSON.stringify(folder.root)}, a folder of tokens: leave out --lines`,
    );
  }
  const own = tokenizer ?? (await readOwn(folder, config.tokenizer));
  return { ...lookAtFiles(folder, own), tokenizer: own };
}

async function readOwn(folder: TokenFolder, name: string): Promise<Tokenizer> {
  if (name === "char" || name === "bpe") {
    const kind = { char: "made", bpe: "learned" }[name];
    throw new UsageError(
      `expected the tokenizer of the tokens in ${JSON.stringify(folder.root)} as --tokenizer, a file or the name of an encoding such as ` +
        `gpt2, got ${name}, which is ${kind} from a text`,
    );
  }
  const tokenizer = name === "byte" ? new ByteTokenizer() : await readTokenizer(name);
  expectTokenizerOf(folder, tokenizer);
  return tokenizer;
}
