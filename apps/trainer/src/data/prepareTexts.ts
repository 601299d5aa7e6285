/**
 * Turns texts into tokens: all of them are one long text, whose last characters are the validation part, as `train` cuts a text. It is
 * read twice, since where to cut is known at its end only.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import { countCharacters, indexAfter } from "../training/splitText.ts";
import { UsageError } from "../usageError.ts";
import type { DataInput } from "./dataInputs.ts";
import type { EndOfText } from "./endOfText.ts";
import { joinedTexts } from "./joinedTexts.ts";
import { Pieces } from "./pieces.ts";
import type { SplitWriter } from "./splitWriter.ts";

export interface PrepareTextsOptions {
  /** What parts texts; undefined where a blank line does. */
  readonly endOfText: EndOfText | undefined;
  readonly onRead: (bytes: number) => void;
}

/** Number of characters (code points) of all texts, what parts them included. */
export async function countText(inputs: readonly DataInput[], options: PrepareTextsOptions): Promise<number> {
  let count = 0;
  const { endOfText, onRead } = options;
  for await (const part of joinedTexts(inputs, { tellsEnds: endOfText !== undefined, onRead })) {
    if (part !== undefined) count += countCharacters(part);
  }
  return count;
}

/** Where texts go. */
export interface TextTarget {
  readonly train: SplitWriter;
  readonly validation: SplitWriter;
  readonly tokenizer: Tokenizer;
  /** Characters of all texts. */
  readonly characters: number;
  /** Share of them that validates. */
  readonly validationFraction: number;
}

/**
 * Encodes the texts.
 *
 * @throws UsageError where they are not what they were when they were counted.
 */
export async function prepareTexts(
  inputs: readonly DataInput[],
  { train, validation, tokenizer, characters, validationFraction }: TextTarget,
  { endOfText, onRead }: PrepareTextsOptions,
): Promise<void> {
  const pieces = new Pieces(tokenizer);
  const write = async (writer: SplitWriter, piece: string | undefined): Promise<void> => {
    if (piece !== undefined && piece !== "") await writer.write(tokenizer.encode(piece), Buffer.byteLength(piece));
  };
  let writer = train;
  const cut = Math.floor((1 - validationFraction) * characters);
  let count = 0;
  for await (const part of joinedTexts(inputs, { tellsEnds: endOfText !== undefined, onRead })) {
    if (part === undefined) {
      await write(writer, pieces.end());
      if (endOfText !== undefined) await writer.write(Uint32Array.of(endOfText.id), 0);
      writer.endDocument();
      continue;
    }
    const length = countCharacters(part);
    let rest = part;
    if (writer === train && count + length > cut) {
      const at = indexAfter(part, cut - count);
      await write(writer, pieces.push(part.slice(0, at)));
      await write(writer, pieces.end());
      writer = validation;
      rest = part.slice(at);
    }
    count += length;
    await write(writer, pieces.push(rest));
  }
  await write(writer, pieces.end());
  writer.endDocument();
  if (count !== characters) {
    throw new UsageError(
      `expected texts that nobody changes, got ${characters} characters when they were counted and ${count} when they were encoded`,
    );
  }
}
