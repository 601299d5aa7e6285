/**
 * Sessions on onnxruntime-node, on the CPU.
 *
 * Its `run` holds the event loop until it is done: run it in a worker thread where that matters.
 */

import { allocate, type DType, elementCount, type TensorValue } from "@llm-learning/nn-core";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { loadOnnxruntime, type Onnxruntime } from "./loadOnnxruntime.ts";
import { type InternalSessionOptions, ortSettings, type OrtSessionOptions } from "./ortSettings.ts";
import { checkedModel } from "./readOnnxModel.ts";
import type { Session, SessionRunOptions } from "./session.ts";

/**
 * Opens a model with onnxruntime-node.
 *
 * @param model - The bytes of a model file, or the path of one (needed where weights are in a file beside it).
 * @throws RangeError for a number of threads that is not an integer > 0, a damaged file, or one whose weights are not inside its
 * directory; Error if onnxruntime-node is absent or refuses the model.
 */
export async function createOrtSession(model: Uint8Array | string, options: OrtSessionOptions = {}): Promise<Session> {
  await checkedModel("createOrtSession", model);
  return openCheckedModel(model, options);
}

/** As {@link createOrtSession}, for a model that `checkedModel` has seen, or of our own making. */
export async function openCheckedModel(model: Uint8Array | string, options: InternalSessionOptions): Promise<Session> {
  const { threads, optimization, profile, memoryPattern, entries } = ortSettings("createOrtSession", options);
  const ort = await loadOnnxruntime();
  const settings: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: optimization,
    enableMemPattern: memoryPattern,
    // Errors are thrown; in the log they would stand a second time, on standard error.
    logSeverityLevel: 4,
    extra: { session: entries },
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
  };
  const session =
    typeof model === "string"
      ? await ort.InferenceSession.create(model, settings)
      : await ort.InferenceSession.create(model, settings);
  return new OrtSession(ort, session, profile !== undefined);
}

class OrtSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #ort: Onnxruntime;
  readonly #session: InferenceSession;
  readonly #profiled: boolean;
  /** Wrappers of values seen before: parameters and reused outputs come again at every run. */
  readonly #wrappers = new WeakMap<TensorValue, Tensor>();
  /** Wrapped records of values that cannot change: a program hands over the same ones at every run. */
  readonly #wrapped = new WeakMap<object, Record<string, Tensor | null>>();
  #isDisposed = false;

  constructor(ort: Onnxruntime, session: InferenceSession, profiled: boolean) {
    this.#ort = ort;
    this.#session = session;
    this.#profiled = profiled;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
  }

  async run(
    feeds: Readonly<Record<string, TensorValue>>,
    fetches: Readonly<Record<string, TensorValue | undefined>> = Object.fromEntries(
      this.outputNames.map((name) => [name, undefined]),
    ),
    { signal }: SessionRunOptions = {},
  ): Promise<Record<string, TensorValue>> {
    signal?.throwIfAborted();
    if (this.#isDisposed) throw new Error("Session.run: expected an open session, got one that was disposed");
    const inputs = this.#wrapAll(feeds) as Record<string, Tensor>;
    const results = await this.#session.run(inputs, this.#wrapAll(fetches));
    const outputs: Record<string, TensorValue> = {};
    for (const name of Object.keys(fetches)) outputs[name] = fetches[name] ?? unwrap(results[name]);
    return outputs;
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    if (this.#profiled) this.#session.endProfiling();
    await this.#session.release();
  }

  #wrapAll(values: Readonly<Record<string, TensorValue | undefined>>): Record<string, Tensor | null> {
    const known = this.#wrapped.get(values);
    if (known !== undefined) return known;
    const wrapped: Record<string, Tensor | null> = {};
    for (const [name, value] of Object.entries(values)) wrapped[name] = value === undefined ? null : this.#wrap(value);
    if (Object.isFrozen(values)) this.#wrapped.set(values, wrapped);
    return wrapped;
  }

  #wrap(value: TensorValue): Tensor {
    const known = this.#wrappers.get(value);
    if (known !== undefined) return known;
    const wrapper = new this.#ort.Tensor(value.dtype, value.data, value.shape);
    this.#wrappers.set(value, wrapper);
    return wrapper;
  }
}

function unwrap(tensor: Tensor): TensorValue {
  return { dtype: tensor.type as DType, shape: tensor.dims, data: tensor.data as TensorValue["data"] };
}

/** A zeroed value of `shape`, for a session to write into. */
export function allocateValue(dtype: DType, shape: readonly number[]): TensorValue {
  return { dtype, shape, data: allocate(dtype, elementCount(shape)) };
}
