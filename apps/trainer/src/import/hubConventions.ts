/**
 * What a model directory of Hugging Face's agrees about texts: the tokens that begin, end and pad them, how to generate, and the template
 * of conversations. All of it is optional; what is not understood is left out.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { z } from "zod";
import { ownConventions, type TextConventions } from "../export/textConventions.ts";
import { parseJson, readTextIn } from "../foreignDirectory.ts";
import { inFile } from "../usageError.ts";

/** Far above what such files hold, and far below what could hurt to parse. */
const MAX_BYTES = 1 << 24;

const id = z.int().nullish().catch(undefined);
const ids = z
  .union([z.int().transform((value) => [value]), z.array(z.int()).max(1000)])
  .nullish()
  .catch(undefined);
const tokenIds = { bos_token_id: id, eos_token_id: ids, pad_token_id: id };
const token = z
  .union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
  .nullish()
  .catch(undefined);

const configSchema = z.object({
  ...tokenIds,
  llm_learning: z
    .object({ lines: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});
const generationSchema = z.looseObject(tokenIds);
const tokenizerSchema = z.object({
  bos_token: token,
  eos_token: token,
  pad_token: token,
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish()
    .catch(undefined),
});

/** Reads the conventions of a directory. @throws UsageError where a file is too large, or no JSON. */
export async function hubConventions(directory: string, tokenizer: Tokenizer): Promise<TextConventions> {
  const config = configSchema.parse(await readObject(join(directory, "config.json")));
  const generation = generationSchema.parse(await readObject(join(directory, "generation_config.json")));
  const roles = tokenizerSchema.parse(await readObject(join(directory, "tokenizer_config.json")));
  const template = await readOptional(join(directory, "chat_template.jinja"));
  const own = ownConventions(tokenizer, { lines: config.llm_learning?.lines === true });
  const isToken = (value: number | null | undefined): value is number =>
    value !== null && value !== undefined && value >= 0 && value < tokenizer.vocabSize;
  const eosTokenIds = [generation.eos_token_id, config.eos_token_id].map((list) => list?.filter(isToken) ?? []);
  const { bos_token_id: _, eos_token_id: __, pad_token_id: ___, transformers_version: ____, ...others } = generation;
  const role = (name: string | null | undefined): string | undefined =>
    name !== null && name !== undefined && tokenizer.specialTokens.has(name) ? name : undefined;
  return {
    bosTokenId: [generation.bos_token_id, config.bos_token_id, own.bosTokenId].find(isToken) ?? null,
    eosTokenIds: [...eosTokenIds, own.eosTokenIds].find(({ length }) => length > 0) ?? [],
    padTokenId: [generation.pad_token_id, config.pad_token_id, own.padTokenId].find(isToken) ?? null,
    roles: {
      bosToken: role(roles.bos_token) ?? own.roles.bosToken,
      eosToken: role(roles.eos_token) ?? own.roles.eosToken,
      padToken: role(roles.pad_token) ?? own.roles.padToken,
    },
    generation: Object.keys(others).length > 0 ? others : own.generation,
    chatTemplate: template ?? defaultTemplate(roles.chat_template),
  };
}

/** Of several templates the one for plain conversations. */
function defaultTemplate(given: z.infer<typeof tokenizerSchema>["chat_template"]): string | undefined {
  if (typeof given === "string") return given;
  return given?.find(({ name }) => name === "default")?.template;
}

/** A JSON object; an empty one where the file is missing, or holds something else. */
async function readObject(path: string): Promise<object> {
  const text = await readOptional(path);
  if (text === undefined) return {};
  const value = await inFile(path, () => parseJson(text));
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

async function readOptional(path: string): Promise<string | undefined> {
  return (await stat(path).catch(() => undefined)) === undefined ? undefined : readTextIn("model", path, MAX_BYTES);
}
