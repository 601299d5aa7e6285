/**
 * Opens the directory of a run, of this program or of anybody's: every file in it is foreign and checked before it is used.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import type { TextConventions } from "../export/textConventions.ts";
import { checkTrainConfig, type TrainConfig } from "../config/trainConfig.ts";
import { expectDirectory, parseJson, readTextIn } from "../foreignDirectory.ts";
import { parseTokenizer } from "../tokenizer/parseTokenizer.ts";
import { inFile } from "../usageError.ts";
import { readConventions } from "./conventionsFile.ts";
import { type RunPaths, runPaths } from "./runPaths.ts";

/** A run whose configuration and tokenizer have been checked. */
export interface Run {
  readonly config: TrainConfig;
  readonly tokenizer: Tokenizer;
  /** What an imported model came with; undefined of one that was trained here. */
  readonly conventions?: TextConventions | undefined;
  readonly paths: RunPaths;
}

/** Far above what is ever written, and far below what could hurt to parse. */
const MAX_CONFIG_BYTES = 1 << 20;
const MAX_TOKENIZER_BYTES = 1 << 26;

/**
 * Reads a run's configuration and tokenizer.
 *
 * @param root - The run directory.
 * @throws UsageError where it is not there, is no run, or a file in it is damaged.
 */
export async function openRun(root: string): Promise<Run> {
  const paths = runPaths(root);
  const config = await readRunConfig(root);
  const text = await readTextIn("run", paths.tokenizer, MAX_TOKENIZER_BYTES);
  const tokenizer = await inFile(paths.tokenizer, () => parseTokenizer(text));
  return { config, tokenizer, paths, conventions: await readConventions(paths.conventions) };
}

/** Reads a run's configuration alone. @throws UsageError as {@link openRun}. */
async function readRunConfig(root: string): Promise<TrainConfig> {
  await expectDirectory("run", root);
  const path = runPaths(root).config;
  const text = await readTextIn("run", path, MAX_CONFIG_BYTES);
  return inFile(path, () => checkTrainConfig(parseJson(text)));
}
