/**
 * The native engine: graphs, gradients included, as ONNX models on ONNX Runtime.
 *
 * The stock runtime has no gradient kernels; the gradient graph is ordinary ops and needs none. Parameters are inputs of the model,
 * read from their own arrays at every run without a copy; through the C API (`openSession.ts`) outputs are written where they are
 * handed over, too, and the event loop is free while a program runs.
 */

import { availableParallelism } from "node:os";
import {
  bindFeeds,
  type CompileOptions,
  dtypeOf,
  elementCount,
  type Engine,
  type Feeds,
  formatShape,
  type Graph,
  isStatic,
  type Parameter,
  type Program,
  type TensorType,
  type TensorValue,
  type TypedArray,
} from "@llm-learning/nn-core";
import { encodeModel } from "../format/encodeModel.ts";
import { engineModel } from "../lowering/engineModel.ts";
import type { LoweredGraph } from "../lowering/lowerGraph.ts";
import { openCheckedSession, type OpenSessionOptions } from "./openSession.ts";
import { allocateValue } from "./ortSession.ts";
import type { Session } from "./session.ts";

/**
 * Runs graphs on ONNX Runtime's CPU kernels. The same inputs give the same bits at every run, whatever the number of threads and the
 * binding; but for products of batches of fewer matrices than threads, where a matrix has an inner axis above 128, more columns than
 * rows, and 64 columns or fewer for a thread.
 *
 * @example
 * ```ts
 * const engine = onnxruntimeEngine({ threads: 2 });
 * const program = await compile(engine, graph);
 * const { loss } = await program.run({ inputIds, targets });
 * ```
 */
export function onnxruntimeEngine(options: OpenSessionOptions = {}): Engine {
  return {
    name: "onnxruntime",
    async compile(graph: Graph, { outputs = {} }: CompileOptions = {}): Promise<Program> {
      const fetches = fetchesOf(graph, outputs);
      const { threads = availableParallelism() } = options;
      const lowered = engineModel(graph, { threads });
      const session = await openCheckedSession(encodeModel(lowered.model), {
        ...options,
        threads,
        // Half of the memory of a training step, and no time.
        memoryPattern: false,
      });
      return new OrtProgram(graph, lowered, { session, fetches });
    },
  };
}

/** A run that takes less than this many milliseconds is not worth the way to another thread. */
const SHORT_RUN = 1;

class OrtProgram implements Program {
  readonly #inputs: ReadonlyMap<string, TensorType>;
  readonly #outputs: ReadonlyMap<string, string>;
  readonly #session: Session;
  readonly #parameters: ReadonlyMap<Parameter, string>;
  readonly #fetches: Readonly<Record<string, TensorValue | undefined>>;
  /** What the last run was fed, and what the session was given for it: the arrays of a training loop are the same at every step. */
  #last: { readonly feeds: Feeds; readonly values: Readonly<Record<string, TensorValue>> } | undefined;
  #isRunning = false;
  /** Whether the last run was over before anybody could have missed the event loop. */
  #isShort = false;

  constructor(
    graph: Graph,
    lowered: LoweredGraph,
    { session, fetches }: { readonly session: Session; readonly fetches: Fetches },
  ) {
    this.#inputs = graph.inputs;
    this.#outputs = lowered.outputs;
    this.#session = session;
    this.#parameters = lowered.parameters;
    const named = [...fetches].map(([name, value]) => [lowered.outputs.get(name) as string, value]);
    this.#fetches = Object.freeze(Object.fromEntries(named) as Record<string, TensorValue | undefined>);
  }

  async run(feeds: Feeds): Promise<Record<string, TensorValue>> {
    if (this.#isRunning) {
      throw new Error("Program.run: expected one run at a time (outputs are reused), got a second; await the first");
    }
    const values = this.#bind(feeds);
    this.#isRunning = true;
    const begin = performance.now();
    try {
      const results = await this.#session.run(values, this.#fetches, { blocking: this.#isShort });
      this.#isShort = performance.now() - begin < SHORT_RUN;
      const outputs: Record<string, TensorValue> = {};
      for (const [name, modelName] of this.#outputs) outputs[name] = results[modelName];
      return outputs;
    } finally {
      this.#isRunning = false;
    }
  }

  async dispose(): Promise<void> {
    this.#last = undefined;
    await this.#session.dispose();
  }

  /** Feeds and parameters, checked; those of the last run where the same arrays come again. */
  #bind(feeds: Feeds): Readonly<Record<string, TensorValue>> {
    const last = this.#last;
    if (last !== undefined && areSameArrays(feeds, last.feeds) && this.#isInPlace(last.values)) return last.values;
    const { values } = bindFeeds(this.#inputs, feeds);
    const parameters: Record<string, TensorValue> = {};
    for (const [{ shape, data }, name] of this.#parameters) parameters[name] = { dtype: "float32", shape, data };
    const bound = Object.freeze({ ...parameters, ...Object.fromEntries(values) });
    this.#last = { feeds: { ...feeds }, values: bound };
    return bound;
  }

  /** Whether every parameter is still where it was: an optimizer may have moved it. */
  #isInPlace(values: Readonly<Record<string, TensorValue>>): boolean {
    for (const [parameter, name] of this.#parameters) if (values[name].data !== parameter.data) return false;
    return true;
  }
}

/** What each output is written to; undefined for one that is as large as what is fed has it. */
type Fetches = ReadonlyMap<string, TensorValue | undefined>;

/** The memory that is given for outputs, and memory for the others. @throws RangeError for memory that does not fit. */
function fetchesOf({ outputs }: Graph, memory: NonNullable<CompileOptions["outputs"]>): Fetches {
  const stray = Object.keys(memory).find((name) => !outputs.has(name));
  if (stray !== undefined) throw new RangeError(`compile: expected memory for outputs of the graph, got "${stray}"`);
  return new Map([...outputs].map(([name, { dtype, shape }]) => [name, fetchOf({ name, dtype, shape }, memory[name])]));
}

function fetchOf(
  { name, dtype, shape }: TensorType & { readonly name: string },
  data: TypedArray | undefined,
): TensorValue | undefined {
  if (data === undefined) return isStatic(shape) ? allocateValue(dtype, shape) : undefined;
  if (isStatic(shape) && dtypeOf(data) === dtype && data.length === elementCount(shape)) return { dtype, shape, data };
  throw new RangeError(
    `compile: expected memory for ${dtype} ${formatShape(shape)} ("${name}"), got ${data.length} of ${dtypeOf(data)}` +
      (isStatic(shape) ? "" : ": its size is known only when it runs"),
  );
}

/** Whether two feeds consist of the same bare arrays, whose shapes are the inputs' own. */
function areSameArrays(feeds: Feeds, others: Feeds): boolean {
  let count = 0;
  for (const name in feeds) {
    const feed = feeds[name];
    if (feed !== others[name] || !ArrayBuffer.isView(feed) || feed.length === 0) return false;
    count++;
  }
  for (const _ in others) count--;
  return count === 0;
}
