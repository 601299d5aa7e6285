/**
 * Sizes of named dimensions as values of the graph.
 *
 * A name is read off the first value that has an axis of that name: an input, or a join (`concat`) that introduces it.
 * Products are multiplied. Everything is int64, ONNX's type of shapes.
 */

import type { Dim, Shape } from "@llm-learning/nn-core";
import { int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";

export class NamedDims {
  readonly #graph: GraphBuilder;
  readonly #sources = new Map<string, { value: string; axis: number }>();
  readonly #parts = new Map<string, Shape>();

  constructor(graph: GraphBuilder) {
    this.#graph = graph;
  }

  /** Says that `value` has `shape`: names not known yet are read from it. */
  bind(value: string, shape: Shape): void {
    shape.forEach((dim, axis) => {
      if (typeof dim === "string" && !this.#sources.has(dim)) this.#sources.set(dim, { value, axis });
    });
  }

  /** Says that `dim` is the sum of `parts`. */
  bindSum(dim: Dim, parts: Shape): void {
    if (typeof dim === "string" && !this.#parts.has(dim)) this.#parts.set(dim, parts);
  }

  /** Whether `dim` is at least `least` whatever the sizes turn out to be, as far as the graph tells. */
  isAtLeast(dim: Dim, least: Dim): boolean {
    if (dim === least) return true;
    if (typeof dim === "number") return typeof least === "number" && dim >= least;
    return this.#parts.get(dim)?.some((part) => this.isAtLeast(part, least)) ?? false;
  }

  /** The size as a vector of one element. */
  vector(dim: Dim): string {
    const graph = this.#graph;
    if (typeof dim === "number") return graph.int64s([dim]);
    const outer = graph.scope;
    graph.scope = `dim/${dim}`;
    const result = this.#named(dim);
    graph.scope = outer;
    return result;
  }

  /** The size as a scalar. */
  scalar(dim: Dim): string {
    if (typeof dim === "number") return this.#graph.scalar(dim, "int64");
    return this.#graph.node("Squeeze", [this.vector(dim), this.#graph.int64s([0])]);
  }

  /** The sizes as one vector. */
  shape(shape: Shape): string {
    const graph = this.#graph;
    const parts: string[] = [];
    let run: number[] = [];
    const flush = (): void => {
      if (run.length > 0) parts.push(graph.int64s(run));
      run = [];
    };
    for (const dim of shape) {
      if (typeof dim === "number") {
        run.push(dim);
      } else {
        flush();
        parts.push(this.vector(dim));
      }
    }
    flush();
    if (parts.length === 0) return graph.int64s([]);
    return parts.length === 1 ? parts[0] : graph.node("Concat", parts, { axis: int(0) });
  }

  #named(name: string): string {
    const graph = this.#graph;
    const source = this.#sources.get(name);
    if (source !== undefined) {
      return graph.node("Shape", [source.value], { start: int(source.axis), end: int(source.axis + 1) });
    }
    const factors = name.split("*").map((factor) => (/^\d+$/.test(factor) ? Number(factor) : factor));
    if (factors.length === 1) {
      throw new RangeError(
        `lowerGraph: expected every named dimension to be an axis of an input or of a concat, got "${name}", which none has`,
      );
    }
    return factors.map((factor) => this.vector(factor)).reduce((a, b) => graph.node("Mul", [a, b]));
  }
}
