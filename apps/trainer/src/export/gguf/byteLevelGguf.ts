/**
 * A byte-level tokenizer, of bytes or of BPE, as llama.cpp's `gpt2`.
 *
 * What cuts a text in a `tokenizer.json` is a regular expression; here it is a name out of a fixed list.
 */

import { z } from "zod";
import { type BpeDocument, idsAround, mergesOf, tokensOf } from "./bpeDocument.ts";
import { anyCut, type GgufVocabulary } from "./ggufVocabulary.ts";
import { preTokenizerName } from "./preTokenizerName.ts";

/** The vocabulary of a document whose tokens are spelled in stand-ins of bytes. */
export function byteLevelGguf(document: BpeDocument, vocabSize: number): GgufVocabulary {
  const merges = mergesOf(document);
  const warnings: string[] = [];
  const normalizer = z.object({ type: z.string() }).safeParse(document.normalizer).data;
  if (normalizer !== undefined) {
    warnings.push(`llama.cpp does without the tokenizer's normalizer (${normalizer.type})`);
  }
  let pre = anyCut;
  if (merges.length > 0) {
    const ignoreMerges = document.model.ignore_merges ?? false;
    const { name, warning } = preTokenizerName(document.pre_tokenizer, { ignoreMerges });
    pre = name;
    if (warning !== undefined) warnings.push(warning);
  }
  const tokens = tokensOf(document, vocabSize);
  return { model: "gpt2", pre, tokens, merges, ...idsAround(document, tokens), warnings };
}
