/**
 * Writes a run's best weights as a model of a Triton model repository, which is a folder of such directories. Its name is the model's.
 *
 *     NAME/config.pbtxt      inputs, outputs, batching
 *     NAME/1/model.onnx      version 1: the inference graph, as in a model directory
 *     NAME/config.json       sizes and origin, and
 *     NAME/tokenizer.json    the tokenizer: for clients, since Triton serves token ids
 */

import { basename } from "node:path";
import type { FileContent } from "@llm-learning/datasets/node";
import { loadModel } from "../../model/loadModel.ts";
import type { Run } from "../../run/openRun.ts";
import { UsageError } from "../../usageError.ts";
import { inferenceModel } from "../encodeOnnx.ts";
import { endOfTextId } from "../gpt2Config.ts";
import type { HandedOff } from "../handOff.ts";
import { type DirectoryLayout, directoryOf, expectReplaceable } from "../modelDirectory.ts";
import { modelForm } from "../modelForm.ts";
import { DEFAULT_EXTERNAL_DATA_ABOVE, onnxFiles } from "../onnxFiles.ts";
import { type Quantization, quantizedForm } from "../quantizedForms.ts";
import { replaceDirectory, type ReplaceOptions } from "../replaceDirectory.ts";
import { tritonConfig } from "./tritonConfig.ts";

export interface ExportTritonOptions extends ReplaceOptions {
  /** The form of the weights. @defaultValue float32 */
  readonly form?: Quantization | undefined;
  /** Standard operators alone. @defaultValue false */
  readonly portable?: boolean | undefined;
}

const layout: DirectoryLayout = {
  files: new Set(["config.pbtxt", "config.json", "tokenizer.json"]),
  folders: { "1": /^model\.onnx(_data(_\d+)?)?$/ },
};

/**
 * Writes the directory, as one step.
 *
 * @throws UsageError where the run has no checkpoint; RangeError where the directory's name is none for a model, or something else stands
 * at `out`.
 */
export async function exportTriton(
  run: Run,
  out: string,
  { form, portable = false, signal }: ExportTritonOptions = {},
): Promise<HandedOff> {
  const outDir = directoryOf(out);
  const name = basename(outDir);
  if (!/^[\w.-]+$/.test(name)) {
    throw new UsageError(
      `expected --out to end in the model's name, of letters, digits, ".", "-" and "_", got ${JSON.stringify(name)}`,
    );
  }
  await expectReplaceable(outDir, layout);
  const { config, tokenizer } = run;
  const { model, step, valLoss } = await loadModel(run, "best");
  const origin = {
    step,
    ...(valLoss !== undefined && { validation_loss: valLoss }),
    ...(config.lines && ({ lines: true } as const)),
  };
  const metadata = Object.fromEntries(Object.entries(origin).map(([key, value]) => [key, String(value)]));
  const endOfText = endOfTextId(tokenizer, { lines: config.lines });
  const { modelType, config: hubConfig } = modelForm(model, config.model);
  const parameters = {
    ...metadata,
    model_type: modelType,
    vocab_size: String(model.config.vocabSize),
    context_length: String(model.config.blockSize),
    ...(endOfText !== null && { eos_token_id: String(endOfText) }),
  };

  function* files(): Generator<[path: string, content: FileContent]> {
    const onnx = inferenceModel(model, { modelType, metadata, portable });
    yield ["config.pbtxt", tritonConfig(onnx, { name, parameters })];
    yield ["config.json", json(hubConfig({ endOfText, origin }))];
    yield ["tokenizer.json", json(tokenizer.toJSON())];
    const written = form === undefined ? onnx : quantizedForm(onnx, form, { portable });
    yield* onnxFiles("1/model.onnx", written, DEFAULT_EXTERNAL_DATA_ABOVE);
  }
  const sizes = await replaceDirectory(outDir, files(), { signal });
  const written = [...sizes].map(([path, bytes]) => ({ path, bytes }));
  return { outDir, files: written, warnings: [], step, validationLoss: valLoss };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
