/**
 * What llama.cpp calls the ways to cut a text before BPE, by the components of a `tokenizer.json`.
 *
 * Its list is fixed, and each name decides more: `llama-bpe` takes a piece that is a token whole, whatever the merges say. Where the list
 * has nothing, the nearest is GPT-2's.
 */

import { z } from "zod";

const contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const words = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const rest = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const upper = String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const lower = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;

/** Regular expressions as Llama 3, Qwen 2 and GPT-4o spell them in their files, ours included. */
const gpt4 = String.raw`${contraction}|${words}|\p{N}{1,3}|${rest}`;
const qwen2 = String.raw`${contraction}|${words}|\p{N}|${rest}`;
const gpt4o = String.raw`${upper}*${lower}+${contraction}?|${upper}+${lower}*${contraction}?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

const byteLevel = z.object({
  type: z.literal("ByteLevel"),
  add_prefix_space: z.literal(false),
  use_regex: z.boolean().nullish(),
});
const split = z.object({
  type: z.literal("Split"),
  behavior: z.literal("Isolated"),
  invert: z.literal(false).nullish(),
  pattern: z.object({ Regex: z.string() }),
});
const digits = z.object({ type: z.literal("Digits"), individual_digits: z.literal(true) });

export interface PreTokenizerName {
  readonly name: string;
  /** Where texts are cut otherwise, in a sentence. */
  readonly warning?: string;
}

/**
 * The name for a document's pre-tokenizer.
 *
 * @param ignoreMerges - `ignore_merges` of the document's model.
 */
export function preTokenizerName(preTokenizer: unknown, { ignoreMerges }: { ignoreMerges: boolean }): PreTokenizerName {
  const components = z.object({ pretokenizers: z.array(z.unknown()) }).safeParse(preTokenizer).data?.pretokenizers;
  const [first, second] = components?.length === 2 ? components : [undefined, preTokenizer];
  const last = byteLevel.safeParse(second).data;
  if (last === undefined) return nearest();
  const cutsItself = last.use_regex ?? true;
  if (first === undefined) return cutsItself ? { name: "gpt-2" } : nearest();
  if (digits.safeParse(first).success && cutsItself) return { name: "smollm" };
  const regex = cutsItself ? undefined : split.safeParse(first).data?.pattern.Regex;
  switch (regex) {
    case gpt4:
      return { name: ignoreMerges ? "llama-bpe" : "dbrx" };
    case qwen2:
      return { name: "qwen2" };
    case gpt4o:
      return {
        name: "gpt-4o",
        warning: "llama.cpp cuts texts as GPT-4o does in English, and may not among capitals and marks beyond ASCII",
      };
    default:
      return nearest();
  }
}

function nearest(): PreTokenizerName {
  return {
    name: "gpt-2",
    warning: "llama.cpp has no name for how the tokenizer cuts texts, and will cut them as GPT-2: some ids may differ",
  };
}
