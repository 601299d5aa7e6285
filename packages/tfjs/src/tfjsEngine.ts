/**
 * The engine on TensorFlow.js: a graph is run node by node, each op by its lowering, on whatever backend the given namespace has.
 */

import {
  bindFeeds,
  type Engine,
  type Feeds,
  type Graph,
  type Program,
  type Tensor,
  type TensorValue,
  dimensionSizes,
} from "@llm-learning/nn-core";
import { plan, runPlan, type Plan } from "./plan.ts";
import type { TensorFlow, TfTensor } from "./tensorFlow.ts";
import { fromTensorFlow, toTensorFlow } from "./values.ts";

/**
 * Runs graphs on TensorFlow.js: on tfjs-node, or on the WebGPU, WebAssembly or plain JavaScript backend.
 *
 * Gradients are those of nn-core, not of TensorFlow.js. The backend is the one that is current at each run. A run frees all that it made;
 * what stays until `dispose` are the graph's constants.
 *
 * int64 values are computed as int32, which TensorFlow.js has: those that do not fit are refused where they are fed.
 *
 * @param tf - The namespace of `@tensorflow/tfjs-core`, `@tensorflow/tfjs` or `@tensorflow/tfjs-node`, with a backend registered.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-wasm";
 *
 * await tf.setBackend("wasm");
 * const program = await compile(tfjsEngine(tf), graph);
 * const { loss } = await program.run({ inputIds, targets });
 * ```
 */
export function tfjsEngine(tf: TensorFlow): Engine {
  return {
    name: "tfjs",
    async compile(graph: Graph): Promise<Program> {
      await tf.ready();
      return new TfjsProgram(tf, graph);
    },
  };
}

class TfjsProgram implements Program {
  readonly #tf: TensorFlow;
  readonly #graph: Graph;
  readonly #plan: Plan;
  readonly #constants = new Map<unknown, TfTensor>();
  /** Buffers of the graph's constants. */
  readonly #fixed: readonly ArrayBufferLike[];
  #isDisposed = false;

  constructor(tf: TensorFlow, graph: Graph) {
    this.#tf = tf;
    this.#graph = graph;
    this.#plan = plan(graph);
    const read = [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.values()];
    this.#fixed = read.flatMap(({ source }) => (source.kind === "constant" ? [source.data.buffer] : []));
  }

  async run(feeds: Feeds): Promise<Record<string, TensorValue>> {
    if (this.#isDisposed)
      throw new Error("Program.run: expected a program that was not disposed of, got a disposed one");
    const tf = this.#tf;
    const { values, sizes } = bindFeeds(this.#graph.inputs, feeds);
    const results = runPlan(this.#plan, {
      tf,
      upload: (leaf) => toTensorFlow(tf, leafValue(leaf, values)),
      resolve: dimensionSizes(this.#graph, sizes),
      constant: (key, make) => this.#constant(key, make),
    });
    try {
      const given = [...values.values(), ...this.#graph.parameters].map(({ data }) => data.buffer);
      const taken = new Set([...given, ...this.#fixed]);
      const entries = [...this.#graph.outputs].map(async ([name, { dtype }], index) => {
        return [name, await fromTensorFlow(results[index], dtype, taken)] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    } finally {
      tf.dispose(results);
    }
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#tf.dispose([...this.#constants.values()]);
    this.#constants.clear();
  }

  #constant(key: unknown, make: () => TfTensor): TfTensor {
    let tensor = this.#constants.get(key);
    if (tensor === undefined) {
      tensor = this.#tf.keep(make());
      this.#constants.set(key, tensor);
    }
    return tensor;
  }
}

/** What an input was fed, by its name, since several tensors may stand for it; or what a parameter holds now. */
function leafValue({ source }: Tensor, feeds: ReadonlyMap<string, TensorValue>): TensorValue {
  if (source.kind === "parameter")
    return { dtype: "float32", shape: source.parameter.shape, data: source.parameter.data };
  const value = source.kind === "input" ? feeds.get(source.name) : undefined;
  if (value === undefined) throw new Error(`Program.run: expected a value for every leaf, got none for ${source.kind}`);
  return value;
}
