/**
 * Moves the weights of a model out of its file into files beside it, which keeps it below the 2 GiB that protobuf can hold and lets a
 * runtime map the weights instead of reading them.
 *
 * Nothing is copied: what is to be written beside the model is a list of views of its own tensors, with zeros between them.
 *
 * @see https://onnx.ai/onnx/repo-docs/ExternalData.html
 */
import type { OnnxModel } from "./model.ts";
import type { OnnxTensor } from "./tensor.ts";

/** Options of {@link externalizeWeights}. */
export interface ExternalizeWeightsOptions {
  /**
   * Name of the file for the weights, in the folder of the model; a second one ends in `_1`, and so on, as transformers.js has it:
   * `model.onnx_data`, `model.onnx_data_1`.
   */
  readonly location: string;
  /**
   * Smaller initializers stay in the model, where a runtime can compute with them when it loads the file.
   *
   * @defaultValue 1024, in bytes
   */
  readonly minTensorBytes?: number;
  /**
   * Most bytes of a file, unless a single tensor has more.
   *
   * @defaultValue 2e9: many readers take a file into one buffer, which in browsers ends at 2 GiB
   */
  readonly maxFileBytes?: number;
}

/** A file of weights beside a model. */
export interface ExternalWeights {
  readonly location: string;
  readonly byteLength: number;
  /** Its content, in order: views of the model's tensors, and zeros. */
  readonly pieces: readonly Uint8Array[];
}

/** Offsets are multiples of a page, so that a runtime can map a tensor. */
const PAGE = 4096;
const zeros = new Uint8Array(PAGE);

/**
 * The model with its larger initializers in files beside it, and what those files hold.
 *
 * Each tensor begins at a multiple of 4096 bytes. Only the graph's own initializers move; those of subgraphs stay.
 *
 * @returns `model`, which names the files, and the `files`, none where no initializer is large enough.
 * @throws RangeError where `location` is no plain name of a file, or a limit is not an integer > 0.
 * @example
 * const { model: small, files } = externalizeWeights(model, { location: "model.onnx_data" });
 */
export function externalizeWeights(
  model: OnnxModel,
  { location, minTensorBytes = 1024, maxFileBytes = 2e9 }: ExternalizeWeightsOptions,
): { readonly model: OnnxModel; readonly files: readonly ExternalWeights[] } {
  if (!/^[\w-][\w.-]*$/.test(location)) {
    throw new RangeError(
      `externalizeWeights: expected location to be the name of a file beside the model, got ${JSON.stringify(location)}`,
    );
  }
  for (const [name, value] of Object.entries({ minTensorBytes, maxFileBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`externalizeWeights: expected ${name} to be an integer > 0, got ${value}`);
    }
  }
  const files: { location: string; byteLength: number; pieces: Uint8Array[] }[] = [];
  const moved = (tensor: OnnxTensor): OnnxTensor => {
    if (tensor.data === undefined || tensor.data.length < minTensorBytes) return tensor;
    const { data, ...header } = tensor;
    const length = data.length;
    let file = files.at(-1);
    if (file === undefined || aligned(file.byteLength) + length > maxFileBytes) {
      file = { location: files.length === 0 ? location : `${location}_${files.length}`, byteLength: 0, pieces: [] };
      files.push(file);
    }
    const offset = aligned(file.byteLength);
    if (offset > file.byteLength) file.pieces.push(zeros.subarray(0, offset - file.byteLength));
    file.pieces.push(data);
    file.byteLength = offset + length;
    return { ...header, external: { location: file.location, offset, length } };
  };
  const initializers = model.graph.initializers.map(moved);
  return { model: { ...model, graph: { ...model.graph, initializers } }, files };
}

function aligned(position: number): number {
  return Math.ceil(position / PAGE) * PAGE;
}
