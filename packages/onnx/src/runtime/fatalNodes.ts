/**
 * What ONNX Runtime does not survive. It is C++, and a node that it takes badly ends the whole process: no error to catch.
 *
 * These are the cases that tens of thousands of damaged models have shown with version 1.30; all others it refused in words. What
 * nodes are fed is not known here: a Div of integers ends the process too where it divides the lowest one by -1. And a model is a
 * program, which may ask for any memory and time: run those of strangers under limits.
 */

import { described } from "../format/described.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode } from "../format/model.ts";

/**
 * Looks through a model, its subgraphs and functions.
 *
 * @throws RangeError naming the first node, or weight, that could end the process.
 */
export function expectNoFatalNodes(caller: string, { graph, functions = [] }: OnnxModel): void {
  // Attention over keys without a single number reads beyond them.
  const empty = graph.initializers.find(({ dims }) => dims.length > 1 && dims.includes(0));
  if (empty !== undefined) {
    throw new RangeError(
      `${caller}: expected weights with numbers in them, got shape ${described(empty.dims)} of ${described(empty.name)}`,
    );
  }
  expectAll(caller, [...graph.nodes, ...functions.flatMap(({ nodes }) => nodes)]);
}

function expectAll(caller: string, nodes: readonly OnnxNode[]): void {
  for (const node of nodes) {
    const fault = faultOf(node);
    if (fault !== undefined) {
      throw new RangeError(`${caller}: expected ${node.opType} with ${fault} (node ${described(node.name ?? "")})`);
    }
    for (const attribute of Object.values(node.attributes)) {
      const graphs =
        attribute.type === "graph" ? [attribute.value] : attribute.type === "graphs" ? attribute.value : [];
      for (const { nodes: inner } of graphs) expectAll(caller, inner);
    }
  }
}

/** What a node should have, and what it has; undefined where it is harmless. */
function faultOf({ opType, inputs, attributes }: OnnxNode): string | undefined {
  switch (opType) {
    case "LayerNormalization":
      // The fusion with an addition before it reads the bias, given or not: a null pointer.
      return inputs[2] === "" ? 'a name for its bias, or two inputs, got ""' : undefined;
    case "GatherBlockQuantized":
      return (
        numberFault(attributes, "bits", (bits) => bits === 4 || bits === 8, "4 or 8") ??
        numberFault(attributes, "block_size", (size) => size >= 16 && isCount(size), "from 16 to 65536")
      );
    case "GroupQueryAttention":
    case "MultiHeadAttention":
    case "Attention":
      return (
        numberFault(attributes, "num_heads", isCount, "from 1 to 65536") ??
        numberFault(attributes, "kv_num_heads", isCount, "from 1 to 65536")
      );
    default:
      return undefined;
  }
}

/** The runtime keeps these in 32 bits, where 2^40 is 0, and divides by them. */
const isCount = (value: number): boolean => value >= 1 && value <= 65_536;

/** An attribute that is divided by. */
function numberFault(
  attributes: Readonly<Record<string, OnnxAttribute>>,
  name: string,
  isFine: (value: number) => boolean,
  expected: string,
): string | undefined {
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (attribute?.type !== "int" || isFine(Number(attribute.value))) return undefined;
  return `${name} ${expected}, got ${attribute.value}`;
}
