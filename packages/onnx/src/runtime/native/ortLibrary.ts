/**
 * ONNX Runtime through its C API: the very library that onnxruntime-node ships, opened with koffi, so that nothing is copied and the
 * event loop stays free while a model runs.
 *
 * koffi is an optional dependency. Whatever is not as expected is an error here, before a session depends on it: then onnxruntime-node
 * does the work.
 */

import type * as koffi from "koffi";
import { apiVersion, functionTable, type OrtFunctions, type Status } from "./functions.ts";
import { sharedLibraryPath } from "./sharedLibrary.ts";

type Koffi = typeof koffi;

/** A function of the library; `async` calls it on another thread, and then its last argument. */
type KoffiFunction = ReturnType<koffi.LibraryHandle["func"]>;

/** The opened library. */
export interface OrtLibrary {
  /** Such as "1.30.0". */
  readonly version: string;
  readonly ort: OrtFunctions;
  /** `ort.Run`, `ort.CreateSession` and `ort.CreateSessionFromArray` on a thread of their own; memory must stay alive until then. */
  readonly inBackground: Background;
  readonly environment: bigint;
  readonly allocator: bigint;
  readonly cpuMemory: bigint;
  /** Address of the data of a typed array, which must be kept alive by the caller. */
  address(data: ArrayBufferView): bigint;
  /** A copy of `length` elements of a C type, as a typed array. */
  copy(address: bigint, type: string, length: number): ArrayBufferView;
  /** The string at an address. */
  text(address: bigint): string;
  /** @throws Error with the runtime's words for a status that is not success. */
  check(status: Status): void;
}

type Background = {
  readonly [Name in "Run" | "CreateSession" | "CreateSessionFromArray"]: (
    ...args: Parameters<OrtFunctions[Name]>
  ) => Promise<Status>;
};

/** Kernels take more of the stack than the 128 KiB that koffi's threads have by default. */
const STACK_BYTES = 4 << 20;

/** Errors come as statuses. */
const LOG_FATAL = 4;

let opened: Promise<OrtLibrary> | undefined;

/**
 * Opens the library, once for the thread; it is never closed.
 *
 * @throws Error saying why it cannot be used.
 */
export async function openOrtLibrary(): Promise<OrtLibrary> {
  opened ??= open();
  return opened;
}

async function open(): Promise<OrtLibrary> {
  const koffi = await loadKoffi();
  widenStacks(koffi);
  const library = koffi.load(sharedLibraryPath());
  pinned.push(library);
  const [getApi, getVersionString] = addresses(koffi, library.func("OrtGetApiBase", "void *", [])() as bigint, 2);
  const version = functionAt(koffi, getVersionString, "str", [])() as string;
  // The table is read by index: a library of another kind must not get that far.
  if (!/^1\.\d+\.\d+/.test(version)) throw new Error(`openOrtLibrary: expected ONNX Runtime 1.x, got ${version}`);
  const table = functionAt(koffi, getApi, "void *", ["uint32_t"])(apiVersion) as bigint | null;
  if (table === null) {
    throw new Error(`openOrtLibrary: expected ONNX Runtime with API version ${apiVersion}, got ${version}`);
  }
  const functions = readFunctions(koffi, table);
  const ort = functions as unknown as OrtFunctions;
  const check = (status: Status): void => {
    if (status === null) return;
    const message = ort.GetErrorMessage(status);
    ort.ReleaseStatus(status);
    throw new Error(message);
  };
  const created = (create: (out: BigUint64Array) => Status): bigint => {
    const out = new BigUint64Array(1);
    check(create(out));
    return out[0];
  };
  return {
    version,
    ort,
    inBackground: {
      Run: inBackground(functions.Run),
      CreateSession: inBackground(functions.CreateSession),
      CreateSessionFromArray: inBackground(functions.CreateSessionFromArray),
    },
    environment: created((out) => ort.CreateEnv(LOG_FATAL, "llm-learning", out)),
    allocator: created((out) => ort.GetAllocatorWithDefaultOptions(out)),
    // An arena or not makes no difference to memory that the runtime does not own.
    cpuMemory: created((out) => ort.CreateCpuMemoryInfo(0, 0, out)),
    address: (data) => koffi.address(data),
    copy: (address, type, length) => koffi.decode(address, type, length) as ArrayBufferView,
    text: (address) => koffi.decode.string(address),
    check,
  };
}

/** Keeps what was loaded from being collected, which would unload it under its own threads. */
const pinned: unknown[] = [];

async function loadKoffi(): Promise<Koffi> {
  try {
    return (await import("koffi")).default as unknown as Koffi;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`openOrtLibrary: expected the package koffi, got "${reason}"`, { cause });
  }
}

function widenStacks(koffi: Koffi): void {
  try {
    koffi.config({ async_stack_size: STACK_BYTES, sync_stack_size: STACK_BYTES });
  } catch {
    // Settled once a library is loaded, by somebody else's code too.
  }
  const { async_stack_size: background = 0, sync_stack_size: foreground = 0 } = koffi.config();
  if (Math.min(background, foreground) < STACK_BYTES) {
    throw new Error(
      `openOrtLibrary: expected stacks of ${STACK_BYTES} bytes, got ${foreground} and ${background}, which other code of ` +
        "this process has set in koffi's configuration",
    );
  }
}

function readFunctions(koffi: Koffi, table: bigint): Record<keyof OrtFunctions, KoffiFunction> {
  const rows = Object.entries(functionTable);
  const all = addresses(koffi, table, 1 + Math.max(...rows.map(([, [index]]) => index)));
  const functions = rows.map(([name, [index, result, ...parameters]]) => [
    name,
    functionAt(koffi, all[index], result, parameters),
  ]);
  return Object.fromEntries(functions) as Record<keyof OrtFunctions, KoffiFunction>;
}

function addresses(koffi: Koffi, structure: bigint, count: number): BigUint64Array {
  return koffi.decode(structure, "uint64_t", count) as BigUint64Array;
}

function functionAt(koffi: Koffi, address: bigint, result: string, parameters: readonly string[]): KoffiFunction {
  return koffi.decode(address, koffi.proto(result, [...parameters])) as KoffiFunction;
}

function inBackground(call: KoffiFunction): (...args: readonly unknown[]) => Promise<Status> {
  return (...args) =>
    new Promise((resolve, reject) => {
      call.async(...args, (error: Error | null, status: Status) => {
        if (error) reject(error);
        else resolve(status);
      });
    });
}
