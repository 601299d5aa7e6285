/**
 * Tokens as answers show them: their bytes, and a spelling that is text also where they are half a character.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes that a token adds to a text; none for ids that a model has beyond its vocabulary. */
export function shownBytes(tokenizer: Tokenizer, token: number): Uint8Array {
  if (token >= tokenizer.vocabSize) return new Uint8Array();
  try {
    return tokenizer.tokenBytes(token);
  } catch (error) {
    // Where the text of a token depends on its neighbours, it is shown as if it had none.
    if (error instanceof RangeError) return Buffer.from(tokenizer.decode([token]));
    throw error;
  }
}

/** The text of a token, or its bytes as `\xe2\x82` where these are no text by themselves. */
export function shownText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  }
}

/** As {@link shownText}, with `bytes:` before bytes, as in the legacy completions of OpenAI. */
export function legacyText(bytes: Uint8Array): string {
  const text = shownText(bytes);
  return /^(\\x[0-9a-f]{2})+$/.test(text) && text.length === 4 * bytes.length ? `bytes:${text}` : text;
}

/** JSON has no infinities: the log-probability of what cannot be is -9999, as vLLM writes it. */
export function shownLogprob(logprob: number): number {
  return Math.max(logprob, -9999);
}
