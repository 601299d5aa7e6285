import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { readModelProto } from "@llm-learning/tokenizers/sentencepiece";
import type { Encoding } from "@llm-learning/tokenizers/huggingface";

/** An encoding as make_tokenizers.py records it; the parts that overflow, where there are any, come last. */
export type EncodingRecord = (readonly (number | string)[] | EncodingRecord[])[];

/** A tokenizer of Hugging Face's library, and what it encodes and decodes. */
export interface Recorded {
  readonly document: {
    readonly decoder: { readonly type: string } | null;
    readonly normalizer: { readonly type: string; precompiled_charsmap?: string } | null;
  };
  readonly cases: readonly (readonly [
    text: string,
    encoding: EncodingRecord,
    shuffled: number[],
    decoded: [plain: string, withoutSpecial: string, shuffled: string],
    streamed: string[],
  ])[];
  readonly pairs: readonly (readonly [text: string, pair: string, encoding: EncodingRecord])[];
  /** Batches with the `truncation` and `padding` of the document; null where the library refuses. */
  readonly limited: readonly (readonly [
    truncation: object,
    padding: object | null,
    addSpecialTokens: boolean,
    inputs: (string | [text: string, pair: string])[],
    encodings: EncodingRecord[] | null,
  ])[];
  readonly words: readonly (readonly [words: string[], encoding: EncodingRecord])[];
}

const fixture: { tokenizers: Record<string, Recorded> } = JSON.parse(
  gunzipSync(readFileSync(new URL("fixtures/tokenizers.json.gz", import.meta.url))).toString(),
);

/** All of them, by shape. */
export const recorded: Readonly<Record<string, Recorded>> = fixture.tokenizers;

/** The rules of T5 are taken out of a model of SentencePiece that has the same. */
const model = gunzipSync(readFileSync(new URL("../sentencepiece/fixtures/unigram.model.gz", import.meta.url)));
const charsmap = readModelProto(model).normalizerSpec?.precompiledCharsmap ?? [];
for (const { document } of Object.values(recorded)) {
  if (document.normalizer?.type !== "Precompiled") continue;
  document.normalizer.precompiled_charsmap = Buffer.from(charsmap).toString("base64");
}

/** An encoding in the form in which it is recorded. */
export function recordOf(encoding: Encoding): EncodingRecord {
  const columns = [
    [...encoding.ids],
    [...encoding.tokens],
    encoding.offsets.flat(),
    [...encoding.typeIds],
    [...encoding.specialTokensMask],
    [...encoding.attentionMask],
    encoding.wordIds.map((word) => word ?? -1),
    encoding.sequenceIds.map((sequence) => sequence ?? -1),
  ];
  return encoding.overflowing.length === 0 ? columns : [...columns, encoding.overflowing.map(recordOf)];
}
