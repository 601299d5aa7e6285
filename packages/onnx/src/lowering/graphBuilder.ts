/**
 * Builds an ONNX graph node by node.
 *
 * Values are the names that ONNX itself uses. Nodes are hash-consed: the same operator on the same inputs with the same attributes
 * is the same node, so masks, shapes and ranges that many layers ask for are computed once. Constants are shared
 * by content. Every ONNX operator is assumed to be a function of its inputs; none that draws random numbers is built here.
 *
 * A transpose of a transpose is one, or none: heads that one lowering takes apart and the next puts together again never move.
 */

import type { Dim, DType, Shape, TypedArray } from "@llm-learning/nn-core";
import { dataTypeCode } from "../format/dataTypes.ts";
import type { OnnxAttribute, OnnxNode } from "../format/model.ts";
import type { OnnxTensor } from "../format/tensor.ts";
import type { OnnxValueInfo } from "../format/valueInfo.ts";
import type { Attributes } from "./attributes.ts";
import { NamedDims } from "./namedDims.ts";

export interface GraphBuilderOptions {
  /** Whether operators outside the ONNX standard (domain com.microsoft and ONNX Runtime's own) may be used. */
  contrib: boolean;
  /** Whether attention over a cache may become GroupQueryAttention. */
  inPlaceCache: boolean;
  /** How many threads will share the work, where its bits are not to depend on that. @defaultValue they may */
  threads?: number | undefined;
}

/** Constants up to this many bytes are compared by content, larger ones by identity of their array. */
const contentBytes = 1024;

export class GraphBuilder {
  readonly contrib: boolean;
  readonly inPlaceCache: boolean;
  readonly threads: number | undefined;
  readonly dims: NamedDims;
  /** Prefix of the names of new nodes: the op that is being lowered. */
  scope = "graph";
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  /** Types of values that the runtime cannot infer. */
  readonly valueInfos: OnnxValueInfo[] = [];
  readonly #outputsByKey = new Map<string, readonly string[]>();
  readonly #constantByKey = new Map<string, string>();
  readonly #constantByArray = new WeakMap<TypedArray, Map<string, string>>();
  /** Ranges of known length, which may be too long to be compared by content. */
  readonly #ranges = new Map<string, string>();
  readonly #constants = new Set<string>();
  readonly #names = new Set<string>();
  readonly #producers = new Map<string, OnnxNode>();
  readonly #unshaped = new Map<string, { readonly value: string; readonly shape: Shape }>();
  readonly #replacements = new Map<string, string>();

  constructor({ contrib, inPlaceCache, threads }: GraphBuilderOptions) {
    this.contrib = contrib;
    this.inPlaceCache = inPlaceCache;
    this.threads = threads;
    this.dims = new NamedDims(this);
  }

  /** Takes `name`, or the first of `name_2`, `name_3`, ... that is free. */
  claim(name: string): string {
    let free = name;
    for (let n = 2; this.#names.has(free); n++) free = `${name}_${n}`;
    this.#names.add(free);
    return free;
  }

  /** The only output of a node; `opType` may carry its domain, as in "com.microsoft.FusedMatMul". */
  node(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.nodeOutputs(opType, inputs, attributes, 1)[0];
  }

  /** The first `count` outputs of a node; "" for those of an index in `without`, which it is not asked for. */
  nodeOutputs(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes,
    count: number,
    without: readonly number[] = [],
  ): readonly string[] {
    const key = `${opType}${JSON.stringify(inputs)}${describe(attributes)}:${count}-${without.join()}`;
    const known = this.#outputsByKey.get(key);
    if (known !== undefined) return known;

    const dot = opType.lastIndexOf(".");
    const type = opType.slice(dot + 1);
    const name = this.claim(`${this.scope}/${type}`);
    const outputs = Array.from({ length: count }, (_, index) => {
      if (without.includes(index)) return "";
      return index === 0 ? name : this.claim(`${name}:${index}`);
    });
    const domain = dot < 0 ? {} : { domain: opType.slice(0, dot) };
    const node = { opType: type, ...domain, name, inputs, outputs, attributes };
    this.nodes.push(node);
    this.#outputsByKey.set(key, outputs);
    for (const output of outputs) this.#producers.set(output, node);
    return outputs;
  }

  /** The node that computes `value`; undefined for inputs and constants. */
  producer(value: string): OnnxNode | undefined {
    return this.#producers.get(value);
  }

  /** From now on `better`, which is equal, stands for `value`: a node built for something else has it as a further output. */
  replace(value: string, better: string): void {
    this.#replacements.set(value, better);
  }

  /** What stands for `value` by now. */
  current(value: string): string {
    return this.#replacements.get(value) ?? value;
  }

  /** A value fixed in the model. */
  constant(data: TypedArray, shape: readonly number[], dtype: DType): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const type = `${dtype}[${shape.join()}]`;
    if (bytes.length <= contentBytes) {
      const key = `${type}${bytes.join()}`;
      const known = this.#constantByKey.get(key);
      if (known !== undefined) return known;
      const small = data.length === 1 ? `constant/${data[0]}` : "constant";
      const name = this.initializer(small, bytes, shape, dtype);
      this.#constantByKey.set(key, name);
      return name;
    }
    const byType = this.#constantByArray.get(data) ?? new Map<string, string>();
    this.#constantByArray.set(data, byType);
    const name = byType.get(type) ?? this.initializer("constant", bytes, shape, dtype);
    byType.set(type, name);
    return name;
  }

  /** An initializer under a name of its own, such as a parameter. */
  initializer(wanted: string, data: Uint8Array, dims: readonly number[], dataType: DType): string {
    const name = this.claim(wanted);
    this.initializers.push({ name, dims, dataType, data });
    this.#constants.add(name);
    return name;
  }

  /** Says what `value` is, where its shape is computed and known all the same: the runtime plans with it. */
  declare(value: string, dataType: DType, shape: Shape): void {
    this.valueInfos.push({ name: value, dataType, shape });
  }

  /** Whether `value` is fixed in the model, so that the runtime can fold what is computed from it. */
  isConstant(value: string): boolean {
    return this.#constants.has(value);
  }

  /** A scalar constant. */
  scalar(value: number, dtype: DType = "float32"): string {
    switch (dtype) {
      case "float32":
        return this.constant(Float32Array.of(value), [], dtype);
      case "int32":
        return this.constant(Int32Array.of(value), [], dtype);
      case "int64":
        return this.constant(BigInt64Array.of(BigInt(value)), [], dtype);
      case "bool":
        return this.constant(Uint8Array.of(value), [], dtype);
    }
  }

  /** A vector of int64, the form in which ONNX takes axes and shapes. */
  int64s(values: readonly number[]): string {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], "int64");
  }

  cast(value: string, dtype: DType): string {
    return this.node("Cast", [value], { to: { type: "int", value: dataTypeCode(dtype) } });
  }

  transpose(value: string, permutation: readonly number[]): string {
    if (permutation.every((axis, index) => axis === index)) return value;
    const before = this.transposed(value);
    if (before !== undefined) {
      return this.transpose(
        before.value,
        permutation.map((axis) => before.permutation[axis]),
      );
    }
    return this.node("Transpose", [value], { perm: { type: "ints", value: permutation } });
  }

  /** What `value` is the transpose of, if it is one. */
  transposed(value: string): { readonly value: string; readonly permutation: readonly number[] } | undefined {
    const node = this.producer(value);
    const permutation = node?.opType === "Transpose" ? node.attributes["perm"] : undefined;
    if (node === undefined || permutation?.type !== "ints") return undefined;
    return { value: node.inputs[0], permutation: permutation.value.map(Number) };
  }

  /** The elements of `value`, which has the shape `from`, in another one: `reshaped` is its name. */
  rememberReshape(reshaped: string, value: string, from: Shape): void {
    this.#unshaped.set(reshaped, { value, shape: from });
  }

  /** What a reshape made `value` of, and its shape there. */
  reshaped(value: string): { readonly value: string; readonly shape: Shape } | undefined {
    return this.#unshaped.get(value);
  }

  /** 0, 1, ..., dim - 1. */
  range(dim: Dim, dtype: "float32" | "int32" | "int64"): string {
    if (typeof dim === "number") {
      const key = `${dtype}[${dim}]`;
      const range = this.#ranges.get(key) ?? this.#constantRange(dim, dtype);
      this.#ranges.set(key, range);
      return range;
    }
    const size = this.dims.scalar(dim);
    const limit = dtype === "int64" ? size : this.cast(size, dtype);
    return this.node("Range", [this.scalar(0, dtype), limit, this.scalar(1, dtype)]);
  }

  #constantRange(length: number, dtype: "float32" | "int32" | "int64"): string {
    const indices = Array.from({ length }, (_, index) => index);
    if (dtype === "int64") return this.int64s(indices);
    const data = dtype === "int32" ? Int32Array.from(indices) : Float32Array.from(indices);
    return this.constant(data, [length], dtype);
  }
}

function describe(attributes: Attributes): string {
  return Object.entries(attributes)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, attribute]) => `,${name}=${describeValue(attribute)}`)
    .join("");
}

function describeValue(attribute: OnnxAttribute): string {
  return "value" in attribute ? `${attribute.type}:${String(attribute.value)}` : `@${attribute.name}`;
}
