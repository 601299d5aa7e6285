/**
 * The low-rank changes of a run as an adapter of Hugging Face's PEFT: without the weights that they change, which its reader has.
 *
 *     adapter_config.json         rank, factor and layers; the model that it belongs to
 *     adapter_model.safetensors   lora_A `[rank, in]` and lora_B `[out, rank]` of each layer
 *     training.json               where it comes from, which PEFT does not read
 *
 * @see https://huggingface.co/docs/peft/developer_guides/checkpoint
 */

import { basename } from "node:path";
import type { FileContent } from "@llm-learning/datasets/node";
import { GPT, type Llama } from "@llm-learning/models";
import { type SafetensorsEntry, safetensorsEntry, safetensorsPieces, type StateDict } from "@llm-learning/nn-core";
import type { TrainConfig } from "../../config/trainConfig.ts";
import { loadModel } from "../../model/loadModel.ts";
import { readCheckpoint } from "../../run/checkpoint.ts";
import type { Run } from "../../run/openRun.ts";
import { UsageError } from "../../usageError.ts";
import { gpt2Layers } from "../gpt2Names.ts";
import type { HandedOff } from "../handOff.ts";
import { llamaNames } from "../llamaForm.ts";
import { type DirectoryLayout, directoryOf, expectReplaceable } from "../modelDirectory.ts";
import { replaceDirectory, type ReplaceOptions } from "../replaceDirectory.ts";

const layout: DirectoryLayout = {
  files: new Set(["adapter_config.json", "adapter_model.safetensors", "training.json"]),
  mark: "training.json",
};

/**
 * Writes the directory, as one step, from the run's best checkpoint.
 *
 * @throws UsageError where the run has none, or was not trained by LoRA; RangeError where something else stands at `outDir`.
 */
export async function exportPeft(run: Run, out: string, options: ReplaceOptions = {}): Promise<HandedOff> {
  const outDir = directoryOf(out);
  if (run.config.loraRank === 0) {
    throw new UsageError("expected a run with LoRA for --format peft, got one whose weights are trained themselves");
  }
  await expectReplaceable(outDir, layout);
  // Checks the checkpoint against the configuration, too.
  const { model, step, valLoss } = await loadModel(run, "best");
  const weights = (await readCheckpoint(run.paths.best))!.weights;
  const names = model instanceof GPT ? gpt2Names(model) : llamaNames((model as Llama).config);
  const tensors = adapterTensors(weights, names);
  const origin = { step, ...(valLoss !== undefined && { validation_loss: valLoss }) };
  const config = adapterConfig(run.config, [...tensors.keys()]);

  function* files(): Generator<[path: string, content: FileContent]> {
    yield ["adapter_config.json", json(config)];
    yield ["training.json", json({ llm_learning: origin })];
    yield ["adapter_model.safetensors", safetensorsPieces(tensors, { format: "pt" })];
  }
  const sizes = await replaceDirectory(outDir, files(), options);
  const written = [...sizes].map(([path, bytes]) => ({ path, bytes }));
  return { outDir, files: written, warnings: [], step, validationLoss: valLoss };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Weights of a GPT under both names. */
function gpt2Names({ config }: GPT): [ours: string, theirs: string][] {
  return gpt2Layers(config).map(({ ours, theirs }) => [`${ours}.weight`, `${theirs}.weight`]);
}

/** PEFT's names of the two matrices of a layer. */
const parts = [
  ["down", "lora_A"],
  ["up", "lora_B"],
] as const;

function adapterTensors(
  weights: StateDict,
  names: readonly (readonly [ours: string, theirs: string])[],
): Map<string, SafetensorsEntry> {
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [ours, theirs] of names) {
    for (const [part, name] of parts) {
      const value = weights.get(ours.replace(/weight$/, `adapter.${part}`));
      if (value === undefined) continue;
      const path = `base_model.model.${theirs.replace(/weight$/, `${name}.weight`)}`;
      tensors.set(path, safetensorsEntry(value.data, value.shape));
    }
  }
  return tensors;
}

/** @param tensors - Names of the adapter's tensors. */
function adapterConfig(config: TrainConfig, tensors: readonly string[]): Record<string, unknown> {
  const { model, preset, loraRank, loraAlpha, loraDropout } = config;
  // `attn.c_proj`, since PEFT compares the ends of paths, and GPT-2 has two layers of the name `c_proj`.
  const targets = tensors.map((name) => /\.(\w+\.\w+)\.lora_[AB]\.weight$/.exec(name)![1]);
  return {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: basename(preset),
    inference_mode: true,
    r: loraRank,
    lora_alpha: loraAlpha,
    lora_dropout: loraDropout,
    bias: "none",
    // The linear layers of GPT-2 are stored [in, out] there.
    fan_in_fan_out: model === "gpt",
    target_modules: [...new Set(targets)],
    modules_to_save: null,
    init_lora_weights: true,
  };
}
