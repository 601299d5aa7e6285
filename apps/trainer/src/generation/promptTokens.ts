/**
 * The tokens that a text generation begins with.
 */

import { boundaryToken } from "@llm-learning/datasets";
import { CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { HuggingFaceTokenizer } from "../tokenizer/huggingFaceTokenizer.ts";

/** As many unknown characters are named in an error. */
const MAX_NAMED = 10;

/**
 * The token that begins every text of a model that came from elsewhere: the one that its tokenizer's file puts there, as transformers and
 * llama.cpp do. Models that were trained here have none.
 *
 * @param bosTokenId - What `config.json` says.
 */
export function beginToken(tokenizer: Tokenizer, bosTokenId: number | undefined): number | undefined {
  if (bosTokenId === undefined || !(tokenizer instanceof HuggingFaceTokenizer)) return undefined;
  return tokenizer.encode("", { addsSpecialTokens: true }).at(0) === bosTokenId ? bosTokenId : undefined;
}

/**
 * Encodes a prompt; an empty one begins like a new line.
 *
 * @param begin - The token that begins every text, if one does.
 * @returns at least one id: of "" the one that begins every text, or the line end's, in a vocabulary without it that of the end of a text, else the first.
 * @throws RangeError naming the characters that the tokenizer does not know.
 */
export function promptTokens(tokenizer: Tokenizer, prompt: string, begin?: number): Uint32Array {
  const first = begin === undefined ? [] : [begin];
  if (prompt !== "") {
    expectKnownCharacters(tokenizer, prompt, "the prompt");
    const ids = tokenizer.encode(prompt);
    if (ids.length > 0) return Uint32Array.of(...first, ...ids);
  }
  if (begin !== undefined) return Uint32Array.of(begin);
  // Some tokenizers have no token for a line end, and some pass over it.
  const ids = isUnknown(tokenizer, "\n") ? [] : tokenizer.encode("\n");
  return ids.length > 0 ? Uint32Array.from(ids) : Uint32Array.of(tokenizer.specialTokens.get("<|endoftext|>") ?? 0);
}

/**
 * Encodes the beginning of a line, where every line is a text of its own.
 *
 * @returns the boundary, which every line begins with, and the tokens of `prompt`.
 * @throws RangeError for more than one line, or naming the characters that the tokenizer does not know.
 */
export function linePromptTokens(tokenizer: Tokenizer, prompt: string, boundary: number): Uint32Array {
  if (/[\r\n]/.test(prompt)) {
    throw new RangeError(`expected the prompt to be the beginning of one line, got ${JSON.stringify(prompt)}`);
  }
  expectKnownCharacters(tokenizer, prompt, "the prompt");
  return Uint32Array.of(boundary, ...tokenizer.encode(prompt));
}

/** What stands before a text that is shorter than the model's window: the end of a text, or the line end where it is one token. */
export function padToken(tokenizer: Tokenizer, endOfText: number | undefined): number {
  if (endOfText !== undefined) return endOfText;
  try {
    return boundaryToken(tokenizer);
  } catch {
    return 0;
  }
}

/** @throws RangeError naming the characters of `text` that `tokenizer` has no token for. */
export function expectKnownCharacters(tokenizer: Tokenizer, text: string, what: string): void {
  if (!isStrict(tokenizer)) return;
  // Special tokens may be spelled with characters that are not in the vocabulary.
  let rest = text;
  for (const token of tokenizer.specialTokens.keys()) rest = rest.replaceAll(token, "");
  const unknown = [...tokenizer.unknownCharacters(rest).keys()];
  if (unknown.length === 0) return;
  const named = unknown.slice(0, MAX_NAMED).map((character) => {
    const codePoint = character.codePointAt(0) as number;
    return `${JSON.stringify(character)} (U+${codePoint.toString(16).toUpperCase().padStart(4, "0")})`;
  });
  const more = unknown.length > MAX_NAMED ? `, and ${unknown.length - MAX_NAMED} more` : "";
  throw new RangeError(
    `expected ${what} in characters that the model was trained on, got ${named.join(", ")}${more}, which its ` +
      `tokenizer of ${tokenizer.vocabSize} characters does not know`,
  );
}

function isUnknown(tokenizer: Tokenizer, text: string): boolean {
  return isStrict(tokenizer) && tokenizer.unknownCharacters(text).size > 0;
}

/** Whether text can hold what has no token at all. */
function isStrict(tokenizer: Tokenizer): tokenizer is CharacterTokenizer {
  return tokenizer instanceof CharacterTokenizer && tokenizer.unknown === undefined;
}
