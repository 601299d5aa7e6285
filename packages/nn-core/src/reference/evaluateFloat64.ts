/**
 * A graph's outputs in double precision, straight from the reference kernels: what gradient checks by finite
 * differences need, since float32 leaves them too few digits.
 */

import { bindFeeds, type Feeds } from "../engine.ts";
import type { TypedArray } from "../dtype.ts";
import type { Graph } from "../graph.ts";
import type { Parameter } from "../parameter.ts";
import { execute } from "./execute.ts";
import { fromTypedArray, type NdArray } from "./ndArray.ts";

type Elements = TypedArray | Float64Array;

/** Like `Feeds`, with Float64Array allowed for float32 inputs. */
export type Float64Feeds = Readonly<
  Record<string, Elements | { readonly shape: readonly number[]; readonly data: Elements }>
>;

/**
 * Computes every output of `graph` once, in double precision. Constants made of an array keep the float32 values they
 * were made with; those made of a number are exact.
 *
 * @param parameters - Values to use instead of a parameter's own `data`.
 * @returns each output with its shape and its elements as doubles, whatever its dtype.
 * @throws as a program's `run` does; RangeError if a parameter's value has the wrong length.
 */
export function evaluateFloat64(
  graph: Graph,
  feeds: Float64Feeds,
  parameters: ReadonlyMap<Parameter, Float64Array> = new Map(),
): Record<string, NdArray> {
  const { values, sizes } = bindFeeds(graph.inputs, inSinglePrecision(feeds));
  const inputs = new Map(
    [...values].map(([name, { dtype, shape }]) => {
      const feed = feeds[name];
      return [name, fromTypedArray(dtype, shape, ArrayBuffer.isView(feed) ? feed : feed.data)];
    }),
  );
  const parameterValues = new Map(
    graph.parameters.map((parameter) => [parameter, parameterValue(parameter, parameters.get(parameter))]),
  );
  return Object.fromEntries(execute(graph, { inputs, parameters: parameterValues, sizes }, "float64"));
}

function parameterValue(parameter: Parameter, data: Float64Array | Float32Array = parameter.data): NdArray {
  if (data.length !== parameter.elementCount) {
    throw new RangeError(
      `evaluateFloat64: expected ${parameter.elementCount} values for a parameter, got ${data.length}`,
    );
  }
  return fromTypedArray("float32", parameter.shape, data);
}

/** The same feeds as an engine takes them, so that they are checked as an engine's are. */
function inSinglePrecision(feeds: Float64Feeds): Feeds {
  const narrow = (data: Elements): TypedArray => (data instanceof Float64Array ? new Float32Array(data) : data);
  return Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => [
      name,
      ArrayBuffer.isView(feed) ? narrow(feed) : { shape: feed.shape, data: narrow(feed.data) },
    ]),
  );
}
