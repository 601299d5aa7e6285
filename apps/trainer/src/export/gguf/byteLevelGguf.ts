/**
 * A byte-level tokenizer, of bytes or of BPE, as llama.cpp's `gpt2`.
 *
 * Ours and Hugging Face's are described by a `tokenizer.json`, from which everything is taken. What cuts a text there is a regular
 * expression; here it is a name out of a fixed list.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import { z } from "zod";
import { anyCut, type GgufToken, type GgufVocabulary } from "./ggufVocabulary.ts";
import { preTokenizerName } from "./preTokenizerName.ts";

const absent = z.union([z.null(), z.undefined(), z.literal(""), z.literal(false)]);

/** What a byte-level tokenizer's document has to be. */
const documentSchema = z.object({
  normalizer: z.object({ type: z.string() }).nullish(),
  pre_tokenizer: z.unknown(),
  post_processor: z.unknown(),
  decoder: z.object({ type: z.literal("ByteLevel") }),
  added_tokens: z.array(z.object({ id: z.int(), content: z.string(), special: z.boolean() })),
  model: z.object({
    type: z.literal("BPE"),
    continuing_subword_prefix: absent,
    end_of_word_suffix: absent,
    byte_fallback: absent,
    ignore_merges: z.boolean().nullish(),
    vocab: z.record(z.string(), z.int()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
});

type Document = z.infer<typeof documentSchema>;

/** @throws RangeError where it is no byte-level BPE. */
export function byteLevelGguf(tokenizer: Tokenizer): GgufVocabulary {
  const { data: document } = documentSchema.safeParse(tokenizer.toJSON());
  if (document === undefined) {
    throw new RangeError(
      "exportModel: expected a tokenizer of characters, bytes or byte-level BPE to write for llama.cpp, got another; " +
        "leave gguf out of the formats",
    );
  }
  const { model, normalizer } = document;
  const merges = model.merges.map((merge) => pair(merge));
  const warnings: string[] = [];
  if (normalizer !== undefined && normalizer !== null) {
    warnings.push(`llama.cpp does without the tokenizer's normalizer (${normalizer.type})`);
  }
  let pre = anyCut;
  if (merges.length > 0) {
    const found = preTokenizerName(document.pre_tokenizer, { ignoreMerges: model.ignore_merges ?? false });
    pre = found.name;
    if (found.warning !== undefined) warnings.push(found.warning);
  }
  const tokens = tokensOf(document, tokenizer.vocabSize);
  const around = specialsAround(document.post_processor);
  const ids = new Map(tokens.map(({ text }, id) => [text, id]));
  return {
    model: "gpt2",
    pre,
    tokens,
    merges,
    begin: around.begin === undefined ? undefined : ids.get(around.begin),
    end: around.end === undefined ? undefined : ids.get(around.end),
    warnings,
  };
}

function pair(merge: Document["model"]["merges"][number]): readonly [string, string] {
  if (typeof merge !== "string") return merge;
  const space = merge.indexOf(" ", 1);
  return [merge.slice(0, space), merge.slice(space + 1)];
}

function tokensOf({ model, added_tokens: added }: Document, vocabSize: number): GgufToken[] {
  // As llama.cpp's own converter fills the ids that a vocabulary leaves out.
  const tokens = Array.from({ length: vocabSize }, (_, id): GgufToken => ({ text: `[PAD${id}]`, type: "unused" }));
  for (const [text, id] of Object.entries(model.vocab)) tokens[id] = { text, type: "normal" };
  for (const { id, content: text, special } of added) {
    tokens[id] = { text, type: special ? "control" : "userDefined" };
  }
  return tokens;
}

const templateSchema = z.object({
  type: z.literal("TemplateProcessing"),
  single: z.array(
    z.union([z.object({ SpecialToken: z.object({ id: z.string() }) }), z.object({ Sequence: z.unknown() })]),
  ),
});

/** The special tokens that a document puts before and after each text. */
function specialsAround(postProcessor: unknown): { begin?: string | undefined; end?: string | undefined } {
  const sequence = z.object({ processors: z.array(z.unknown()) }).safeParse(postProcessor).data;
  const processors = sequence?.processors ?? [postProcessor];
  const template = processors.map((processor) => templateSchema.safeParse(processor).data).find(Boolean);
  const parts = template?.single.map((part) => ("SpecialToken" in part ? part.SpecialToken.id : undefined)) ?? [];
  return parts.length > 1 ? { begin: parts[0], end: parts.at(-1) } : {};
}
