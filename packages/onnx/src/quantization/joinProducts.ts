/**
 * Products of one value with several fixed weights as one product and a cut: queries, keys and values, or a gate and what it gates.
 *
 * Each product of a runtime costs some microseconds to begin, and where weights are in few bits, the rounding of x anew; for a token at
 * a time that adds up. The results are the same, row by row.
 */

import type { OnnxModel, OnnxNode } from "../format/model.ts";
import { int, ints } from "../lowering/attributes.ts";
import { type ConstantProduct, ConstantProducts, weightValues } from "./constantProduct.ts";
import { type GraphRewriter, rewriteGraph } from "./rewriteGraph.ts";

/**
 * The same model with such products joined; the given one is not changed.
 *
 * @param model - Weights must be inside it, not in external data.
 * @throws RangeError for a weight in external data.
 */
export function joinProducts(model: OnnxModel): OnnxModel {
  const products = new ConstantProducts(model.graph);
  const groups = new Map<string, ConstantProduct[]>();
  for (const node of model.graph.nodes) {
    const product = products.match(node);
    if (product !== undefined && product.bias === undefined) {
      groups.set(product.x, [...(groups.get(product.x) ?? []), product]);
    }
  }
  const groupOf = new Map([...groups.values()].flatMap((group) => group.map(({ node }) => [node, group] as const)));
  return rewriteGraph(model, (node, rewriter) => {
    const group = groupOf.get(node);
    if (group === undefined || group.length === 1) return undefined;
    return group[0].node === node ? joined(group, rewriter) : [];
  });
}

function joined(group: readonly ConstantProduct[], rewriter: GraphRewriter): readonly OnnxNode[] {
  const { x, node, weight } = group[0];
  const { inFeatures } = weight;
  const sizes = group.map((product) => product.weight.outFeatures);
  const outFeatures = sizes.reduce((a, b) => a + b);
  const values = new Float32Array(outFeatures * inFeatures);
  let offset = 0;
  for (const product of group) {
    values.set(weightValues("joinProducts", product.weight), offset);
    offset += product.weight.outFeatures * inFeatures;
  }
  const stored = rewriter.initializer(`${weight.name}.joined`, "float32", [outFeatures, inFeatures], values);
  const lengths = rewriter.initializer(`${stored}.sizes`, "int64", [sizes.length], BigInt64Array.from(sizes, BigInt));
  const [matrix, y] = [rewriter.claim(`${stored}/Transpose`), rewriter.claim(`${stored}/product`)];
  return [
    { opType: "Transpose", name: matrix, inputs: [stored], outputs: [matrix], attributes: { perm: ints([1, 0]) } },
    { opType: "MatMul", name: node.name ?? y, inputs: [x, matrix], outputs: [y], attributes: {} },
    {
      opType: "Split",
      name: `${y}/Split`,
      inputs: [y, lengths],
      outputs: group.map((product) => product.y),
      attributes: { axis: int(-1) },
    },
  ];
}
