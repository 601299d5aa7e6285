/**
 * The files beside a model that hold weights of it: where they are, and reading them.
 *
 * A model file comes from strangers, and what it says of other files would let it read any file of its reader. So all of it is checked
 * before a byte is read or a runtime sees the model: each file is a plain one inside the model's directory, links followed; each tensor
 * lies inside its file; none lies on another, so that what is read is at most what is there.
 */

import { open, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { tensorByteLength } from "../format/dataTypes.ts";
import { isContainedLocation } from "../format/externalData.ts";
import { mapTensors } from "../format/mapTensors.ts";
import type { OnnxModel } from "../format/model.ts";
import type { OnnxExternalTensor } from "../format/tensor.ts";

/** Bytes that one call reads. */
const READ_BYTES = 2 ** 26;

/** Where the bytes of a tensor are. */
interface ExternalRange {
  readonly tensor: OnnxExternalTensor;
  /** Absolute path, without links. */
  readonly path: string;
  readonly begin: number;
  readonly end: number;
}

/**
 * Checks what a model says of files beside it.
 *
 * @param caller - The name that errors begin with.
 * @param directory - The one that the model file is in; undefined where it is in none.
 * @throws RangeError naming the tensor whose bytes are not where they may be.
 */
export async function checkExternalData(
  caller: string,
  model: OnnxModel,
  directory: string | undefined,
): Promise<readonly ExternalRange[]> {
  const tensors = externalTensors(model);
  if (tensors.length === 0) return [];
  if (directory === undefined) {
    throw new RangeError(
      `${caller}: expected weights inside the model, got external data for ${quote(tensors[0].name)}; ` +
        "give the path of the model, or read it with readOnnxModel",
    );
  }
  const root = await realpath(directory);
  const files = new Map<string, { path: string; size: number } | string>();
  const ranges: ExternalRange[] = [];
  for (const tensor of tensors) {
    const { location, offset: begin = 0 } = tensor.external;
    if (!files.has(location)) files.set(location, await locate(root, location));
    const file = files.get(location)!;
    const fail = (expected: string, got: string): never => {
      throw new RangeError(`${caller}: expected ${expected} for external data of ${quote(tensor.name)}, got ${got}`);
    };
    if (typeof file === "string") return fail("a file inside the model's directory", `${quote(location)}, ${file}`);
    const end = begin + tensorByteLength(tensor.dataType, tensor.dims);
    if (!Number.isSafeInteger(end) || begin < 0 || end > file.size) {
      fail(`bytes within the ${file.size} of ${quote(location)}`, `${begin} to ${end}`);
    }
    ranges.push({ tensor, path: file.path, begin, end });
  }
  expectApart(caller, ranges);
  return ranges;
}

/**
 * The model with the bytes of external tensors read into it, as tensors like any other.
 *
 * @throws RangeError as {@link checkExternalData}; Error of the system where a file cannot be read.
 */
export async function readExternalData(caller: string, model: OnnxModel, directory: string): Promise<OnnxModel> {
  const data = new Map<OnnxExternalTensor, Uint8Array>();
  const ranges = await checkExternalData(caller, model, directory);
  for (const path of new Set(ranges.map((range) => range.path))) {
    const file = await open(path, "r");
    try {
      for (const { tensor, begin, end } of ranges.filter((range) => range.path === path)) {
        const bytes = new Uint8Array(end - begin);
        for (let at = 0; at < bytes.length;) {
          const { bytesRead } = await file.read(bytes, at, Math.min(bytes.length - at, READ_BYTES), begin + at);
          if (bytesRead === 0) throw new RangeError(`${caller}: expected ${end} bytes in ${quote(path)}, got fewer`);
          at += bytesRead;
        }
        data.set(tensor, bytes);
      }
    } finally {
      await file.close();
    }
  }
  return mapTensors(model, (tensor) => {
    if (tensor.external === undefined) return tensor;
    const { external: _, ...header } = tensor;
    return { ...header, data: data.get(tensor)! };
  });
}

function externalTensors(model: OnnxModel): OnnxExternalTensor[] {
  const tensors: OnnxExternalTensor[] = [];
  mapTensors(model, (tensor) => {
    if (tensor.external !== undefined) tensors.push(tensor);
    return tensor;
  });
  return tensors;
}

/** The file behind a location, or why there is none that may be read. */
async function locate(root: string, location: string): Promise<{ path: string; size: number } | string> {
  if (!isContainedLocation(location)) return "which leaves it";
  try {
    const path = await realpath(join(root, ...location.split("/")));
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) return "which leads out of it";
    const info = await stat(path);
    // A pipe would be waited for, a device never ends.
    return info.isFile() ? { path, size: info.size } : "which is no file";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? "which does not exist" : `which cannot be read (${code})`;
  }
}

/** Two tensors that share bytes would be read as twice as many: a small file could ask for any amount of memory. */
function expectApart(caller: string, ranges: readonly ExternalRange[]): void {
  const sorted = ranges
    .filter(({ begin, end }) => end > begin)
    .toSorted((a, b) => (a.path === b.path ? a.begin - b.begin : a.path < b.path ? -1 : 1));
  sorted.forEach((range, index) => {
    const next = sorted[index + 1];
    if (next === undefined || next.path !== range.path || next.begin >= range.end) return;
    throw new RangeError(
      `${caller}: expected external data of ${quote(next.tensor.name)} from byte ${range.end} on, ` +
        `where that of ${quote(range.tensor.name)} ends, got ${next.begin}`,
    );
  });
}

function quote(text: string): string {
  return JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 80)}…`);
}
