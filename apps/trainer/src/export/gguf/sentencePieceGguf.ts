/**
 * A BPE of SentencePiece's, as Llama 2, Mistral and Gemma have it, as llama.cpp's `llama`.
 *
 * Its tokens are spelled in characters, with "▁" for a space; what has no token is written in tokens of bytes, `<0xE2>`. Where a
 * `tokenizer.json` merges pairs by their rank, llama.cpp merges any two neighbours that are a token together, the best score first: the
 * same where every such pair is among the merges, and its score is less the later it comes.
 */

import { z } from "zod";
import { type BpeDocument, idsAround, mergesOf, tokensOf } from "./bpeDocument.ts";
import type { GgufToken, GgufVocabulary } from "./ggufVocabulary.ts";

const space = "\u2581";
const bytePattern = /^<0x[0-9A-F]{2}>$/;

const replacesSpaces = z.object({
  type: z.literal("Replace"),
  pattern: z.object({ String: z.literal(" ") }),
  content: z.literal(space),
});
const prepends = z.object({ type: z.literal("Prepend"), prepend: z.literal(space) });
const metaspace = z.object({
  type: z.literal("Metaspace"),
  replacement: z.literal(space),
  prepend_scheme: z.enum(["always", "first", "never"]),
  split: z.literal(false),
});
/** Gemma's, which does nothing: there is no space any more. */
const splitsAtSpaces = z.object({ type: z.literal("Split"), pattern: z.object({ String: z.literal(" ") }) });

/** The vocabulary of such a document; undefined where it is another kind. */
export function sentencePieceGguf(document: BpeDocument, vocabSize: number): GgufVocabulary | undefined {
  const { model } = document;
  const prefix = spacePrefix(document);
  if (prefix === undefined || model.byte_fallback !== true || !hasAllBytes(model.vocab)) return undefined;
  const merges = mergesOf(document);
  const ranks = new Map<string, number>();
  for (const [rank, [left, right]] of merges.entries()) {
    if (!ranks.has(left + right)) ranks.set(left + right, rank);
  }
  const tokens = tokensOf(document, vocabSize).map((token): GgufToken => {
    if (token.text === model.unk_token) return { ...token, type: "unknown" };
    return bytePattern.test(token.text) ? { ...token, type: "byte" } : token;
  });
  const warnings: string[] = [];
  if (prefix === "unless there") {
    warnings.push("llama.cpp puts a space before every text, and the tokenizer none where there is one");
  }
  if (!mergesEverything(document, merges)) {
    warnings.push("llama.cpp merges whatever makes a token, and the tokenizer does not: some ids may differ");
  }
  return {
    model: "llama",
    tokens,
    scores: tokens.map(({ text }) => -(ranks.get(text) ?? merges.length)),
    spacePrefix: prefix !== "never",
    unknown: typeof model.unk_token === "string" ? model.vocab[model.unk_token] : undefined,
    ...idsAround(document, tokens),
    warnings,
  };
}

/** Whether a text is begun with a space; undefined where the document does other things to texts. */
function spacePrefix({ normalizer, pre_tokenizer: pre }: BpeDocument): "always" | "unless there" | "never" | undefined {
  const none = pre === null || pre === undefined;
  if ((none || splitsAtSpaces.safeParse(pre).success) && replacesSpaces.safeParse(normalizer).success) return "never";
  const both = z.object({ type: z.literal("Sequence"), normalizers: z.tuple([prepends, replacesSpaces]) });
  if (none && both.safeParse(normalizer).success) return "always";
  const scheme = metaspace.safeParse(pre).data?.prepend_scheme;
  if (scheme === undefined || (normalizer !== null && normalizer !== undefined)) return undefined;
  return scheme === "never" ? "never" : "unless there";
}

function hasAllBytes(vocab: BpeDocument["model"]["vocab"]): boolean {
  return Object.keys(vocab).filter((token) => bytePattern.test(token)).length === 256;
}

/** Whether the merges have every pair of tokens that is a token together. */
function mergesEverything(
  { model: { vocab }, added_tokens: added }: BpeDocument,
  merges: readonly (readonly [string, string])[],
): boolean {
  const known = new Set(merges.map((pair) => pair.join(" ")));
  const special = new Set(added.map(({ content }) => content));
  for (const token of Object.keys(vocab)) {
    if (bytePattern.test(token) || special.has(token)) continue;
    const characters = [...token];
    for (let cut = 1; cut < characters.length; cut++) {
      const [left, right] = [characters.slice(0, cut).join(""), characters.slice(cut).join("")];
      if (Object.hasOwn(vocab, left) && Object.hasOwn(vocab, right) && !known.has(`${left} ${right}`)) return false;
    }
  }
  return true;
}
