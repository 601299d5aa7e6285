/**
 * The tokens of a configuration's text: of a text in two parts that are encoded apart, or of lines.
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
import { learnBpe, type LearningProgress } from "../tokenizer/learnBpe.ts";
import { splitLines } from "./splitLines.ts";
import { splitText } from "./splitText.ts";

/** Tokens in memory. */
export interface TextData {
  readonly train: TokenArray;
  readonly validation: TokenArray;
  /** Of lines, those that neither trains nor validates. */
  readonly test: TokenArray | undefined;
  readonly boundary: number | undefined;
  /** Number of lines where they are documents. */
  readonly documents: number | undefined;
  /** SHA-256 of the tokens, the number of kinds, and where they are cut if that is not at the share that the configuration says. */
  readonly hash: string;
}

/** Encodes a text or its lines. @throws RangeError where it is too short, or has characters that the tokenizer lacks. */
export function encodeData(text: string, tokenizer: Tokenizer, config: TrainConfig): TextData {
  return config.lines ? encodeLines(text, tokenizer, config) : encodeParts(text, tokenizer, config);
}

/** The tokens of a text whose two parts are encoded apart: none of them holds text of both. */
function encodeParts(text: string, tokenizer: Tokenizer, config: TrainConfig): TextData {
  const parts = splitText(text, config.validationFraction).map((part) => encodeText(part, tokenizer));
  const tokens = joined(parts);
  const { train, validation } = splitTokens(tokens, { ...config, trainLength: parts[0].length });
  const hash = createHash("sha256").update(`${tokenizer.vocabSize}\n`).update(tokens);
  if (train.length !== splitTokens(tokens, config).train.length) hash.update(`\n${train.length}`);
  return { train, validation, test: undefined, boundary: undefined, documents: undefined, hash: hash.digest("hex") };
}

/** The tokens of lines, shuffled and split, each by itself. */
function encodeLines(text: string, tokenizer: Tokenizer, config: TrainConfig): TextData {
  const split = splitLines(text, config);
  const parts = [split.train, split.validation, split.test];
  const [train, validation, test] = parts.map((lines) => encodeDocuments(lines, tokenizer));
  const boundary = boundaryToken(tokenizer);
  const hash = createHash("sha256").update(`${tokenizer.vocabSize}\n`);
  for (const tokens of [train, validation, test]) hash.update(tokens);
  hash.update(`\nlines ${boundary} ${train.length} ${validation.length}`);
  const documents = parts.reduce((sum, { length }) => sum + length, 0);
  return { train, validation, test, boundary, documents, hash: hash.digest("hex") };
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

/** The tokenizer that a configuration makes of its texts: of their characters, of bytes, or learned from their training parts. */
export async function madeTokenizer(
  config: TrainConfig,
  texts: readonly string[],
  onProgress?: LearningProgress,
): Promise<Tokenizer> {
  const { tokenizer, vocabSize, validationFraction } = config;
  if (tokenizer === "byte") return new ByteTokenizer();
  // The line end of a Windows file is no character of its lines.
  if (tokenizer === "char") {
    return CharacterTokenizer.fromText(config.lines ? texts.map((text) => `${documentsOf(text).join("\n")}\n`) : texts);
  }
  // What is validated on must not decide what a token is.
  const train = texts.map((text) =>
    config.lines ? splitLines(text, config).train.join("\n") : splitText(text, validationFraction)[0],
  );
  return learnBpe(train, vocabSize as number, onProgress);
}
