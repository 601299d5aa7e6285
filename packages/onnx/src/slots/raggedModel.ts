/**
 * A model whose rows may have different lengths, made from one whose rows end together.
 *
 * The exported file gives com.microsoft GroupQueryAttention the same length for every row, and hides padding by a bias that it makes
 * of attention_mask. Here each row's length is an input, and nothing is padded: neither bias nor mask is needed any more. That is so
 * only where the bias says nothing but which keys are padding, which is looked for in its ancestors.
 */

import type { OnnxGraph, OnnxModel, OnnxNode } from "../format/model.ts";
import { constantsOf, FreeNames, pruned, readBy } from "../quantization/graphNames.ts";

/** A model for rows of different lengths. */
export interface RaggedModel {
  readonly model: OnnxModel;
  /** Input, int32 `[batch_size]`: places of each row that count, less one. */
  readonly lastPlaces: string;
  /** Input, int32 `[1]`: places of the longest row. */
  readonly longest: string;
}

const MASK = "attention_mask";

/** Inputs of GroupQueryAttention by their number. */
const SEQLENS = 5;
const TOTAL = 6;
const ROTATION = [7, 8, 9];
const BIAS = 10;

/** What treats every element alike, or moves it with its neighbours; the operands that are data, the others being shapes and axes. */
const elementwise: ReadonlyMap<string, number> = new Map([
  ["Cast", 1],
  ["Unsqueeze", 1],
  ["Squeeze", 1],
  ["Reshape", 1],
  ["Expand", 1],
  ["Identity", 1],
  ["Not", 1],
  ["Where", 3],
  ["Equal", 2],
  ["Sub", 2],
  ["Mul", 2],
]);

/** Steps from the mask to the bias that are followed; a file may have any number of them, in a circle too. */
const maxDepth = 16;

/**
 * The model with rows of different lengths, or the reason why there is none.
 *
 * @param model - One whose cache can be extended in place (`CausalLMSignature.cacheInPlace`).
 */
export function raggedModel(model: OnnxModel): RaggedModel | string {
  const { graph } = model;
  const names = new FreeNames(graph);
  const lastPlaces = names.claim("last_places");
  const longest = names.claim("longest");
  const isPadding = paddingOf(graph);
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    if (node.opType !== "GroupQueryAttention" || node.domain !== "com.microsoft") {
      nodes.push(node);
      continue;
    }
    const inputs = [...node.inputs];
    if (isTurning(node) || ROTATION.some((index) => (inputs[index] ?? "") !== "")) {
      return "its attention turns queries and keys itself";
    }
    const bias = inputs[BIAS] ?? "";
    if (bias !== "" && !isPadding(bias)) return "its attention has a bias that is more than a mask of padding";
    inputs[SEQLENS] = lastPlaces;
    inputs[TOTAL] = longest;
    if (bias !== "") inputs[BIAS] = "";
    while (inputs.at(-1) === "") inputs.pop();
    nodes.push({ ...node, inputs });
  }
  const kept = pruned({ ...graph, nodes });
  if (kept.nodes.some((node) => readBy(node).includes(MASK))) return "it needs the mask for more than attention";
  return {
    lastPlaces,
    longest,
    model: {
      ...model,
      graph: {
        ...kept,
        inputs: [
          ...graph.inputs.filter(({ name }) => name !== MASK),
          { name: lastPlaces, dataType: "int32", shape: ["batch_size"] },
          { name: longest, dataType: "int32", shape: [1] },
        ],
        // Buffers have more places than their rows have tokens.
        outputs: graph.outputs.map((output) => {
          const { name, shape } = output;
          return name.startsWith("present.") && shape?.length === 4
            ? { ...output, shape: shape.with(2, "places") }
            : output;
        }),
        // They were inferred for rows that end together.
        valueInfos: [],
      },
    },
  };
}

function isTurning({ attributes }: OnnxNode): boolean {
  const rotation = Object.hasOwn(attributes, "do_rotary") ? attributes["do_rotary"] : undefined;
  return rotation?.type === "int" && Number(rotation.value) !== 0;
}

/**
 * Whether a value says of each key, whatever the query, whether it is padding: it is computed from the mask and single numbers, element
 * by element.
 */
function paddingOf(graph: OnnxGraph): (name: string) => boolean {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const constants = constantsOf(graph);
  const known = new Map<string, boolean>();
  const isPadding = (name: string, depth: number): boolean => {
    const constant = constants.get(name);
    if (name === MASK) return true;
    if (constant !== undefined) return constant.dims.every((dim) => dim === 1);
    const node = makers.get(name);
    if (node === undefined || (node.domain ?? "") !== "" || depth > maxDepth) return false;
    const operands = elementwise.get(node.opType);
    if (operands === undefined) return false;
    const result = known.get(name) ?? node.inputs.slice(0, operands).every((input) => isPadding(input, depth + 1));
    known.set(name, result);
    return result;
  };
  return (name) => isPadding(name, 0);
}
