/**
 * Products with a weight that is fixed in the file: what a linear layer becomes, in our exports and in those of others.
 *
 * Recognized are MatMul by a matrix, and Gemm without scaling of its operands, where the matrix is an initializer of
 * float32, or the Transpose of one. All others, such as the products inside attention, are none.
 */

import { described } from "../format/described.ts";
import type { OnnxGraph, OnnxNode } from "../format/model.ts";
import type { OnnxTensor } from "../format/tensor.ts";
import { constantsOf } from "./graphNames.ts";
import type { GraphRewriter } from "./rewriteGraph.ts";
import { transposedMatrix } from "./transposedMatrix.ts";

/** `y = x W^T + bias`. */
export interface ConstantProduct {
  readonly node: OnnxNode;
  readonly x: string;
  readonly y: string;
  /** Added to the product, where the node does so itself. */
  readonly bias: string | undefined;
  readonly weight: ConstantWeight;
}

/** A matrix as a linear layer has it, whichever way it lies in the file. */
export interface ConstantWeight {
  /** The initializer. */
  readonly name: string;
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** Whether it lies as [inFeatures, outFeatures]. */
  readonly transposed: boolean;
  readonly tensor: OnnxTensor;
}

/** Tells the products with a constant weight among the nodes of a graph. */
export class ConstantProducts {
  readonly #constants: ReadonlyMap<string, OnnxTensor>;
  readonly #producers: ReadonlyMap<string, OnnxNode>;

  constructor(graph: OnnxGraph) {
    this.#constants = constantsOf(graph);
    this.#producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  }

  /** The product that a node is, or undefined. */
  match(node: OnnxNode): ConstantProduct | undefined {
    if ((node.domain ?? "") !== "") return undefined;
    const isGemm = node.opType === "Gemm" && isPlainGemm(node);
    if (!isGemm && node.opType !== "MatMul") return undefined;
    const [x, matrix, bias = ""] = node.inputs;
    const weight = this.#weight(matrix, isGemm && numberOf(node, "transB", 0) !== 0);
    if (weight === undefined) return undefined;
    return { node, x, y: node.outputs[0], bias: bias === "" ? undefined : bias, weight };
  }

  /** The matrix that is called `name`, as the right operand of a product. */
  #weight(name: string, transB: boolean): ConstantWeight | undefined {
    const producer = this.#producers.get(name);
    if (producer !== undefined) {
      return isMatrixTranspose(producer) ? this.#stored(producer.inputs[0], transB) : undefined;
    }
    return this.#stored(name, !transB);
  }

  #stored(name: string, transposed: boolean): ConstantWeight | undefined {
    const tensor = this.#constants.get(name);
    if (tensor?.dataType !== "float32" || tensor.dims.length !== 2 || tensor.dims.includes(0)) return undefined;
    const [rows, columns] = tensor.dims;
    const [outFeatures, inFeatures] = transposed ? [columns, rows] : [rows, columns];
    return { name, outFeatures, inFeatures, transposed, tensor };
  }
}

/** The nodes that `multiply` makes for x W^T under a name of its choice, and the addition of the bias where there is one. */
export function withBias(
  { y, bias }: ConstantProduct,
  rewriter: GraphRewriter,
  multiply: (output: string) => readonly OnnxNode[],
): readonly OnnxNode[] {
  if (bias === undefined) return multiply(y);
  const product = rewriter.claim(`${y}/product`);
  // Both operators broadcast, so the bias may have any form that Gemm takes.
  const addition = { opType: "Add", name: `${y}/Add`, inputs: [product, bias], outputs: [y], attributes: {} };
  return [...multiply(product), addition];
}

/** The numbers of a weight, [outFeatures, inFeatures]. */
export function weightValues(caller: string, weight: ConstantWeight): Float32Array {
  const values = initializerValues(caller, weight.tensor);
  return weight.transposed ? transposedMatrix(values, weight.inFeatures, weight.outFeatures) : values;
}

/** The numbers of a float32 tensor; a copy, since they may lie at any offset of a file. */
export function initializerValues(caller: string, { name, data }: OnnxTensor): Float32Array<ArrayBuffer> {
  if (data === undefined) {
    throw new RangeError(
      `${caller}: expected weights inside the model, got external data for ${described(name)}; read it in first`,
    );
  }
  return new Float32Array(Uint8Array.from(data).buffer);
}

function isPlainGemm(node: OnnxNode): boolean {
  return numberOf(node, "transA", 0) === 0 && numberOf(node, "alpha", 1) === 1 && numberOf(node, "beta", 1) === 1;
}

/** The value of a numeric attribute; `fallback` where it is absent. */
export function numberOf({ attributes }: OnnxNode, name: string, fallback: number): number {
  const found = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return found?.type === "int" || found?.type === "float" ? Number(found.value) : fallback;
}

function isMatrixTranspose({ opType, domain = "", attributes }: OnnxNode): boolean {
  if (opType !== "Transpose" || domain !== "") return false;
  const perm = Object.hasOwn(attributes, "perm") ? attributes["perm"] : undefined;
  // Without perm the axes are reversed, which for a matrix is the same.
  return perm === undefined || (perm.type === "ints" && perm.value.map(Number).join() === "1,0");
}
