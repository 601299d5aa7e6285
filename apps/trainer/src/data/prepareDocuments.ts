/**
 * Turns documents into tokens: each by itself, and behind it the token that ends a text, as nanoGPT's prepare.py does for OpenWebText.
 * Which documents validate is drawn, one after the other, from a seed.
 */

import { Rng } from "@llm-learning/init";
import type { Tokenizer } from "@llm-learning/tokenizers";
import type { DataInput } from "./dataInputs.ts";
import type { EndOfText } from "./endOfText.ts";
import type { SplitWriter } from "./splitWriter.ts";

/** What parts documents where the tokenizer has no token for it. */
export const BLANK_LINE = "\n\n";

/** Where documents go. */
export interface DocumentTarget {
  readonly train: SplitWriter;
  readonly validation: SplitWriter;
  readonly tokenizer: Tokenizer;
  readonly endOfText: EndOfText | undefined;
  /** Probability of a document to validate. */
  readonly validationFraction: number;
  /** Decides which ones do. */
  readonly seed: number;
  readonly onRead: (bytes: number) => void;
}

/** Encodes the documents, in their order; empty ones are left out. */
export async function prepareDocuments(
  inputs: readonly DataInput[],
  { train, validation, tokenizer, endOfText, validationFraction, seed, onRead }: DocumentTarget,
): Promise<void> {
  const rng = new Rng(seed);
  const end = endOfText && Uint32Array.of(endOfText.id);
  let before = 0;
  for (const { size, read } of inputs) {
    for await (const { text, bytesRead } of read()) {
      onRead(before + bytesRead);
      if (text === "") continue;
      const writer = rng.uniform() < validationFraction ? validation : train;
      const whole = end === undefined ? text + BLANK_LINE : text;
      // Whoever writes documents must not be able to end one: what looks like the token is text.
      await writer.write(tokenizer.encode(whole, { specialTokens: "text" }), Buffer.byteLength(whole));
      if (end !== undefined) await writer.write(end, 0);
      writer.endDocument();
    }
    before += size;
  }
}
