/**
 * `conventions.json` of a run: what its model, which was trained elsewhere, came with besides weights and a tokenizer. The exporter
 * hands it on.
 */

import { stat } from "node:fs/promises";
import { writeFileAtomic } from "@llm-learning/datasets/node";
import { z } from "zod";
import type { TextConventions } from "../export/textConventions.ts";
import { parseJson, readTextIn } from "../foreignDirectory.ts";
import { inFile, UsageError } from "../usageError.ts";

/** Templates are some kilobytes. */
const MAX_BYTES = 1 << 24;

const id = z.int().min(0);
const token = z.string().optional();

const schema = z.object({
  bosTokenId: id.nullable(),
  eosTokenIds: z.array(id).max(1000),
  padTokenId: id.nullable(),
  roles: z.object({ bosToken: token, eosToken: token, padToken: token }),
  generation: z.record(z.string(), z.unknown()),
  chatTemplate: z.string().optional(),
});

export async function writeConventions(path: string, conventions: TextConventions): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(conventions, null, 2)}\n`);
}

/** What the file says; undefined where a run has none. @throws UsageError where it is damaged. */
export async function readConventions(path: string): Promise<TextConventions | undefined> {
  if ((await stat(path).catch(() => undefined)) === undefined) return undefined;
  const text = await readTextIn("run", path, MAX_BYTES);
  return inFile(path, () => {
    const result = schema.safeParse(parseJson(text));
    if (result.success) return result.data;
    const [{ path: keys, message }] = result.error.issues;
    throw new UsageError(`expected the conventions of a model, got ${keys.join(".")}: ${message}`);
  });
}
