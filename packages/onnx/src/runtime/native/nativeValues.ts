/**
 * Tensor values as ONNX Runtime knows them: an OrtValue over the very memory of a typed array, without a copy.
 *
 * Parameters, a cache and outputs that are reused come again at every run, other values once. The OrtValue of a value that came a
 * second time is kept as long as the value itself; that of the first time is let go after the run.
 */

import { type DType, dtypeOf, elementCount, type TensorValue } from "@llm-learning/nn-core";
import type { OrtLibrary } from "./ortLibrary.ts";

/** How C calls the elements of each dtype, and the number that ONNX gives them. */
const elementTypes: Readonly<Record<DType, { readonly number: number; readonly c: string }>> = {
  float32: { number: 1, c: "float" },
  int32: { number: 6, c: "int32_t" },
  int64: { number: 7, c: "int64_t" },
  bool: { number: 9, c: "uint8_t" },
};

const dtypes = new Map(Object.entries(elementTypes).map(([dtype, { number }]) => [number, dtype as DType]));

/** An OrtValue, and the data that it was made of. */
export interface Kept {
  readonly address: bigint;
  readonly data: TensorValue["data"];
  /** Bytes when it was made: a buffer that was transferred or shrunk since has fewer. */
  readonly byteLength: number;
}

export class NativeValues {
  readonly #library: OrtLibrary;
  readonly #seen = new WeakSet<TensorValue>();
  readonly #kept = new WeakMap<TensorValue, Kept>();
  readonly #collected: FinalizationRegistry<bigint>;
  /** Something to point at where there are no elements. */
  readonly #nothing = new Float64Array(1);

  constructor(library: OrtLibrary) {
    this.#library = library;
    this.#collected = new FinalizationRegistry((address) => library.ort.ReleaseValue(address));
  }

  /**
   * The OrtValue of a value.
   *
   * @param passing - Takes up what the caller has to release after the run.
   * @throws TypeError or RangeError for data that does not fit dtype and shape: the runtime would read beyond it.
   */
  of(value: TensorValue, passing: bigint[]): bigint {
    const kept = this.#kept.get(value);
    if (kept !== undefined && isOf(kept, value)) return kept.address;
    if (!this.#seen.has(value) || kept !== undefined) {
      const address = this.#create(value);
      this.#seen.add(value);
      passing.push(address);
      return address;
    }
    return this.#keep(value).address;
  }

  /** The OrtValue of a value that comes again for sure; undefined where its data is not what it was. */
  lasting(value: TensorValue): Kept | undefined {
    const kept = this.#kept.get(value) ?? this.#keep(value);
    return isOf(kept, value) ? kept : undefined;
  }

  /** Lets go of what `of` has handed over. */
  release(passing: readonly bigint[]): void {
    for (const address of passing) this.#library.ort.ReleaseValue(address);
  }

  /** A value that the runtime has allocated, copied; the OrtValue is released. */
  take(address: bigint): TensorValue {
    const { ort, check, copy } = this.#library;
    try {
      const out = new BigUint64Array(1);
      check(ort.GetTensorTypeAndShape(address, out));
      const { dtype, shape } = readTensorInfo(this.#library, out[0], { release: true });
      if (dtype === undefined)
        throw new TypeError("Session.run: expected float32, int32, int64 or bool from the model");
      check(ort.GetTensorMutableData(address, out));
      const count = elementCount(shape);
      const data = copy(count === 0 ? this.#library.address(this.#nothing) : out[0], elementTypes[dtype].c, count);
      return { dtype, shape, data: data as TensorValue["data"] };
    } finally {
      ort.ReleaseValue(address);
    }
  }

  #keep(value: TensorValue): Kept {
    const kept = { address: this.#create(value), data: value.data, byteLength: value.data.byteLength };
    this.#kept.set(value, kept);
    this.#collected.register(value, kept.address);
    return kept;
  }

  #create({ dtype, shape, data }: TensorValue): bigint {
    if (dtypeOf(data) !== dtype) {
      throw new TypeError(`Session.run: expected the array of dtype ${dtype}, got ${data?.constructor.name}`);
    }
    if (!shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0) || elementCount(shape) !== data.length) {
      throw new RangeError(
        `Session.run: expected the elements of shape [${shape.join(", ")}], got ${data.length}; was the buffer transferred?`,
      );
    }
    const { ort, address, check, cpuMemory } = this.#library;
    const out = new BigUint64Array(1);
    const dims = BigInt64Array.from(shape, BigInt);
    const at = address(data.length === 0 ? this.#nothing : data);
    check(
      ort.CreateTensorWithDataAsOrtValue(
        cpuMemory,
        at,
        data.byteLength,
        dims,
        dims.length,
        elementTypes[dtype].number,
        out,
      ),
    );
    return out[0];
  }
}

/** Whether an OrtValue still is that of a value. */
export function isOf({ data, byteLength }: Kept, value: TensorValue): boolean {
  return data === value.data && byteLength === value.data.byteLength;
}

/** The dtype (undefined for one without arrays here) and shape (-1 for what is open) of an `OrtTensorTypeAndShapeInfo`. */
export function readTensorInfo(
  { ort, check }: OrtLibrary,
  info: bigint,
  { release }: { readonly release: boolean },
): { dtype: DType | undefined; shape: number[] } {
  try {
    const elementType = new Int32Array(1);
    check(ort.GetTensorElementType(info, elementType));
    const rank = new BigUint64Array(1);
    check(ort.GetDimensionsCount(info, rank));
    const dims = new BigInt64Array(Number(rank[0]));
    check(ort.GetDimensions(info, dims, dims.length));
    return { dtype: dtypes.get(elementType[0]), shape: Array.from(dims, Number) };
  } finally {
    if (release) ort.ReleaseTensorTypeAndShapeInfo(info);
  }
}
