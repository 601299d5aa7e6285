/**
 * Turns texts and documents into a folder of token shards, of any size: memory holds a piece of text and a piece of a file at a time.
 *
 *     train.bin  val.bin    ids of 16 or 32 bits, little-endian, as nanoGPT writes them; of several files train-00001.bin and so on
 *     tokenizer.json        the tokenizer
 *     index.json            what the files are: see tokenIndex.ts
 *
 * The folder is written under another name beside its place, and is there at the end as a whole or not at all.
 */

import { join } from "node:path";
import { writeFileAtomic } from "@llm-learning/datasets/node";
import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { readTokenizer } from "../tokenizer/readTokenizer.ts";
import { UsageError, withUserInput } from "../usageError.ts";
import { collectCharacters } from "./collectCharacters.ts";
import { type DataInputs, findInputs } from "./dataInputs.ts";
import { endOfTextOf } from "./endOfText.ts";
import { inNewDirectory } from "./newDirectory.ts";
import { prepareDocuments } from "./prepareDocuments.ts";
import { countText, prepareTexts } from "./prepareTexts.ts";
import { SplitWriter } from "./splitWriter.ts";
import { formatTokenIndex, INDEX_FILE, type TokenIndex, tokenizerHash } from "./tokenIndex.ts";

export interface PrepareDataOptions {
  /** Files, folders, and names of bundled data. */
  readonly inputs: readonly string[];
  /** The folder: new or empty, not the working directory. */
  readonly out: string;
  /** `char`, `byte`, the name of an encoding, or a tokenizer file. */
  readonly tokenizer: string;
  /** Of JSONL and Parquet, the field that holds the text. @defaultValue "text" */
  readonly field?: string | undefined;
  /** Share to validate with: of texts the end, of documents those that the seed draws. @defaultValue 0.1 */
  readonly validationFraction?: number | undefined;
  /** Draws the documents that validate. @defaultValue 42 */
  readonly seed?: number | undefined;
  /** Most tokens of a file. @defaultValue all, in one file for each part */
  readonly shardTokens?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told how far the work is, in bytes, and how many tokens were written. */
  readonly onProgress?: ((progress: PrepareProgress) => void) | undefined;
}

export interface PrepareProgress {
  /** "look": the inputs are read to be counted. "encode": tokens are written. */
  readonly phase: "look" | "encode";
  readonly bytes: number;
  readonly of: number;
  readonly tokens: number;
}

export interface PreparedData {
  readonly out: string;
  readonly index: TokenIndex;
}

/**
 * Prepares data.
 *
 * @throws UsageError where an input or the tokenizer is missing or damaged, there is too little for two parts, or the folder holds
 * anything; the reason of `signal` once it is aborted. Nothing is left then.
 */
export async function prepareData(options: PrepareDataOptions): Promise<PreparedData> {
  const { out, tokenizer: name, field = "text" } = options;
  return inNewDirectory(out, async (folder) => {
    const found = await findInputs(options.inputs, field);
    const progress = progressOf(found, options);
    const tokenizer = await tokenizerNamed(name, found, progress("look"));
    const dtype = tokenizer.vocabSize <= 2 ** 16 ? "uint16" : "uint32";
    const [train, validation] = ["train", "val"].map(
      (part) => new SplitWriter({ folder, name: part, dtype, shardTokens: options.shardTokens }),
    );
    try {
      await withUserInput(() => encodeInto({ train, validation }, { found, tokenizer, options, progress }));
      const splits = { train: await train.finish(), validation: await validation.finish() };
      const index = indexOf(splits, { found, tokenizer, name, dtype });
      await writeFileAtomic(join(folder, "tokenizer.json"), `${JSON.stringify(tokenizer.toJSON(), null, 2)}\n`);
      await writeFileAtomic(join(folder, INDEX_FILE), formatTokenIndex(index));
      options.signal?.throwIfAborted();
      return { out, index };
    } finally {
      await train.abort();
      await validation.abort();
    }
  });
}

type Writers = Readonly<Record<"train" | "validation", SplitWriter>>;

interface Work {
  readonly found: DataInputs;
  readonly tokenizer: Tokenizer;
  readonly options: PrepareDataOptions;
  readonly progress: ReturnType<typeof progressOf>;
}

async function encodeInto(writers: Writers, { found, tokenizer, options, progress }: Work): Promise<void> {
  const { validationFraction = 0.1, seed = 42 } = options;
  const endOfText = endOfTextOf(tokenizer);
  const { train, validation } = writers;
  const onRead = progress("encode", () => train.tokens + validation.tokens);
  const target = { train, validation, tokenizer, validationFraction };
  if (found.areDocuments) {
    await prepareDocuments(found.inputs, { ...target, endOfText, seed, onRead });
    return;
  }
  const characters = await countText(found.inputs, { endOfText, onRead: progress("look") });
  await prepareTexts(found.inputs, { ...target, characters }, { endOfText, onRead });
}

/** The tokenizer; one of characters is made of all that there are. */
async function tokenizerNamed(name: string, found: DataInputs, onRead: (bytes: number) => void): Promise<Tokenizer> {
  if (name === "byte") return new ByteTokenizer();
  if (name === "char") return CharacterTokenizer.fromCharacters(await collectCharacters(found, onRead));
  if (name !== "bpe") return readTokenizer(name, ["char", "byte"]);
  throw new UsageError(
    "expected char, byte, the name of an encoding or a tokenizer file, got bpe: learn it first, with `tokenizer train`, and give its file",
  );
}

/** What is told of each phase, and where work is given up. */
function progressOf(
  { inputs }: DataInputs,
  { signal, onProgress }: PrepareDataOptions,
): (phase: PrepareProgress["phase"], tokens?: () => number) => (bytes: number) => void {
  const of = inputs.reduce((sum, { size }) => sum + size, 0);
  return (phase, tokens = () => 0) => {
    return (bytes) => {
      signal?.throwIfAborted();
      onProgress?.({ phase, bytes, of, tokens: tokens() });
    };
  };
}

function indexOf(
  { train, validation }: Readonly<Record<"train" | "validation", Awaited<ReturnType<SplitWriter["finish"]>>>>,
  { found, tokenizer, name, dtype }: Pick<Work, "found" | "tokenizer"> & Pick<TokenIndex, "dtype"> & { name: string },
): TokenIndex {
  if (train === undefined || validation === undefined) {
    const what = found.areDocuments ? "documents" : "characters";
    const got = [train, validation].map((split) => (split === undefined ? "none" : "some")).join(" and ");
    throw new UsageError(
      `expected ${what} for a training and a validation part, got ${got}: use more of them or another --validation-fraction`,
    );
  }
  return {
    format: "llm-learning-tokens",
    version: 1,
    dtype,
    tokenizer: { name, vocabSize: tokenizer.vocabSize, hash: tokenizerHash(tokenizer.toJSON()) },
    endOfText: endOfTextOf(tokenizer) ?? null,
    splits: { train, validation },
  };
}
