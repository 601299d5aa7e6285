/**
 * The functions of ONNX Runtime's C API that a session needs: where they stand in the table, and what they take.
 *
 * `OrtApi` in onnxruntime_c_api.h is a structure of function pointers to which each version only appends: an index never changes. Those
 * below were counted, and their parameters compared, in the header of API version 29. A mistake in this file ends the
 * process, so nothing else may call by index.
 */

/** An address; null is none. */
export type Pointer = bigint | null;

/** What is passed by its address. */
export type Memory = ArrayBufferView | Pointer;

/** An `OrtStatus`, null for success. */
export type Status = Pointer;

/** Functions by their names in the header; sizes are numbers, and results come in typed arrays of one element. */
export interface OrtFunctions {
  GetErrorMessage(status: bigint): string;
  CreateEnv(logLevel: number, id: string, out: BigUint64Array): Status;
  CreateSession(env: bigint, path: Memory, options: bigint, out: Memory): Status;
  CreateSessionFromArray(env: bigint, model: Memory, byteLength: number, options: bigint, out: Memory): Status;
  Run(
    session: bigint,
    runOptions: Pointer,
    inputNames: Memory,
    inputs: Memory,
    inputCount: number,
    outputNames: Memory,
    outputCount: number,
    outputs: Memory,
  ): Status;
  CreateSessionOptions(out: BigUint64Array): Status;
  EnableProfiling(options: bigint, pathPrefix: Memory): Status;
  DisableMemPattern(options: bigint): Status;
  SetSessionLogSeverityLevel(options: bigint, level: number): Status;
  SetSessionGraphOptimizationLevel(options: bigint, level: number): Status;
  SetIntraOpNumThreads(options: bigint, threads: number): Status;
  SetInterOpNumThreads(options: bigint, threads: number): Status;
  SessionGetInputCount(session: bigint, out: BigUint64Array): Status;
  SessionGetOutputCount(session: bigint, out: BigUint64Array): Status;
  SessionGetOverridableInitializerCount(session: bigint, out: BigUint64Array): Status;
  SessionGetInputTypeInfo(session: bigint, index: number, out: BigUint64Array): Status;
  SessionGetOutputTypeInfo(session: bigint, index: number, out: BigUint64Array): Status;
  SessionGetOverridableInitializerTypeInfo(session: bigint, index: number, out: BigUint64Array): Status;
  SessionGetInputName(session: bigint, index: number, allocator: bigint, out: BigUint64Array): Status;
  SessionGetOutputName(session: bigint, index: number, allocator: bigint, out: BigUint64Array): Status;
  SessionGetOverridableInitializerName(session: bigint, index: number, allocator: bigint, out: BigUint64Array): Status;
  CreateRunOptions(out: BigUint64Array): Status;
  RunOptionsSetTerminate(runOptions: bigint): Status;
  CreateTensorWithDataAsOrtValue(
    memory: bigint,
    data: Memory,
    byteLength: number,
    shape: BigInt64Array,
    rank: number,
    elementType: number,
    out: BigUint64Array,
  ): Status;
  GetTensorMutableData(value: bigint, out: BigUint64Array): Status;
  CastTypeInfoToTensorInfo(typeInfo: bigint, out: BigUint64Array): Status;
  GetTensorElementType(tensorInfo: bigint, out: Int32Array): Status;
  GetDimensionsCount(tensorInfo: bigint, out: BigUint64Array): Status;
  GetDimensions(tensorInfo: bigint, out: BigInt64Array, rank: number): Status;
  GetTensorTypeAndShape(value: bigint, out: BigUint64Array): Status;
  CreateCpuMemoryInfo(allocator: number, memory: number, out: BigUint64Array): Status;
  AllocatorFree(allocator: bigint, address: bigint): Status;
  GetAllocatorWithDefaultOptions(out: BigUint64Array): Status;
  ReleaseStatus(status: bigint): void;
  ReleaseSession(session: bigint): void;
  ReleaseValue(value: bigint): void;
  ReleaseRunOptions(runOptions: bigint): void;
  ReleaseTypeInfo(typeInfo: bigint): void;
  ReleaseTensorTypeAndShapeInfo(tensorInfo: bigint): void;
  ReleaseSessionOptions(options: bigint): void;
  SessionEndProfiling(session: bigint, allocator: bigint, out: BigUint64Array): Status;
  AddSessionConfigEntry(options: bigint, key: string, value: string): Status;
}

/** The version of the table that is asked for. ONNX Runtime 1.30 hands out one and the same table for all versions up to its own. */
export const apiVersion = 13;

/** What stands at an index, in koffi's words. */
type Row = readonly [index: number, result: string, ...parameters: readonly string[]];

const p = "void *";

/** Index, result and parameters of each function. */
export const functionTable: Readonly<Record<keyof OrtFunctions, Row>> = {
  GetErrorMessage: [2, "str", p],
  CreateEnv: [3, p, "int", "str", p],
  CreateSession: [7, p, p, p, p, p],
  CreateSessionFromArray: [8, p, p, p, "size_t", p, p],
  Run: [9, p, p, p, p, p, "size_t", p, "size_t", p],
  CreateSessionOptions: [10, p, p],
  EnableProfiling: [14, p, p, p],
  DisableMemPattern: [17, p, p],
  SetSessionLogSeverityLevel: [22, p, p, "int"],
  SetSessionGraphOptimizationLevel: [23, p, p, "int"],
  SetIntraOpNumThreads: [24, p, p, "int"],
  SetInterOpNumThreads: [25, p, p, "int"],
  SessionGetInputCount: [30, p, p, p],
  SessionGetOutputCount: [31, p, p, p],
  SessionGetOverridableInitializerCount: [32, p, p, p],
  SessionGetInputTypeInfo: [33, p, p, "size_t", p],
  SessionGetOutputTypeInfo: [34, p, p, "size_t", p],
  SessionGetOverridableInitializerTypeInfo: [35, p, p, "size_t", p],
  SessionGetInputName: [36, p, p, "size_t", p, p],
  SessionGetOutputName: [37, p, p, "size_t", p, p],
  SessionGetOverridableInitializerName: [38, p, p, "size_t", p, p],
  CreateRunOptions: [39, p, p],
  RunOptionsSetTerminate: [46, p, p],
  CreateTensorWithDataAsOrtValue: [49, p, p, p, "size_t", p, "size_t", "int", p],
  GetTensorMutableData: [51, p, p, p],
  CastTypeInfoToTensorInfo: [55, p, p, p],
  GetTensorElementType: [60, p, p, p],
  GetDimensionsCount: [61, p, p, p],
  GetDimensions: [62, p, p, p, "size_t"],
  GetTensorTypeAndShape: [65, p, p, p],
  CreateCpuMemoryInfo: [69, p, "int", "int", p],
  AllocatorFree: [76, p, p, p],
  GetAllocatorWithDefaultOptions: [78, p, p],
  ReleaseStatus: [93, "void", p],
  ReleaseSession: [95, "void", p],
  ReleaseValue: [96, "void", p],
  ReleaseRunOptions: [97, "void", p],
  ReleaseTypeInfo: [98, "void", p],
  ReleaseTensorTypeAndShapeInfo: [99, "void", p],
  ReleaseSessionOptions: [100, "void", p],
  SessionEndProfiling: [110, p, p, p, p],
  AddSessionConfigEntry: [130, p, p, "str", "str"],
};
