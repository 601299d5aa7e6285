/**
 * What an engine is: something that lowers a graph to a program and runs it.
 *
 * `@llm-learning/onnx` has the native engine; `referenceEngine` in this package is plain TypeScript. Engines keep their
 * lowerings in a table typed over `OpName`, so that the compiler complains when one misses an op.
 */

import type { DType, TypedArray } from "./dtype.ts";
import { dataKind, dtypeOf } from "./dtype.ts";
import type { Graph } from "./graph.ts";
import { elementCount, formatShape, isStatic } from "./shape.ts";
import type { TensorType } from "./tensor.ts";

/** A computed array: row-major data with its shape. */
export interface TensorValue {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** A value for each input; a bare array suffices where the input's shape is all numbers. */
export type Feeds = Readonly<
  Record<string, TypedArray | { readonly shape: readonly number[]; readonly data: TypedArray }>
>;

/** What a program is to be like. */
export interface CompileOptions {
  /**
   * Memory for outputs whose shapes are all numbers, by their names: an array of the dtype, as long as the output. An engine that can
   * writes there, and saves who reads it there a copy; others give arrays of their own. @defaultValue none
   */
  outputs?: Readonly<Record<string, TypedArray>>;
}

/** Turns graphs into programs. */
export interface Engine {
  readonly name: string;
  compile(graph: Graph, options?: CompileOptions): Promise<Program>;
}

/** A graph made ready to run. */
export interface Program {
  /**
   * Computes every output. Parameters are read as they are now.
   *
   * The returned arrays belong to the program and may be overwritten by its next run: copy what must last.
   */
  run(feeds: Feeds): Promise<Record<string, TensorValue>>;
  /** Frees what the program holds; it cannot run afterwards. */
  dispose(): Promise<void>;
}

/** `await compile(engine, graph)`: the program that runs `graph` on `engine`. */
export function compile(engine: Engine, graph: Graph, options?: CompileOptions): Promise<Program> {
  return engine.compile(graph, options);
}

/**
 * Checks `feeds` against the inputs of a graph: every input fed, dtypes and shapes right, one size for each named dimension.
 *
 * @returns a value for each input in the graph's order, and the size of each named dimension.
 * @throws TypeError for a missing input or a wrong dtype, RangeError for a shape that does not fit.
 */
export function bindFeeds(
  inputs: ReadonlyMap<string, TensorType>,
  feeds: Feeds,
): { values: Map<string, TensorValue>; sizes: Map<string, number> } {
  const values = new Map<string, TensorValue>();
  const sizes = new Map<string, number>();
  for (const [name, { shape: expected, dtype }] of inputs) {
    const feed = feeds[name];
    if (feed === undefined) throw new TypeError(`run: expected a value for input "${name}", got none`);
    const bare = ArrayBuffer.isView(feed);
    const data = bare ? feed : feed.data;
    if (dtypeOf(data) !== dtype) {
      throw new TypeError(`run: expected ${dtype} data for input "${name}", got ${dataKind(data ?? feed)}`);
    }
    if (bare && !isStatic(expected)) {
      throw new RangeError(
        `run: expected { shape, data } for input "${name}", whose shape ${formatShape(expected)} has named dimensions, got a bare array`,
      );
    }
    const shape = bare ? (expected as readonly number[]) : feed.shape;
    const fits = shape.length === expected.length && shape.every((size, axis) => bind(sizes, expected[axis], size));
    if (!fits || data.length !== elementCount(shape)) {
      throw new RangeError(
        `run: expected ${formatShape(expected)} for input "${name}"` +
          `${describeSizes(sizes)}, got ${formatShape(shape)} with ${data.length} elements`,
      );
    }
    values.set(name, { dtype, shape, data });
  }
  for (const name of Object.keys(feeds)) {
    if (!inputs.has(name)) {
      throw new TypeError(`run: expected inputs ${[...inputs.keys()].join(", ") || "none"}, got one named "${name}"`);
    }
  }
  return { values, sizes };
}

function bind(sizes: Map<string, number>, dim: number | string, size: number): boolean {
  if (typeof dim === "number") return dim === size;
  if (!Number.isSafeInteger(size) || size < 0) return false;
  const known = sizes.get(dim);
  if (known !== undefined) return known === size;
  sizes.set(dim, size);
  return true;
}

function describeSizes(sizes: ReadonlyMap<string, number>): string {
  if (sizes.size === 0) return "";
  return ` where ${[...sizes].map(([name, size]) => `${name} = ${size}`).join(", ")}`;
}
