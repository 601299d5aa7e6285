/**
 * New tokens for an existing model, such as those that mark turns of a conversation: pieces behind the last, so that all
 * ids stay as they are.
 */

import { describe, quote } from "../describe.ts";
import type { ModelProto, PieceProto } from "./modelProto.ts";

/** What added tokens are. */
export interface AddTokensOptions {
  /**
   * `"userDefined"`: their spelling in a text always gives them. `"control"`: text never gives them; they are put in by
   * id, and vanish when decoding.
   *
   * @defaultValue "userDefined"
   */
  readonly kind?: "userDefined" | "control";
}

/**
 * A model with tokens added.
 *
 * @param model - The model; it is not changed.
 * @param tokens - Their spellings.
 * @throws TypeError if they are not strings; RangeError if one is empty, ill-formed or in the model already.
 */
export function withTokens(
  model: ModelProto,
  tokens: readonly string[],
  { kind = "userDefined" }: AddTokensOptions = {},
): ModelProto {
  if (kind !== "userDefined" && kind !== "control") {
    throw new RangeError(`addTokens: expected the kind "userDefined" or "control", got ${describe(kind)}`);
  }
  if (!Array.isArray(tokens)) throw new TypeError(`addTokens: expected an array of strings, got ${describe(tokens)}`);
  const { pieces = [], trainerSpec, normalizerSpec } = model;
  // Normalized text has marks in place of spaces, and only there can a piece with a space be found.
  const marksSpaces = kind === "userDefined" && (normalizerSpec?.escapeWhitespaces ?? true);
  const ids = new Map(pieces.map(({ piece }, id) => [piece, id]));
  const added: PieceProto[] = tokens.map((token, index) => {
    if (typeof token !== "string") throw new TypeError(`addTokens: expected strings, got ${describe(token)}`);
    if (token === "" || /[\0\p{Surrogate}]/u.test(token)) {
      throw new RangeError(`addTokens: expected text without NUL and lone surrogates, got ${quote(token)}`);
    }
    const piece = marksSpaces ? token.replaceAll(" ", "\u2581") : token;
    const id = ids.get(piece);
    if (id !== undefined)
      throw new RangeError(`addTokens: expected new tokens, got ${quote(piece)}, which has id ${id}`);
    ids.set(piece, pieces.length + index);
    return { piece, score: 0, type: kind };
  });
  return {
    ...model,
    pieces: [...pieces, ...added],
    ...(trainerSpec === undefined ? {} : { trainerSpec: { ...trainerSpec, vocabSize: pieces.length + added.length } }),
  };
}
