/**
 * Replaces nodes of a model by others, with the initializers that those need; names of inputs and outputs stay.
 */

import type { OnnxDataType } from "../format/dataTypes.ts";
import type { OnnxModel, OnnxNode } from "../format/model.ts";
import type { OnnxRawTensor } from "../format/tensor.ts";
import { FreeNames, pruned } from "./graphNames.ts";

/** What a rewriting hands to the replacement of each node. */
export class GraphRewriter {
  readonly #names: FreeNames;
  readonly #shared = new Map<string, unknown>();
  readonly initializers: OnnxRawTensor[] = [];

  constructor(names: FreeNames) {
    this.#names = names;
  }

  /** A free name, for a value between nodes. */
  claim(wanted: string): string {
    return this.#names.claim(wanted);
  }

  /** An initializer; the name that it got. */
  initializer(
    wanted: string,
    dataType: Exclude<OnnxDataType, "string">,
    dims: readonly number[],
    data: ArrayBufferView<ArrayBufferLike>,
  ): string {
    const name = this.claim(wanted);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push({ name, dataType, dims, data: bytes });
    return name;
  }

  /** What `make` gave for this key before, or gives now: the same weight is quantized once, however often it is used. */
  once<T>(key: string, make: () => T): T {
    if (!this.#shared.has(key)) this.#shared.set(key, make());
    return this.#shared.get(key) as T;
  }
}

/**
 * The model with each node replaced by those that `replace` gives, where it gives any, and without what is then not needed.
 *
 * @param domains - Operator sets beside the standard one that the new nodes come from.
 */
export function rewriteGraph(
  model: OnnxModel,
  replace: (node: OnnxNode, rewriter: GraphRewriter) => readonly OnnxNode[] | undefined,
  domains: readonly string[] = [],
): OnnxModel {
  const { graph, opsetImports } = model;
  const rewriter = new GraphRewriter(new FreeNames(graph));
  const nodes = graph.nodes.flatMap((node) => replace(node, rewriter) ?? [node]);
  const used = new Set(nodes.map(({ domain = "" }) => domain));
  const missing = domains.filter(
    (domain) => used.has(domain) && !opsetImports.some((known) => known.domain === domain),
  );
  return {
    ...model,
    opsetImports: [...opsetImports, ...missing.map((domain) => ({ domain, version: 1 }))],
    graph: pruned({ ...graph, nodes, initializers: [...graph.initializers, ...rewriter.initializers] }),
  };
}
