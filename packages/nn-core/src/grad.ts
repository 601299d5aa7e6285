/**
 * Reverse-mode differentiation: gradients as graphs.
 *
 * Walks the nodes between `loss` and `wrt` backwards and asks each op for its vector-Jacobian product, which is
 * written in other ops. The result is part of the same graph and can be differentiated again.
 */

import { constant, zeros } from "./constant.ts";
import { topologicalOrder } from "./graph.ts";
import { add } from "./ops/arithmetic.ts";
import { toTensor, withOrigin } from "./op.ts";
import type { Parameter } from "./parameter.ts";
import { formatShape, isStatic, sameShape } from "./shape.ts";
import type { Node, Tensor } from "./tensor.ts";

/**
 * Gradients of the scalar `loss` by each of `wrt`.
 *
 * @param loss - Scalar, float32.
 * @param wrt - Tensors or parameters; one that `loss` does not depend on gets zeros.
 * @returns a tensor of the same shape for each of `wrt`.
 * @throws RangeError if `loss` is not a scalar, TypeError if one of `wrt` is not float32, Error if an op on the way has no gradient.
 */
export function grad(loss: Tensor, wrt: readonly (Tensor | Parameter)[]): Tensor[] {
  if (loss.rank !== 0 || loss.dtype !== "float32") {
    throw new RangeError(`grad: expected a float32 scalar loss, got ${loss.dtype} ${formatShape(loss.shape)}`);
  }
  const targets = wrt.map((target) => toTensor(target));
  for (const { dtype, shape } of targets) {
    if (dtype !== "float32") {
      throw new TypeError(`grad: expected float32 tensors to differentiate by, got ${dtype} ${formatShape(shape)}`);
    }
  }
  const gradients = pullback(loss, constant(1), targets);
  return targets.map((target, index) => {
    const gradient = gradients[index];
    if (gradient !== undefined) return gradient;
    if (!isStatic(target.shape)) {
      throw new RangeError(
        `grad: expected a static shape for a tensor the loss does not depend on, got ${formatShape(target.shape)}`,
      );
    }
    return zeros(target.shape);
  });
}

/**
 * Gradients by each of `wrt` of whatever has the gradient `cotangent` by `value`; undefined for one that `value` does not depend on.
 *
 * @param ends - Tensors beyond which nothing is looked for. @defaultValue none
 */
export function pullback(
  value: Tensor,
  cotangent: Tensor,
  wrt: readonly Tensor[],
  ends?: ReadonlySet<Tensor>,
): (Tensor | undefined)[] {
  const order = topologicalOrder([value], undefined, "differentiable", ends);
  const dependent = dependents(order, new Set(wrt));

  const cotangents = new Map<Tensor, Tensor>([[value, cotangent]]);
  for (const node of order.toReversed()) {
    const outgoing = node.outputs.map((output) => cotangents.get(output));
    if (outgoing.every((cotangent) => cotangent === undefined)) continue;
    const wanted = node.differentiable.map((tensor) => dependent.has(tensor));
    if (!wanted.includes(true)) continue;
    const origin = { kind: "gradient", node } as const;
    const incoming = withOrigin(origin, () => vjp(node, outgoing, wanted));
    node.differentiable.forEach((tensor, index) => {
      const contribution = incoming[index];
      if (!wanted[index] || contribution === undefined) return;
      if (!sameShape(contribution.shape, tensor.shape)) {
        throw new Error(
          `grad: expected the gradient of ${node.op.name}'s input ${index} to have shape ${formatShape(tensor.shape)}, ` +
            `got ${formatShape(contribution.shape)}; its VJP is wrong`,
        );
      }
      const sum = cotangents.get(tensor);
      cotangents.set(tensor, sum === undefined ? contribution : withOrigin(origin, () => add(sum, contribution)));
    });
  }
  return wrt.map((target) => cotangents.get(target));
}

/** Every float tensor on a path from `targets` to the end of `order`. */
function dependents(order: readonly Node[], targets: ReadonlySet<Tensor>): Set<Tensor> {
  const dependent = new Set(targets);
  for (const node of order) {
    if (!node.differentiable.some((tensor) => dependent.has(tensor))) continue;
    for (const output of node.outputs) if (output.dtype === "float32") dependent.add(output);
  }
  return dependent;
}

function vjp(
  node: Node,
  cotangents: readonly (Tensor | undefined)[],
  wanted: readonly boolean[],
): readonly (Tensor | undefined)[] {
  const { op, inputs, outputs, attributes } = node;
  if (op.vjp === undefined) throw new Error(`grad: expected an op with a gradient, got ${op.name}, which has none`);
  return op.vjp({ inputs, outputs, attributes, cotangents, needs: (index) => wanted[index] });
}
