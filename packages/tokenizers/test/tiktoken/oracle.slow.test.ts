// The npm build of tiktoken as oracle, at length: 60,000 random texts in each encoding it knows, and long runs of Han characters.
import { createHash } from "node:crypto";
import { type EncodingName, getEncoding } from "@llm-learning/tokenizers/tiktoken";
import { get_encoding, type TiktokenEncoding } from "tiktoken";
import { describe, expect, test } from "vitest";
import { integers, nastyText } from "./nastyText.ts";

const names = ["gpt2", "r50k_base", "p50k_base", "p50k_edit", "cl100k_base", "o200k_base"] as const;

/** Of tiktoken 0.14's ids (PyPI) of the text below, as little-endian 32-bit integers: SHA-256. */
const gpt2Digest = "56a5cf5f4359253ebff0a23930cd2a2ef1ab840df925507308dafeae28bd48ad";
const hanDigests: Readonly<Record<(typeof names)[number], string>> = {
  gpt2: gpt2Digest,
  r50k_base: gpt2Digest,
  p50k_base: gpt2Digest,
  p50k_edit: gpt2Digest,
  cl100k_base: "c1fe268dc9a92df30cee289707bd76a224e2a4ec8c79f4c926333c406b1fbe8a",
  o200k_base: "f270fcccf2fadd789aeab7cfc5cbcb3f2a399ade176cd912bf3e38d9018d8a97",
};

describe.each<EncodingName & TiktokenEncoding>(names)("%s", (name) => {
  test("60,000 random texts give the ids of the npm tiktoken", { timeout: 600_000 }, async () => {
    const ours = await getEncoding(name);
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

  test("8 million Han characters give the ids of tiktoken", { timeout: 600_000 }, async () => {
    const encoding = await getEncoding(name);
    const text = "语言模型".repeat(2_000_000);
    const ids = encoding.encode(text);
    expect(createHash("sha256").update(new Uint8Array(ids.buffer)).digest("hex")).toBe(hanDigests[name]);
    expect(encoding.decode(ids)).toBe(text);
  });
});
