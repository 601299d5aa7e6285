/**
 * Reads model files, with the weights that lie beside them.
 */

import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { decodeModel } from "../format/decodeModel.ts";
import type { OnnxModel } from "../format/model.ts";
import { checkExternalData, readExternalData } from "./externalDataFiles.ts";
import { expectNoFatalNodes } from "./fatalNodes.ts";

/**
 * A model as one value: what is in the file, and what lies in files beside it, for instance to quantize it.
 *
 * @param path - The model file. Files beside it must be inside its directory, also behind links.
 * @returns the model without external data.
 * @throws RangeError where the file is damaged, or what it says of files beside it is not so or leaves the directory; Error of the
 * system where a file cannot be read.
 * @example
 * const small = quantizeModel(await readOnnxModel("large/onnx/model.onnx"), { bits: 4 });
 */
export async function readOnnxModel(path: string): Promise<OnnxModel> {
  return readExternalData("readOnnxModel", decodeModel(await readFile(path)), dirname(path));
}

/**
 * A model for a runtime to be opened on, whose external data stays where it is and was checked.
 *
 * @param caller - The name that errors begin with.
 * @param model - The bytes of a model file, or the path of one.
 * @throws RangeError as {@link readOnnxModel}, where a model of bytes has external data, and where the runtime would not survive a node.
 */
export async function checkedModel(caller: string, model: Uint8Array | string): Promise<OnnxModel> {
  return typeof model === "string"
    ? checkedFile(caller, { bytes: await readFile(model), path: model })
    : checkedFile(caller, { bytes: model, path: undefined });
}

/** A model file in memory. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  /** Where it was read from; undefined where it was not. */
  readonly path: string | undefined;
}

/** As {@link checkedModel}, of a file that was read. */
export async function checkedFile(caller: string, { bytes, path }: ModelFile): Promise<OnnxModel> {
  const decoded = decodeModel(bytes);
  expectNoFatalNodes(caller, decoded);
  await checkExternalData(caller, decoded, path === undefined ? undefined : dirname(path));
  return decoded;
}
