/**
 * Makes the tokenizer of a model from the text of its `tokenizer.json`: one of the library's own where the document means the same, which
 * is faster, else as Hugging Face's library would. The text can cross threads, which a tokenizer cannot.
 */

import { type Tokenizer, tokenizerFromJSON } from "@llm-learning/tokenizers";
import { UsageError } from "../usageError.ts";
import { parseJson } from "./checkedJson.ts";
import { ForeignTokenizer } from "./foreignTokenizer.ts";

/** What a tokenizer is made of. */
export interface TokenizerSource {
  /** The content of `tokenizer.json`. */
  readonly tokenizerText: string;
  /** Number of scores that the model gives. @defaultValue that of the tokens */
  readonly vocabSize?: number | undefined;
}

/**
 * Makes a tokenizer.
 *
 * @throws UsageError, TypeError or RangeError naming what is wrong with the document, or where it has tokens that the model lacks.
 */
export function tokenizerOf({ tokenizerText, vocabSize }: TokenizerSource): Tokenizer {
  const document = parseJson(tokenizerText);
  const own = ownTokenizer(document);
  if (own !== undefined && own.vocabSize === (vocabSize ?? own.vocabSize)) return own;
  if (typeof document !== "object" || document === null) {
    throw new UsageError(`expected the document of a tokenizer, got ${JSON.stringify(document)}`);
  }
  const tokenizer = new ForeignTokenizer(document, vocabSize);
  if (vocabSize === undefined || tokenizer.vocabSize === vocabSize) return tokenizer;
  throw new UsageError(
    `expected a tokenizer of the ${vocabSize} tokens of the model, got one with the id ${tokenizer.vocabSize - 1}`,
  );
}

function ownTokenizer(document: unknown): Tokenizer | undefined {
  try {
    return tokenizerFromJSON(document);
  } catch {
    return undefined;
  }
}
