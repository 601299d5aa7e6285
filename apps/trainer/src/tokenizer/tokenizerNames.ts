/**
 * What `--tokenizer` may say: a kind of tokenizer that is made from the text, the name of an encoding of OpenAI's, or a path.
 */

import { isAbsolute, resolve } from "node:path";
import { encodingNameForModel, type EncodingName, listEncodingNames } from "@llm-learning/tokenizers/tiktoken";

/** Kinds of tokenizers that are made from the training text. */
export const tokenizerKinds = ["char", "byte", "bpe"] as const;

export type TokenizerKind = (typeof tokenizerKinds)[number];

export function isTokenizerKind(name: string): name is TokenizerKind {
  return (tokenizerKinds as readonly string[]).includes(name);
}

/** The encoding that a name means: its own, or that of one of OpenAI's models; undefined where it is neither. */
export function encodingNamed(name: string): EncodingName | undefined {
  const known = listEncodingNames().find((encoding) => encoding === name);
  if (known !== undefined || /[/\\]|\.(json|model|tiktoken)$/i.test(name)) return known;
  try {
    return encodingNameForModel(name);
  } catch {
    return undefined;
  }
}

/** A path that means the same from every directory; names stay what they are. */
export function absoluteTokenizer(source: string): string {
  const isName = isTokenizerKind(source) || encodingNamed(source) !== undefined;
  return isName || isAbsolute(source) ? source : resolve(source);
}
