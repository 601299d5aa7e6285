/**
 * What a model will take in memory, read off its file before it is opened.
 */

import { readFile } from "node:fs/promises";
import { causalLMSignature, decodeModel, tensorByteLength } from "@llm-learning/onnx";

/** Memory of a model, in bytes. */
export interface ModelMemory {
  /** Of its weights, those in files beside it included. */
  readonly weightBytes: number;
  /** Of the keys and values of a full context. */
  readonly bytesPerSlot: number;
}

/** Keys and values of one more token are written and not meant. */
const SPARE_TOKENS = 1;

/**
 * What a model takes once it is open; while it is opened, up to twice its weights more.
 *
 * @param modelFile - Path of the model.
 * @param blockSize - Most tokens of a slot. @defaultValue what the model's metadata says
 * @throws RangeError where the file is damaged or no causal language model, or says nothing of its context; Error where it cannot be read.
 */
export async function modelMemory(
  modelFile: string,
  { blockSize }: { readonly blockSize?: number | undefined } = {},
): Promise<ModelMemory> {
  const bytes = await readFile(modelFile);
  const model = decodeModel(bytes);
  const signature = causalLMSignature(model);
  const tokens = blockSize ?? signature.blockSize;
  if (tokens === undefined) {
    throw new RangeError("modelMemory: expected blockSize in the options or the model's metadata, got none");
  }
  let weightBytes = bytes.byteLength;
  for (const tensor of model.graph.initializers) {
    const { external, dataType, dims } = tensor;
    if (external !== undefined) weightBytes += external.length ?? tensorByteLength(dataType, dims);
  }
  const { nLayer, nKvHead, headDim } = signature;
  const bytesPerToken = 2 * nLayer * nKvHead * headDim * Float32Array.BYTES_PER_ELEMENT;
  return { weightBytes, bytesPerSlot: bytesPerToken * (tokens + SPARE_TOKENS) };
}
