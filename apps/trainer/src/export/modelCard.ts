/**
 * `README.md` of a model directory: the model card, in the form that Hugging Face's hub shows. What the model is, how it was trained, how
 * to use it, and what a user has to know of its texts.
 *
 * @see https://huggingface.co/docs/hub/model-cards
 */

import { basename } from "node:path";
import { isCausalLM, type LanguageModel } from "@llm-learning/models";
import { namedParameters } from "@llm-learning/nn-core";
import type { OnnxModel } from "@llm-learning/onnx";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { formatCount, formatParameters } from "../terminal/format.ts";
import { cardUsage } from "./cardUsage.ts";
import type { ExportFormat, ExportOrigin } from "./exportModel.ts";
import { dataTitle } from "../training/sourceData.ts";
import { fillerToken } from "./genaiConfig.ts";
import type { Quantization } from "./quantizedForms.ts";
import type { TextConventions } from "./textConventions.ts";
import type { TrainingRecord } from "./trainingRecord.ts";

/** What the card tells of. */
export interface CardFacts {
  readonly model: LanguageModel;
  /** `model_type` of `config.json`. */
  readonly modelType: string;
  readonly tokenizer: Tokenizer;
  readonly conventions: TextConventions;
  readonly origin: ExportOrigin;
  readonly record?: TrainingRecord | undefined;
  readonly formats: readonly ExportFormat[];
  readonly quantize: readonly Quantization[];
  /** The ONNX model, where there is one. */
  readonly onnx: OnnxModel | undefined;
}

/** The content of `README.md`. */
export function modelCard(facts: CardFacts): string {
  const { record } = facts;
  const parameters = parameterCount(facts.model);
  const isTrained = record !== undefined && facts.origin.step !== 0;
  const tuned = record?.imported === true ? "fine-tuned" : "trained";
  const data = isTrained ? `, ${tuned} on ${code(dataTitle(record.config.data))}` : "";
  const sections = [
    frontMatter(facts),
    `# A language model of ${formatParameters(parameters)} parameters${data}`,
    "Written by llm-learning.",
    table(modelRows(facts, parameters)),
    ...(isTrained ? ["## Training", table(trainingRows(facts, record))] : []),
    "## Use",
    ...cardUsage(facts),
    "## Texts",
    list(textNotes(facts)),
    "## Licence",
    "None is given. It is the owner's to choose, and depends on that of the text the model was trained on: before you publish the " +
      "model, add a line `license: ...` to the head of this file.",
  ];
  return `${sections.join("\n\n")}\n`;
}

function frontMatter({ model, modelType, formats }: CardFacts): string {
  const isKnown = isCausalLM(model) && !modelType.startsWith("llm-learning-");
  const tags = [
    "llm-learning",
    modelType,
    ...formats,
    ...(isKnown && formats.includes("onnx") ? ["transformers.js"] : []),
  ];
  return [
    "---",
    ...(isKnown ? ["library_name: transformers"] : []),
    "pipeline_tag: text-generation",
    "tags:",
    ...tags.map((tag) => `  - ${tag}`),
    "---",
  ].join("\n");
}

function modelRows({ model, modelType, tokenizer, origin }: CardFacts, parameters: number): Row[] {
  const { vocabSize, blockSize } = model.config;
  const rows: Row[] = [
    ["form", code(modelType)],
    ["parameters", formatCount(parameters)],
  ];
  if (isCausalLM(model)) {
    const { nLayer, nHead, nEmbd } = model.config;
    const { heads } = model.cacheSizes;
    rows.push(["blocks", formatCount(nLayer)], ["width", formatCount(nEmbd)]);
    rows.push(["attention heads", heads === nHead ? `${nHead}` : `${nHead}, ${heads} of keys and values`]);
  }
  rows.push(["context", `${formatCount(blockSize)} tokens`]);
  rows.push([
    "vocabulary",
    `${formatCount(vocabSize)} tokens, ${formatCount(tokenizer.specialTokens.size)} of them special`,
  ]);
  if (origin.lines === true) rows.push(["texts", "lines, each by itself"]);
  return rows;
}

function trainingRows({ model, origin }: CardFacts, { config, imported, trainLoss }: TrainingRecord): Row[] {
  const { step = 0, validation_loss: loss } = origin;
  const { batchSize, blockSize, lines, gradientAccumulation } = config;
  const times = gradientAccumulation === 1 ? "" : `${gradientAccumulation} x `;
  const rows: Row[] = [
    ["data", code(dataTitle(config.data))],
    ["tokenizer", code(basename(config.tokenizer))],
    [imported ? "from" : "preset", code(config.preset)],
    ["steps", formatCount(step)],
    ["batch", batchSize === 0 ? "all lines" : `${times}${batchSize} ${lines ? "lines or pieces of lines" : "windows"}`],
    ["optimizer", `${config.optimizer}, learning rate ${config.learningRate} (${config.schedule})`],
    ["seed", `${config.seed}`],
  ];
  if (!lines) {
    const targets = model.predicts === "every" ? blockSize : 1;
    rows.push(["tokens seen", formatCount(step * gradientAccumulation * batchSize * targets)]);
  }
  if (trainLoss !== undefined) rows.push(["training loss", nats(trainLoss)]);
  if (loss !== undefined) rows.push(["validation loss", `${nats(loss)}, perplexity ${Math.exp(loss).toFixed(2)}`]);
  return rows;
}

function textNotes({ model, tokenizer, conventions, origin, formats }: CardFacts): string[] {
  const { eosTokenIds, roles, chatTemplate } = conventions;
  const notes: string[] = [];
  if (origin.lines === true) {
    notes.push("Each text is a line: begin prompts with a line end, and stop at the next one.");
  } else if (eosTokenIds.length === 0) {
    notes.push("The model knows no end of a text: it writes as many tokens as it is asked for.");
  }
  if (roles.padToken === undefined) {
    notes.push(
      "The tokenizer has no token to pad with. For batches of texts of different lengths give it any, such as " +
        "`tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)`: the attention mask says that it is none.",
    );
  }
  if (chatTemplate !== undefined) {
    notes.push(
      "`chat_template.jinja` makes a prompt of a conversation. The model has learned to answer as far as its texts taught it.",
    );
  }
  if (isCausalLM(model) && formats.includes("onnx")) {
    const filler = tokenOf(tokenizer, fillerToken(tokenizer, conventions));
    const ends = eosTokenIds.length === 0 ? " and ends texts" : "";
    notes.push(`In \`genai_config.json\`, which demands such a token, ${filler} pads${ends}.`);
  }
  return notes;
}

/** Learned values, shared ones once. */
function parameterCount(model: LanguageModel): number {
  const parameters = new Set(namedParameters(model).values());
  return [...parameters].reduce((sum, { elementCount }) => sum + elementCount, 0);
}

function tokenOf(tokenizer: Tokenizer, id: number): string {
  try {
    return `token ${id} (${code(tokenizer.idToToken(id))})`;
  } catch {
    return `token ${id}`;
  }
}

type Row = readonly [what: string, value: string];

function table(rows: readonly Row[]): string {
  return ["|     |     |", "| --- | --- |", ...rows.map(([what, value]) => `| ${what} | ${value} |`)].join("\n");
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

/** A name that anybody chose, as code; what Markdown would take for the end of it, or of the table's cell, is left out. */
function code(name: string): string {
  return `\`${name.replace(/[`|\p{Cc}]/gu, "")}\``;
}

function nats(loss: number): string {
  return `${loss.toFixed(4)} nats per token`;
}
