/**
 * Which of a directory's ONNX files is served:
 *
 *     fp32  onnx/model.onnx            as it was trained
 *     fp16  onnx/model_fp16.onnx       half the file, computed as fp32
 *     q8    onnx/model_quantized.onnx  blocks of 8-bit weights
 *     q4    onnx/model_q4.onnx         blocks of 4-bit weights: the fastest, and its texts differ from the others'
 *
 * Files that quantize the inputs of layers while they run ("dynamic int8") are never served: they take one scale for a whole batch, so a
 * neighbour's request, or a prompt read in other pieces, would change a text.
 */

import { createReadStream } from "node:fs";
import { UsageError } from "../usageError.ts";
import type { ModelFiles } from "./modelFiles.ts";

/** A form of the weights. */
export type Weights = "fp32" | "fp16" | "q8" | "q4";

/** What an operator may ask for. */
export const weightChoices = ["auto", "fp32", "fp16", "q8", "q4"] as const;
export type WeightChoice = (typeof weightChoices)[number];

/** An ONNX file that can be served. */
export interface ChosenWeights {
  readonly weights: Weights;
  readonly onnxPath: string;
}

const files: Readonly<Record<Weights, string>> = {
  fp32: "onnx/model.onnx",
  fp16: "onnx/model_fp16.onnx",
  q8: "onnx/model_quantized.onnx",
  q4: "onnx/model_q4.onnx",
};

/** What "auto" takes, if it is there: 8 bits cost 0.01 % of perplexity and are 1.7 times as fast; 4 bits are for whoever chooses them. */
const preferred = ["q8", "fp32", "fp16", "q4"] as const;

/** Part of the names of the operators that quantize while they run. */
const dynamicOperator = "DynamicQuantize";

/**
 * Chooses among the files that are there.
 *
 * @throws UsageError where there is none, or not the one that was asked for, or that is dynamic int8.
 */
export async function chooseWeights(directory: ModelFiles, choice: WeightChoice): Promise<ChosenWeights> {
  const passedOver: string[] = [];
  for (const weights of choice === "auto" ? preferred : [choice]) {
    const onnxPath = await directory.find(files[weights]);
    if (onnxPath === undefined) continue;
    if (!(await contains(onnxPath, dynamicOperator))) return { weights, onnxPath };
    passedOver.push(JSON.stringify(onnxPath));
  }
  if (passedOver.length > 0) {
    throw new UsageError(
      `expected weights quantized once, got ${passedOver.join(", ")}, which quantizes while it runs (${dynamicOperator}…), so that one ` +
        "request would change another's text; export the model with --quantize q8 or q4, or serve --weights fp32",
    );
  }
  const missing = choice === "auto" ? Object.values(files).join(", ") : files[choice];
  const present = choice === "auto" ? [] : await existing(directory);
  throw new UsageError(
    `expected a model directory with ${missing}, got none in ${JSON.stringify(directory.path)}` +
      (present.length === 0 ? "" : `; it has ${present.join(", ")}`),
  );
}

async function existing(directory: ModelFiles): Promise<Weights[]> {
  const found: Weights[] = [];
  for (const weights of preferred) if ((await directory.find(files[weights])) !== undefined) found.push(weights);
  return found;
}

/** Whether a file, however large, contains a text. */
async function contains(path: string, text: string): Promise<boolean> {
  let end = Buffer.alloc(0);
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    if (part.includes(text) || Buffer.concat([end, part.subarray(0, text.length)]).includes(text)) return true;
    end = Buffer.from(part.subarray(-(text.length - 1)));
  }
  return false;
}
