/**
 * The reference engine: every op as plain loops, for tests, for teaching, and for wherever nothing faster is at hand.
 *
 * It needs nothing but JavaScript and aims at being obviously right, not at being fast. Sums accumulate in double
 * precision whatever the precision of the result.
 */

import { bindFeeds, type Engine, type Feeds, type Program, type TensorValue } from "../engine.ts";
import type { Graph } from "../graph.ts";
import { execute, type Precision } from "./execute.ts";
import { fromTypedArray, toTypedArray } from "./ndArray.ts";

/** Options of {@link referenceEngine}. */
export interface ReferenceEngineOptions {
  /**
   * Arithmetic of float32 tensors: "float32" rounds the result of each op to float32; "float64" keeps doubles from op to
   * op and rounds only the outputs. See `evaluateFloat64` for outputs in doubles too.
   *
   * @defaultValue "float32"
   */
  readonly precision?: Precision;
}

/**
 * The engine written in plain TypeScript.
 *
 * Unlike most engines it throws a RangeError for an index out of range instead of reading elsewhere.
 *
 * @example
 * ```ts
 * const program = await compile(referenceEngine(), graph);
 * const { y } = await program.run({ x: new Float32Array([1, 2, 3]) });
 * ```
 */
export function referenceEngine({ precision = "float32" }: ReferenceEngineOptions = {}): Engine {
  return {
    name: "reference",
    compile: (graph) => Promise.resolve(referenceProgram(graph, precision)),
  };
}

function referenceProgram(graph: Graph, precision: Precision): Program {
  let disposed = false;
  return {
    async run(feeds: Feeds): Promise<Record<string, TensorValue>> {
      if (disposed) throw new Error("run: expected a program that has not been disposed of, got a disposed one");
      const { values, sizes } = bindFeeds(graph.inputs, feeds);
      const inputs = new Map(
        [...values].map(([name, { dtype, shape, data }]) => [name, fromTypedArray(dtype, shape, data)]),
      );
      const parameters = new Map(
        graph.parameters.map((parameter) => [parameter, fromTypedArray("float32", parameter.shape, parameter.data)]),
      );
      const outputs = execute(graph, { inputs, parameters, sizes }, precision);
      return Object.fromEntries(
        [...outputs].map(([name, array]) => [
          name,
          { dtype: array.dtype, shape: array.shape, data: toTypedArray(array) },
        ]),
      );
    },
    async dispose(): Promise<void> {
      disposed = true;
    },
  };
}
