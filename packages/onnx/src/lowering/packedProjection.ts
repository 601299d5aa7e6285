/**
 * Queries, keys and values that are parts of one projection, as `MultiHeadAttention` has them: the operator takes it whole.
 */

import { type Node, type OpAttributes, type OpName, sameShape, type Tensor } from "@llm-learning/nn-core";

/**
 * The projection `[B, T, 3 * H * D]` whose thirds are the given `[B, H, T, D]`, in their order; undefined where there is none.
 *
 * The trace takes the heads apart, [B, T, 3, H, D], brings the three to the front, [3, B, H, T, D], and cuts there.
 */
export function packedProjection(parts: readonly Tensor[]): Tensor | undefined {
  const [cut, ...others] = parts.map(cutOf);
  if (cut === undefined || cut.index !== 0) return undefined;
  if (!others.every((other, index) => other?.node === cut.node && other.index === index + 1)) return undefined;
  const moved = madeBy(cut.node.inputs[0], "transpose");
  if (moved === undefined || moved.attributes.permutation.join() !== "2,0,3,1,4") return undefined;
  const [apart] = moved.node.inputs;
  const [projection] = madeBy(apart, "reshape")?.node.inputs ?? [];
  const [B, H, T, D] = parts[0].shape;
  const fits = sameShape(apart.shape, [B, T, parts.length, H, D]) && projection?.rank === 3;
  return fits && sameShape(projection.shape.slice(0, 2), [B, T]) ? projection : undefined;
}

/** The cut along the first axis that a tensor without that axis comes from, and which part it is. */
function cutOf(tensor: Tensor): { readonly node: Node; readonly index: number } | undefined {
  let part = tensor;
  for (let tap = madeBy(part, "tap"); tap !== undefined; tap = madeBy(part, "tap")) [part] = tap.node.inputs;
  const [whole] = madeBy(part, "reshape")?.node.inputs ?? [];
  if (whole === undefined || !sameShape(whole.shape, [1, ...part.shape])) return undefined;
  const made = madeBy(whole, "split");
  return made?.attributes.axis === 0 ? made : undefined;
}

/** The node of that op that a tensor is an output of. */
function madeBy<K extends OpName>(
  { source }: Tensor,
  name: K,
): { readonly node: Node; readonly index: number; readonly attributes: OpAttributes[K] } | undefined {
  if (source.kind !== "node" || source.node.op.name !== name) return undefined;
  const { node, index } = source;
  return { node, index, attributes: node.attributes as OpAttributes[K] };
}
