/**
 * An ONNX model as plain, readonly data: what `encodeModel` writes and `decodeModel` reads.
 *
 * It mirrors the file with names of this toolkit, and holds no behaviour: build one with object literals. Left out, and
 * skipped when reading: training information and multi-device configurations, which no inference runtime uses.
 *
 * @see https://onnx.ai/onnx/repo-docs/IR.html
 */
import type { OnnxAttributeType } from "./attributeTypes.ts";
import type { OnnxSparseTensor, OnnxTensor } from "./tensor.ts";
import type { OnnxType, OnnxValueInfo } from "./valueInfo.ts";

/** A whole model file. */
export interface OnnxModel {
  /** The version of the file format itself, e.g. 10. */
  readonly irVersion: number;
  /** Which operator sets the nodes come from; domain "" is the standard one. */
  readonly opsetImports: readonly OnnxOpsetImport[];
  readonly producerName: string;
  readonly producerVersion?: string;
  /** The namespace of the model, in reverse DNS form. */
  readonly domain?: string;
  readonly modelVersion?: number;
  readonly docString?: string;
  readonly graph: OnnxGraph;
  /** Free key-value pairs (`metadata_props`). */
  readonly metadata: Readonly<Record<string, string>>;
  readonly functions?: readonly OnnxFunction[];
}

/** One operator set and its version. */
export interface OnnxOpsetImport {
  readonly domain: string;
  readonly version: number;
}

/** A dataflow graph; nodes stand in topological order. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly initializers: readonly OnnxTensor[];
  readonly sparseInitializers?: readonly OnnxSparseTensor[];
  /** Types of values between the nodes, for tools that show them. */
  readonly valueInfos?: readonly OnnxValueInfo[];
  readonly quantizationAnnotations?: readonly OnnxQuantizationAnnotation[];
  readonly docString?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Names the tensors that quantize another one, e.g. `{ SCALE_TENSOR: "x_scale" }`. */
export interface OnnxQuantizationAnnotation {
  readonly tensorName: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One application of an operator. */
export interface OnnxNode {
  readonly opType: string;
  /** The operator set that the operator belongs to. @defaultValue "", the standard operators */
  readonly domain?: string;
  readonly name?: string;
  /** Which overload of a model-local function is meant (IR version 10). */
  readonly overload?: string;
  /** Names of values; "" leaves an optional input out. */
  readonly inputs: readonly string[];
  /** Names of values; "" leaves an optional output out. */
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  readonly docString?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A constant parameter of a node.
 *
 * Floats are stored in 32 bits. Integers have 64: they are read as a number where one holds them exactly, else as a
 * bigint. "bytes" is what the file calls a string, but is not UTF-8. Subgraphs (of If, Loop and Scan) are attributes too.
 */
export type OnnxAttribute =
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "int"; readonly value: number | bigint }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bytes"; readonly value: Uint8Array }
  | { readonly type: "tensor"; readonly value: OnnxTensor }
  | { readonly type: "graph"; readonly value: OnnxGraph }
  | { readonly type: "sparseTensor"; readonly value: OnnxSparseTensor }
  | { readonly type: "typeProto"; readonly value: OnnxType }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "ints"; readonly value: readonly (number | bigint)[] }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "tensors"; readonly value: readonly OnnxTensor[] }
  | { readonly type: "graphs"; readonly value: readonly OnnxGraph[] }
  | { readonly type: "sparseTensors"; readonly value: readonly OnnxSparseTensor[] }
  | { readonly type: "typeProtos"; readonly value: readonly OnnxType[] }
  | OnnxAttributeReference;

/** In a function's body: takes the value of the function's own attribute `name`. */
export interface OnnxAttributeReference {
  readonly type: "reference";
  readonly name: string;
  /** The type of the attribute referred to. */
  readonly of: OnnxAttributeType;
}

/** A model-local function: an operator defined by a graph of others. */
export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names of attributes that a caller must give. */
  readonly attributes: readonly string[];
  /** Attributes with a default value. */
  readonly attributeDefaults?: Readonly<Record<string, OnnxAttribute>>;
  readonly nodes: readonly OnnxNode[];
  readonly opsetImports: readonly OnnxOpsetImport[];
  readonly valueInfos?: readonly OnnxValueInfo[];
  readonly docString?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}
