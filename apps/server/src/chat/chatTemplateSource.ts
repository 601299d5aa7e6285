/**
 * Which chat template a model has, as plain data: `chat_template.jinja`, else `chat_template` of `tokenizer_config.json` (where that is a
 * list, the one named "default"), else a transcript.
 *
 * @see https://huggingface.co/docs/transformers/chat_templating
 */

import { join } from "node:path";
import type { TokenizerConfig } from "../model/modelConfig.ts";
import type { ModelFiles } from "../model/modelFiles.ts";
import { UsageError } from "../usageError.ts";
import { transcriptStops, transcriptTemplate } from "./transcript.ts";

/** A chat template, not compiled. */
export interface ChatTemplateSource {
  /** What errors call it. */
  readonly name: string;
  /** Jinja. */
  readonly text: string;
  /** Special tokens under the names that templates call them by, such as `bos_token`. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Strings that end an answer besides the model's own stop ids: of transcripts alone. */
  readonly stops: readonly string[];
}

/** Templates of models with many tools have some 20 KB. */
const MAX_TEMPLATE_BYTES = 1 << 18;

const roles = ["bos_token", "eos_token", "unk_token", "pad_token"] as const;

/** @throws UsageError where a file of a template is too large, or cannot be read. */
export async function chatTemplateSource(
  files: ModelFiles,
  tokenizerConfig: TokenizerConfig,
): Promise<ChatTemplateSource> {
  const tokens: Record<string, string> = {};
  for (const role of roles) {
    const token = tokenizerConfig[role] ?? undefined;
    if (token !== undefined) tokens[role] = typeof token === "string" ? token : token.content;
  }
  const own = await ownTemplate(files, tokenizerConfig);
  if (own !== undefined && own.text !== transcriptTemplate) return { ...own, tokens, stops: [] };
  return {
    name: own?.name ?? "the transcript of a model without a chat template",
    text: transcriptTemplate,
    tokens,
    stops: transcriptStops,
  };
}

async function ownTemplate(
  files: ModelFiles,
  { chat_template: template }: TokenizerConfig,
): Promise<{ name: string; text: string } | undefined> {
  const inFile = await files.text("chat_template.jinja", MAX_TEMPLATE_BYTES);
  if (inFile !== undefined) return { name: join(files.path, "chat_template.jinja"), text: inFile };
  const text = Array.isArray(template) ? template.find(({ name }) => name === "default")?.template : template;
  if (text === undefined || text === null) return undefined;
  const name = join(files.path, "tokenizer_config.json");
  if (Buffer.byteLength(text) <= MAX_TEMPLATE_BYTES) return { name, text };
  throw new UsageError(`expected a chat_template of at most ${MAX_TEMPLATE_BYTES} bytes (in ${JSON.stringify(name)})`);
}
