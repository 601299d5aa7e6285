/**
 * Rewriting a graph: the same outputs, computed by other nodes.
 */

import { type Graph, graphOf } from "../graph.ts";
import { apply, withOrigin } from "../op.ts";
import type { Node, Tensor } from "../tensor.ts";

/**
 * What stands in the place of a node: a tensor for each of its outputs.
 *
 * @param node - The node as it was.
 * @param inputs - What stands for its inputs by now.
 * @param keep - Gives the outputs of the node itself, applied to `inputs`.
 */
export type RewriteRule = (node: Node, inputs: readonly Tensor[], keep: () => readonly Tensor[]) => readonly Tensor[];

/**
 * `graph` with every node rewritten by `rule`, each after the nodes it depends on.
 *
 * Nodes that no output needs any more are gone. The graph given is left as it is; new nodes say by `origin` what they stand for.
 */
export function rewriteGraph(graph: Graph, rule: RewriteRule): Graph {
  const rewritten = new Map<Tensor, Tensor>();
  const current = (tensor: Tensor): Tensor => rewritten.get(tensor) ?? tensor;
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(current);
    const outputs = withOrigin({ kind: "rewrite", node }, () => rule(node, inputs, () => kept(node, inputs, current)));
    node.outputs.forEach((output, index) => rewritten.set(output, outputs[index]));
  }
  const outputs = [...graph.outputs].map(([name, tensor]) => [name, current(tensor)]);
  return graphOf(Object.fromEntries(outputs) as Record<string, Tensor>, [...graph.inputs.values()]);
}

function kept(node: Node, inputs: readonly Tensor[], current: (tensor: Tensor) => Tensor): readonly Tensor[] {
  const { op, attributes, differentiable } = node;
  const by = differentiable === node.inputs ? inputs : differentiable.map(current);
  const isSame = inputs.every((tensor, index) => tensor === node.inputs[index]);
  return isSame && by.every((tensor, index) => tensor === differentiable[index])
    ? node.outputs
    : apply(op, inputs, attributes, by);
}

/** Whether a node is its op and no more: a value with a gradient of its own (`withGradient`) is not. */
export function isPlain({ inputs, differentiable }: Node): boolean {
  return inputs.length === differentiable.length && inputs.every((tensor, index) => tensor === differentiable[index]);
}
