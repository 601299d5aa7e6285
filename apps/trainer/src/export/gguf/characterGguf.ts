/**
 * A vocabulary of characters as llama.cpp can have it. It has no tokenizer of characters; two of others come to the same:
 *
 * - Byte-level BPE whose only merges put the bytes of one character together, the first two, then the third, then the fourth. Their first
 *   part begins a character and their second does not, so that no merge crosses from one character into the next, however a text is cut.
 *   What a merge leaves half way needs no token.
 * - The longest token that fits (`rwkv`), where every token is one byte.
 *
 * The first makes every vocabulary have a token that ends a text: where the model has none, generation would end at some letter. So the
 * second is taken where it can be: for ASCII without special tokens. (Were only the first byte of a character no token, it would never
 * end.) It needs an unknown token, or what is not in the vocabulary becomes a token that does not exist, which ends the program.
 */

import type { CharacterTokenizer } from "@llm-learning/tokenizers";
import { anyCut, byteSymbolsOf, type GgufToken, type GgufVocabulary } from "./ggufVocabulary.ts";

/**
 * @param end - The token that ends a text, where the model has one.
 */
export function characterGguf(tokenizer: CharacterTokenizer, end: number | undefined): GgufVocabulary {
  const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id));
  if (end === undefined && tokenizer.specialTokens.size === 0 && tokens.every(isAscii)) {
    const instead = [" ", "\n"].find((character) => tokens.includes(character)) ?? tokens[0];
    return {
      model: "rwkv",
      tokens: tokens.map((token) => ({ text: escaped(token), type: "normal" })),
      unknown: tokens.indexOf(instead),
      warnings: [
        `llama.cpp reads what a text has besides the ${tokens.length} characters of the vocabulary as ${JSON.stringify(instead)}`,
      ],
    };
  }
  const characters = tokens.filter((token) => isCharacter(token));
  const merges = new Map<string, readonly [string, string]>();
  for (const symbols of characters.map(byteSymbolsOf)) {
    for (let length = 1; length < symbols.length; length++) {
      const begun = symbols.slice(0, length).join("");
      merges.set(`${begun} ${symbols[length]}`, [begun, symbols[length]]);
    }
  }
  const { unknown } = tokenizer;
  const instead = unknown === undefined ? "" : `, where ours writes ${JSON.stringify(unknown)}`;
  return {
    model: "gpt2",
    pre: anyCut,
    tokens: tokens.map((token): GgufToken => {
      if (token === unknown && !isCharacter(token)) return { text: token, type: "unknown" };
      return isCharacter(token)
        ? { text: byteSymbolsOf(token).join(""), type: "normal" }
        : { text: token, type: "control" };
    }),
    merges: [...merges.values()],
    unknown: unknown === undefined ? undefined : tokenizer.tokenToId(unknown),
    warnings: [
      `llama.cpp leaves out what a text has besides the ${characters.length} characters of the vocabulary${instead}`,
    ],
  };
}

function isCharacter(token: string): boolean {
  return [...token].length === 1;
}

function isAscii(token: string): boolean {
  return token.length === 1 && token.charCodeAt(0) < 128;
}

/** As `rwkv` spells bytes: those that are not visible, and the backslash, behind a backslash. */
function escaped(character: string): string {
  const code = character.charCodeAt(0);
  if (character === "\\") return "\\\\";
  return code < 32 || code === 127 ? `\\x${code.toString(16).padStart(2, "0")}` : character;
}
