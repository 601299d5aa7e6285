/**
 * Common subexpressions: what is computed twice is computed once.
 */

import type { TypedArray } from "../dtype.ts";
import type { Graph } from "../graph.ts";
import type { OpName } from "../opAttributes.ts";
import { isTensor, type Node, type Tensor } from "../tensor.ts";
import { rewriteGraph } from "./rewriteGraph.ts";

/** Ops whose two operands may change places without a bit changing. */
const commutative: ReadonlySet<OpName> = new Set<OpName>(["add", "mul", "equal", "logicalAnd", "logicalOr"]);

/** Constants up to this many bytes are compared by content, larger ones by identity of their array. */
const CONTENT_BYTES = 1024;

/**
 * `graph` with equal nodes as one: the same op with the same attributes on the same values.
 *
 * Not a bit of any result changes, on any engine: an op is a function of its operands (what is drawn at random is an input). Operands of
 * sums and products may stand in either order. A value with a gradient of its own is like no other.
 *
 * What is computed again on purpose, to spare memory, has to depend on something else than the first time, as `chunkedAttention` has it.
 */
export function mergeEqualNodes(graph: Graph): Graph {
  const identities = new Identities();
  const known = new Map<string, readonly Tensor[]>();
  return rewriteGraph(graph, (node, inputs, keep) => {
    const key = identities.describe(node, inputs);
    const outputs = known.get(key) ?? keep();
    known.set(key, outputs);
    return outputs;
  });
}

/** Numbers for things that are themselves, and words for things that are equal. */
class Identities {
  readonly #numbers = new Map<object, number>();

  /** The same words for nodes that compute the same. */
  describe({ op, attributes }: Node, inputs: readonly Tensor[]): string {
    const operands = inputs.map((tensor) => this.#value(tensor));
    if (commutative.has(op.name)) operands.sort();
    // Not the op's name: a value with a gradient of its own has an op of its own.
    return `${this.#number(op)}(${operands.join()})${this.#attribute(attributes)}`;
  }

  #value(tensor: Tensor): string {
    const { source, shape, dtype } = tensor;
    if (source.kind === "input") return `input ${JSON.stringify(source.name)}`;
    if (source.kind !== "constant") return `tensor ${this.#number(tensor)}`;
    const { data, exact } = source;
    return `${dtype}[${shape.join()}] ${exact ?? ""} ${data.byteLength > CONTENT_BYTES ? this.#number(data) : bytes(data)}`;
  }

  #attribute(value: unknown): string {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
    if (isTensor(value)) return this.#value(value);
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, part]) => `${key}:${this.#attribute(part)}`).join()}}`;
  }

  #number(thing: object): number {
    const number = this.#numbers.get(thing) ?? this.#numbers.size;
    this.#numbers.set(thing, number);
    return number;
  }
}

function bytes({ buffer, byteOffset, byteLength }: TypedArray): string {
  return new Uint8Array(buffer, byteOffset, byteLength).join(" ");
}
