/**
 * The files of an ONNX model: one, or where that would grow too large for protobuf, or for a reader's buffer, one without the weights
 * and others beside it that hold them.
 *
 *     onnx/model.onnx   onnx/model.onnx_data   onnx/model.onnx_data_1 ...
 *
 * Each of the others has at most 2 GB. transformers.js learns from `config.json` how many there are; other readers, from the model.
 */

import { basename } from "node:path";
import type { FileContent } from "@llm-learning/datasets/node";
import { encodeModel, externalizeWeights, type OnnxModel } from "@llm-learning/onnx";

/** Weights of more bytes than this are written beside the model: protobuf ends at 2 GiB, and what is not weights takes some. */
export const DEFAULT_EXTERNAL_DATA_ABOVE = 2e9;

/** The files of `model`, by path; the value returned is how many hold weights alone. */
export function* onnxFiles(
  path: string,
  model: OnnxModel,
  externalDataAbove: number,
): Generator<[path: string, content: FileContent], number> {
  const weights = model.graph.initializers.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  if (weights <= externalDataAbove) {
    yield [path, encodeModel(model)];
    return 0;
  }
  const { model: small, files } = externalizeWeights(model, { location: `${basename(path)}_data` });
  yield [path, encodeModel(small)];
  for (const { location, pieces } of files) yield [path.replace(basename(path), location), pieces];
  return files.length;
}

/** What `config.json` says to transformers.js of models with weights beside them; nothing where there are none. */
export function externalDataConfig(counts: Readonly<Record<string, number>>): object {
  return Object.keys(counts).length === 0 ? {} : { "transformers.js_config": { use_external_data_format: counts } };
}
