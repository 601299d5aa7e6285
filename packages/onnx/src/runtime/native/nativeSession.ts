/**
 * Sessions on ONNX Runtime's C API, on the CPU: inputs and given outputs are used where they are, and the event loop stays free.
 */

import { resolve } from "node:path";
import type { TensorValue } from "@llm-learning/nn-core";
import { type InternalSessionOptions, type OrtSettings, ortSettings } from "../ortSettings.ts";
import type { Session, SessionRunOptions } from "../session.ts";
import { type Bound, BoundRecords } from "./boundRecords.ts";
import type { Status } from "./functions.ts";
import { NativeValues } from "./nativeValues.ts";
import { openOrtLibrary, type OrtLibrary } from "./ortLibrary.ts";
import { expectShape, expectType, readSlots, type Slot, type Slots } from "./slots.ts";

const optimizationLevels = { disabled: 0, basic: 1, extended: 2, all: 99 } as const;

/** Errors come as statuses: nothing is to be printed as well. */
const LOG_FATAL = 4;

/**
 * Opens a model through the C API; `checkedModel` has seen it.
 *
 * @param model - The bytes of a model file, or the path of one (needed where weights are in a file beside it).
 * @throws RangeError for a number of threads that is not an integer > 0, Error if the library cannot be used or refuses the
 * model.
 */
export async function openNativeSession(model: Uint8Array | string, options: InternalSessionOptions): Promise<Session> {
  const settings = ortSettings("openSession", options);
  const library = await openOrtLibrary();
  const session = await createSession(library, model, settings);
  try {
    const isProfiled = settings.profile !== undefined;
    return new NativeSession(library, session, { ...readSlots(library, session), isProfiled });
  } catch (error) {
    library.ort.ReleaseSession(session);
    throw error;
  }
}

/** Releases the sessions that nobody has disposed of and nobody can reach: none of them is running. */
const forgotten = new FinalizationRegistry<() => void>((release) => release());

/** What the runtime reads from memory: names, and values in their order. */
type Argument = "inputNames" | "inputs" | "outputNames" | "outputs";

class NativeSession implements Session {
  readonly writesInPlace = true;
  readonly inputNames: readonly string[];
  readonly optionalInputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #library: OrtLibrary;
  readonly #session: bigint;
  readonly #isProfiled: boolean;
  readonly #inputs: readonly Slot[];
  readonly #optional: readonly Slot[];
  readonly #outputs: ReadonlyMap<string, Slot>;
  /** Addresses of the names of inputs, by which optional ones are among them. */
  readonly #inputAddresses = new Map<string, BigUint64Array>();
  readonly #values: NativeValues;
  readonly #bound: BoundRecords;
  readonly #running = new Set<Promise<Status>>();
  #disposal: Promise<void> | undefined;

  constructor(
    library: OrtLibrary,
    session: bigint,
    { inputs, optional, outputs, isProfiled }: Slots & { isProfiled: boolean },
  ) {
    this.#library = library;
    this.#session = session;
    this.#isProfiled = isProfiled;
    this.#inputs = inputs;
    this.#optional = optional;
    this.#outputs = new Map(outputs.map((slot) => [slot.name, slot]));
    this.inputNames = inputs.map(({ name }) => name);
    this.optionalInputNames = optional.map(({ name }) => name);
    this.outputNames = outputs.map(({ name }) => name);
    this.#values = new NativeValues(library);
    this.#bound = new BoundRecords(this.#values);
    forgotten.register(this, () => library.ort.ReleaseSession(session), this);
  }

  async run(
    feeds: Readonly<Record<string, TensorValue>>,
    fetches: Readonly<Record<string, TensorValue | undefined>> = Object.fromEntries(
      this.outputNames.map((name) => [name, undefined]),
    ),
    options: SessionRunOptions = {},
  ): Promise<Record<string, TensorValue>> {
    options.signal?.throwIfAborted();
    if (this.#disposal !== undefined) {
      throw new Error("Session.run: expected an open session, got one that was disposed");
    }
    const passing: bigint[] = [];
    try {
      const names = Object.keys(fetches);
      const [inputNames, inputs] = this.#bound.of(feeds, () => this.#bindInputs(feeds, passing));
      const [outputNames, outputs] = this.#bound.of(fetches, () => this.#bindOutputs(names, fetches, passing));
      await this.#call({ inputNames, inputs, outputNames, outputs }, options);
      const results: Record<string, TensorValue> = {};
      for (const [index, name] of names.entries()) {
        results[name] = fetches[name] ?? this.#values.take(outputs[index]);
      }
      return results;
    } finally {
      this.#values.release(passing);
    }
  }

  async dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    forgotten.unregister(this);
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    const { ort, allocator, check } = this.#library;
    try {
      if (!this.#isProfiled) return;
      const out = new BigUint64Array(1);
      check(ort.SessionEndProfiling(this.#session, allocator, out));
      check(ort.AllocatorFree(allocator, out[0]));
    } finally {
      ort.ReleaseSession(this.#session);
    }
  }

  #bindInputs(feeds: Readonly<Record<string, TensorValue>>, passing: bigint[]): Bound {
    const given = this.#optional.filter(({ name }) => feeds[name] !== undefined);
    const slots = [...this.#inputs, ...given];
    const inputs = new BigUint64Array(slots.length);
    for (const [index, slot] of slots.entries()) {
      const value = feeds[slot.name];
      if (value === undefined) throw new Error(`Session.run: expected a value for input "${slot.name}", got none`);
      expectType(slot, value, "input");
      expectShape(slot, value);
      inputs[index] = this.#values.of(value, passing);
    }
    const names = Object.keys(feeds);
    if (names.length > inputs.length) {
      const stray = names.find((name) => !slots.some((slot) => slot.name === name));
      throw new Error(`Session.run: expected inputs of the model, got "${stray}"`);
    }
    const key = given.map(({ name }) => name).join("\0");
    const addresses = this.#inputAddresses.get(key) ?? BigUint64Array.from(slots, ({ address }) => address);
    this.#inputAddresses.set(key, addresses);
    return [addresses, inputs];
  }

  /** Names and values; 0 for a value that the runtime is to allocate. */
  #bindOutputs(
    names: readonly string[],
    fetches: Readonly<Record<string, TensorValue | undefined>>,
    passing: bigint[],
  ): Bound {
    if (names.length === 0) throw new Error("Session.run: expected an output to compute, got none");
    const addresses = new BigUint64Array(names.length);
    const values = new BigUint64Array(names.length);
    for (const [index, name] of names.entries()) {
      const slot = this.#outputs.get(name);
      if (slot === undefined) throw new Error(`Session.run: expected outputs of the model, got "${name}"`);
      addresses[index] = slot.address;
      const value = fetches[name];
      if (value === undefined) continue;
      // Its shape is compared by the runtime, with what was computed.
      expectType(slot, value, "output");
      values[index] = this.#values.of(value, passing);
    }
    return [addresses, values];
  }

  async #call(
    { inputNames, inputs, outputNames, outputs }: Readonly<Record<Argument, BigUint64Array>>,
    { signal, blocking = false }: SessionRunOptions,
  ): Promise<void> {
    const { ort, inBackground, address, check } = this.#library;
    const run = blocking ? ort.Run : inBackground.Run;
    const runOptions = signal === undefined ? null : this.#created((out) => ort.CreateRunOptions(out));
    const terminate = (): void => check(ort.RunOptionsSetTerminate(runOptions as bigint));
    signal?.addEventListener("abort", terminate, { once: true });
    const status = run(
      this.#session,
      runOptions,
      address(inputNames),
      address(inputs),
      inputs.length,
      address(outputNames),
      outputs.length,
      address(outputs),
    );
    if (status instanceof Promise) this.#running.add(status);
    try {
      check(await status);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      if (status instanceof Promise) this.#running.delete(status);
      signal?.removeEventListener("abort", terminate);
      if (runOptions !== null) ort.ReleaseRunOptions(runOptions);
    }
  }

  #created(create: (out: BigUint64Array) => Status): bigint {
    const out = new BigUint64Array(1);
    this.#library.check(create(out));
    return out[0];
  }
}

async function createSession(
  library: OrtLibrary,
  model: Uint8Array | string,
  { threads, optimization, profile, memoryPattern, entries }: OrtSettings,
): Promise<bigint> {
  const { ort, inBackground, environment, address, check } = library;
  const out = new BigUint64Array(1);
  check(ort.CreateSessionOptions(out));
  const options = out[0];
  try {
    check(ort.SetSessionLogSeverityLevel(options, LOG_FATAL));
    check(ort.SetSessionGraphOptimizationLevel(options, optimizationLevels[optimization]));
    check(ort.SetIntraOpNumThreads(options, threads));
    check(ort.SetInterOpNumThreads(options, 1));
    if (!memoryPattern) check(ort.DisableMemPattern(options));
    for (const [key, value] of Object.entries(entries)) {
      check(ort.AddSessionConfigEntry(options, `session.${key}`, value));
    }
    if (profile !== undefined) check(ort.EnableProfiling(options, pathText(profile)));
    const source = typeof model === "string" ? pathText(model) : model;
    const created =
      typeof model === "string"
        ? inBackground.CreateSession(environment, address(source), options, address(out))
        : inBackground.CreateSessionFromArray(environment, address(source), source.byteLength, options, address(out));
    check(await created);
    return out[0];
  } finally {
    ort.ReleaseSessionOptions(options);
  }
}

/** A path as C has it: UTF-16 on Windows, UTF-8 elsewhere. */
function pathText(path: string): Buffer {
  return Buffer.from(`${resolve(path)}\0`, process.platform === "win32" ? "utf16le" : "utf8");
}
