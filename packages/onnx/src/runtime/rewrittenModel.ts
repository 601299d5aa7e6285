/**
 * A rewritten model for a runtime: its graph as bytes, its weights where they are. A model of gigabytes need not be written, nor held in
 * memory twice, for a few nodes that are others.
 *
 * To ONNX, weights in the model's own file are external data like any other: a file, an offset, a length.
 */

import { realpath } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { encodeModel } from "../format/encodeModel.ts";
import { isContainedLocation } from "../format/externalData.ts";
import type { OnnxModel } from "../format/model.ts";
import type { ModelFile } from "./readOnnxModel.ts";

/** Smaller weights are part of the bytes: the runtime computes with them when it opens the model. */
const MIN_BYTES = 4096;

/** What a session is opened on. */
export interface RewrittenModel {
  readonly bytes: Uint8Array;
  /** Directory of its external data; undefined where it has none. */
  readonly dataDirectory: string | undefined;
}

/**
 * A model to be opened, in the directory of the file that it was made of.
 *
 * @param model - Its weights are views of the file's bytes, or external data beside it.
 * @param file - What it was made of.
 */
export async function rewrittenModel(model: OnnxModel, { bytes, path }: ModelFile): Promise<RewrittenModel> {
  if (path === undefined) return { bytes: encodeModel(model), dataDirectory: undefined };
  const { graph } = model;
  // The directory of external data is that of the link, where the path is one; that of the file itself may be another.
  if (graph.initializers.some(({ external }) => external !== undefined)) {
    return { bytes: encodeModel(model), dataDirectory: resolve(dirname(path)) };
  }
  const actual = await realpath(path);
  const location = basename(actual);
  if (!isContainedLocation(location)) return { bytes: encodeModel(model), dataDirectory: undefined };
  const initializers = graph.initializers.map((tensor) => {
    if (tensor.data === undefined || tensor.data.length < MIN_BYTES || tensor.data.buffer !== bytes.buffer)
      return tensor;
    const { data, ...header } = tensor;
    return { ...header, external: { location, offset: data.byteOffset - bytes.byteOffset, length: data.length } };
  });
  return { bytes: encodeModel({ ...model, graph: { ...graph, initializers } }), dataDirectory: dirname(actual) };
}
