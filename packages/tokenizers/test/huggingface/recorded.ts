import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Encoding } from "@llm-learning/tokenizers/huggingface";

/** An encoding as make_tokenizers.py records it; the parts that overflow, where there are any, come last. */
export type EncodingRecord = (readonly (number | string)[] | EncodingRecord[])[];

/** A tokenizer of Hugging Face's library, and what it encodes and decodes. */
export interface Recorded {
  readonly document: unknown;
  readonly cases: readonly (readonly [
    text: string,
    encoding: EncodingRecord,
    shuffled: number[],
    decoded: [plain: string, withoutSpecial: string, shuffled: string],
  ])[];
  readonly pairs: readonly (readonly [text: string, pair: string, encoding: EncodingRecord])[];
}

const fixture: { tokenizers: Record<string, Recorded> } = JSON.parse(
  gunzipSync(readFileSync(new URL("fixtures/tokenizers.json.gz", import.meta.url))).toString(),
);

/** All of them, by shape. */
export const recorded: Readonly<Record<string, Recorded>> = fixture.tokenizers;

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
