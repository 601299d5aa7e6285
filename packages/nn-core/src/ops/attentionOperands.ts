/**
 * What attention may be given besides queries, keys and values.
 */

/** A further operand of `scaledDotProductAttention`. */
export type AttentionOperand = "mask" | "bias" | "sinks" | "dropout";

/**
 * One of `inputs` by its name, or undefined where it was not given.
 *
 * @param inputs - Queries, keys, values, then `operands` in their order.
 */
export function attentionOperand<T>(
  inputs: readonly T[],
  operands: readonly AttentionOperand[],
  name: AttentionOperand,
): T | undefined {
  const index = operands.indexOf(name);
  return index === -1 ? undefined : inputs[3 + index];
}
