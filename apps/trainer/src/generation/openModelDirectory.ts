/**
 * Opens a model directory for generation. Every file in it may come from anywhere and is checked before it is used.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { TokenGenerator } from "@llm-learning/onnx";
import { openTokenGenerator } from "@llm-learning/onnx/node";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { z } from "zod";
import { expectDirectory, parseJson, readTextIn } from "../foreignDirectory.ts";
import { parseTokenizer } from "../tokenizer/parseTokenizer.ts";
import { inFile, UsageError } from "../usageError.ts";
import { beginToken, padToken } from "./promptTokens.ts";

export interface OpenModel {
  readonly generator: TokenGenerator;
  readonly tokenizer: Tokenizer;
  /** The token that ends a text, if the model has one. */
  readonly endOfText: number | undefined;
  /** It and the others that end a text, where a model has several. */
  readonly stopIds: readonly number[];
  /** The token that begins every text, if one does. */
  readonly begin?: number | undefined;
  /** Whether every line is a text of its own, which the end of a text begins and ends. */
  readonly lines: boolean;
  /** Optimizer steps behind the weights, where the directory says so. */
  readonly step: number | undefined;
}

/** Far above what such files hold, far below what could hurt to parse. */
const MAX_CONFIG_BYTES = 1 << 20;
const MAX_TOKENIZER_BYTES = 1 << 26;

/** What is read of `config.json`; other keys are other readers'. */
const configSchema = z.object({
  model_type: z.string("a string"),
  vocab_size: z.int("an integer").min(1, "an integer >= 1"),
  bos_token_id: z.int("an integer or null").min(0, "an integer >= 0").nullish(),
  eos_token_id: z
    .union([z.int().min(0), z.array(z.int().min(0)).max(1000)], "an integer or null, or several integers >= 0")
    .nullish(),
  llm_learning: z
    .object({ step: z.int("an integer").optional(), lines: z.boolean("true or false").optional() }, "an object")
    .optional(),
});

/**
 * Reads a model directory and opens its ONNX model on ONNX Runtime.
 *
 * @throws UsageError where the directory or a file is missing, damaged, or at odds with another.
 */
export async function openModelDirectory(
  directory: string,
  { threads }: { threads?: number | undefined } = {},
): Promise<OpenModel> {
  await expectDirectory("model", directory);
  const configPath = join(directory, "config.json");
  const configText = await readTextIn("model", configPath, MAX_CONFIG_BYTES);
  const config = await inFile(configPath, () => parseConfig(configText));
  const tokenizerPath = join(directory, "tokenizer.json");
  const tokenizerText = await readTextIn("model", tokenizerPath, MAX_TOKENIZER_BYTES);
  const tokenizer = await inFile(tokenizerPath, () => parseTokenizer(tokenizerText));
  expectVocabulary(`of ${JSON.stringify(configPath)}`, config.vocab_size, tokenizer);
  const stopIds = [config.eos_token_id ?? []].flat();
  const beyond = stopIds.find((id) => id >= tokenizer.vocabSize);
  if (beyond !== undefined) {
    throw new UsageError(`expected eos_token_id below ${tokenizer.vocabSize}, got ${beyond} (in ${configPath})`);
  }
  const endOfText = stopIds.at(0);
  const onnxPath = join(directory, "onnx", "model.onnx");
  const lines = config.llm_learning?.lines ?? false;
  if (lines && endOfText === undefined) {
    throw new UsageError(`expected eos_token_id, the end of a line, got none (in ${configPath})`);
  }
  const padId = padToken(tokenizer, endOfText);
  const generator = await openOnnx(onnxPath, { threads, padId });
  try {
    expectVocabulary(`of ${JSON.stringify(onnxPath)}`, generator.vocabSize, tokenizer);
  } catch (error) {
    await generator.dispose();
    throw error;
  }
  const begin = beginToken(tokenizer, config.bos_token_id ?? undefined);
  return { generator, tokenizer, endOfText, stopIds, begin, lines, step: config.llm_learning?.step };
}

async function openOnnx(
  path: string,
  { threads, padId }: { threads: number | undefined; padId: number },
): Promise<TokenGenerator> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) throw new UsageError(`expected a model directory with ${JSON.stringify(path)}, got none`);
  try {
    return await inFile(path, () => openTokenGenerator(path, threads === undefined ? { padId } : { padId, threads }));
  } catch (error) {
    // Without the runtime it is the installation that is at fault, not the file.
    if (error instanceof UsageError || (error as Error).message.startsWith("loadOnnxruntime:")) throw error;
    const reason = (error as Error).message.replace(/\s+/g, " ").slice(0, 300);
    throw new UsageError(`expected a model that ONNX Runtime can open, got ${JSON.stringify(path)}: ${reason}`, {
      cause: error,
    });
  }
}

function parseConfig(text: string): z.infer<typeof configSchema> {
  const result = configSchema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  if (path.length === 0) throw new UsageError("expected the configuration of a model, got no object");
  throw new UsageError(`expected ${path.join(".")} to be ${message}`);
}

function expectVocabulary(where: string, size: number, tokenizer: Tokenizer): void {
  if (size === tokenizer.vocabSize) return;
  throw new UsageError(`expected a tokenizer of the ${size} tokens ${where}, got one of ${tokenizer.vocabSize}`);
}
