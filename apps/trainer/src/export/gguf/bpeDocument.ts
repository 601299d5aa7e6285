/**
 * What is read of a `tokenizer.json` with a BPE model, ours or anybody's, to write its vocabulary as GGUF.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import { z } from "zod";
import type { GgufToken } from "./ggufVocabulary.ts";

const absent = z.literal("").nullish();

const documentSchema = z.object({
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
  decoder: z.object({ type: z.string() }).nullish(),
  added_tokens: z.array(z.object({ id: z.int(), content: z.string(), special: z.boolean() })),
  model: z.object({
    type: z.literal("BPE"),
    unk_token: z.string().nullish(),
    continuing_subword_prefix: absent,
    end_of_word_suffix: absent,
    byte_fallback: z.boolean().nullish(),
    ignore_merges: z.boolean().nullish(),
    vocab: z.record(z.string(), z.int()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
});

/** A document, checked. */
export type BpeDocument = z.infer<typeof documentSchema>;

/** The document of a tokenizer; undefined where its model is no BPE. */
export function bpeDocument(tokenizer: Tokenizer): BpeDocument | undefined {
  return documentSchema.safeParse(tokenizer.toJSON()).data;
}

/** The pairs that are merged, the first to be merged first. */
export function mergesOf({ model }: BpeDocument): (readonly [string, string])[] {
  return model.merges.map((merge) => {
    if (typeof merge !== "string") return merge;
    const space = merge.indexOf(" ", 1);
    return [merge.slice(0, space), merge.slice(space + 1)];
  });
}

/** Tokens by id. Ids that the vocabulary leaves out are filled as llama.cpp's own converter does. */
export function tokensOf({ model, added_tokens: added }: BpeDocument, vocabSize: number): GgufToken[] {
  const tokens = Array.from({ length: vocabSize }, (_, id): GgufToken => ({ text: `[PAD${id}]`, type: "unused" }));
  for (const [text, id] of Object.entries(model.vocab)) tokens[id] = { text, type: "normal" };
  for (const { id, content: text, special } of added) tokens[id] = { text, type: special ? "control" : "userDefined" };
  return tokens;
}

const templateSchema = z.object({
  type: z.literal("TemplateProcessing"),
  single: z.array(
    z.union([z.object({ SpecialToken: z.object({ id: z.string() }) }), z.object({ Sequence: z.unknown() })]),
  ),
});

/** The ids of the special tokens that a document puts before and after each text. */
export function idsAround(
  { post_processor: postProcessor }: BpeDocument,
  tokens: readonly GgufToken[],
): { begin?: number | undefined; end?: number | undefined } {
  const sequence = z.object({ processors: z.array(z.unknown()) }).safeParse(postProcessor).data;
  const processors = sequence?.processors ?? [postProcessor];
  const template = processors.map((processor) => templateSchema.safeParse(processor).data).find(Boolean);
  const [first, ...others] = template?.single ?? [];
  const idOf = (part: typeof first | undefined): number | undefined => {
    if (part === undefined || !("SpecialToken" in part)) return undefined;
    const id = tokens.findIndex(({ text }) => text === part.SpecialToken.id);
    return id < 0 ? undefined : id;
  };
  return { begin: idOf(first), end: idOf(others.at(-1)) };
}
