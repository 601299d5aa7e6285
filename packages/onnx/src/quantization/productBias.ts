/**
 * Biases of products that an operator can add itself: constant vectors, in a Gemm, or in an Add that alone reads the product, as linear
 * layers with biases become.
 */

import type { OnnxGraph, OnnxNode } from "../format/model.ts";
import type { ConstantProduct, ConstantProducts } from "./constantProduct.ts";
import { constantsOf, readBy } from "./graphNames.ts";

/** A bias, and the name of the product with it. */
export interface ProductBias {
  readonly bias: string;
  readonly sum: string;
}

/** Tells the biases of products. */
export class ProductBiases {
  readonly #constants: ReturnType<typeof constantsOf>;
  readonly #byProduct = new Map<string, ProductBias>();
  readonly #additions = new Set<OnnxNode>();

  constructor(graph: OnnxGraph, products: ConstantProducts) {
    this.#constants = constantsOf(graph);
    const readers = new Map<string, number>();
    for (const name of [...graph.nodes.flatMap(readBy), ...graph.outputs.map(({ name: output }) => output)]) {
      readers.set(name, (readers.get(name) ?? 0) + 1);
    }
    const byOutput = new Map(graph.nodes.flatMap((node) => products.match(node) ?? []).map((one) => [one.y, one]));
    for (const node of graph.nodes) {
      if (node.opType !== "Add" || (node.domain ?? "") !== "") continue;
      const product = node.inputs.map((name) => byOutput.get(name)).find((one) => one !== undefined);
      if (product === undefined || product.bias !== undefined || readers.get(product.y) !== 1) continue;
      const bias = node.inputs.find((name) => name !== product.y) ?? "";
      if (!this.#isVector(bias, product)) continue;
      this.#byProduct.set(product.y, { bias, sum: node.outputs[0] });
      this.#additions.add(node);
    }
  }

  /** The bias of a product, if it has one of these. */
  of(product: ConstantProduct): ProductBias | undefined {
    const { bias, y } = product;
    return bias !== undefined && this.#isVector(bias, product) ? { bias, sum: y } : this.#byProduct.get(y);
  }

  /** Whether a node is the addition of such a bias. */
  isAddition(node: OnnxNode): boolean {
    return this.#additions.has(node);
  }

  #isVector(name: string, { weight }: ConstantProduct): boolean {
    const dims = this.#constants.get(name)?.dims;
    return dims?.length === 1 && dims[0] === weight.outFeatures;
  }
}
