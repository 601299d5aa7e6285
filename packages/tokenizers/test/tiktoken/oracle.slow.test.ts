// The npm build of tiktoken as oracle, at length: 60,000 random texts in each encoding it knows, and long runs of Han characters.
import type { EncodingName } from "@llm-learning/tokenizers/tiktoken";
import { get_encoding, type TiktokenEncoding } from "tiktoken";
import { describe, expect, test } from "vitest";
import { integers, nastyText } from "./nastyText.ts";
import { openAiEncoding } from "./openAiFiles.ts";

const names = ["gpt2", "r50k_base", "p50k_base", "p50k_edit", "cl100k_base", "o200k_base"] as const;

describe.each<EncodingName & TiktokenEncoding>(names)("%s", (name) => {
  test("60,000 random texts give the ids of the npm tiktoken", { timeout: 600_000 }, () => {
    const ours = openAiEncoding(name);
    const theirs = get_encoding(name);
    const pick = integers(60);
    const differences: string[] = [];
    for (let round = 0; round < 60_000; round++) {
      const text = nastyText(pick);
      const same =
        ours.encodeOrdinary(text).join() === theirs.encode_ordinary(text).join() &&
        ours.encode(text, { allowedSpecial: "all" }).join() === theirs.encode(text, "all").join();
      if (!same) differences.push(text);
    }
    theirs.free();
    expect(differences).toEqual([]);
  });

  test("8 million Han characters come back, and no pattern or stack gives way", { timeout: 600_000 }, () => {
    const encoding = openAiEncoding(name);
    const text = "语言模型".repeat(2_000_000);
    const ids = encoding.encode(text);
    expect(encoding.decode(ids)).toBe(text);
    expect(encoding.count(text)).toBe(ids.length);
  });
});
