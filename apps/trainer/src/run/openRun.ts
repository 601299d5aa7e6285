/**
 * Opens the directory of a run, of this program or of anybody's: every file in it is foreign and checked before it is used.
 */

import { readFile, stat } from "node:fs/promises";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { checkTrainConfig, type TrainConfig } from "../config/trainConfig.ts";
import { parseTokenizer } from "../tokenizer/parseTokenizer.ts";
import { inFile, UsageError } from "../usageError.ts";
import { type RunPaths, runPaths } from "./runPaths.ts";

/** A run whose configuration and tokenizer have been checked. */
export interface Run {
  readonly config: TrainConfig;
  readonly tokenizer: Tokenizer;
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
  const text = await readRunFile(paths.tokenizer, MAX_TOKENIZER_BYTES);
  const tokenizer = await inFile(paths.tokenizer, () => parseTokenizer(text));
  return { config, tokenizer, paths };
}

/** Reads a run's configuration alone. @throws UsageError as {@link openRun}. */
async function readRunConfig(root: string): Promise<TrainConfig> {
  const info = await stat(root).catch(() => undefined);
  if (info === undefined) {
    throw new UsageError(`expected a run directory, got ${JSON.stringify(root)}, which does not exist`);
  }
  if (!info.isDirectory()) {
    throw new UsageError(`expected a run directory, got ${JSON.stringify(root)}, which is a file`);
  }
  const path = runPaths(root).config;
  const text = await readRunFile(path, MAX_CONFIG_BYTES);
  return inFile(path, () => checkTrainConfig(parseJson(text)));
}

/**
 * Reads a file of a run as text.
 *
 * @throws UsageError where it is missing, too large or unreadable.
 */
async function readRunFile(path: string, maxBytes: number): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isFile()) {
    throw new UsageError(`expected a run directory with ${JSON.stringify(path)}, got none`);
  }
  if (info.size > maxBytes) {
    throw new UsageError(`expected at most ${maxBytes} bytes in ${JSON.stringify(path)}, got ${info.size}`);
  }
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new UsageError(`expected a readable ${JSON.stringify(path)}, got ${(cause as Error).message}`, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const shown = text.length <= 40 ? text : `${text.slice(0, 40)}…`;
    throw new UsageError(`expected JSON, got ${JSON.stringify(shown)}`, { cause });
  }
}
