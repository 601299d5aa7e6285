/**
 * The redundant bias: what a layer adds to a whole channel, a norm that subtracts the channel's mean takes away again.
 *
 * Such a bias changes nothing, its gradient is zero, and the optimizer keeps state for it. The trace shows where a value comes
 * from, so a norm can say so. It does not show where else the value goes: a bias that also enters a residual stream is not lost.
 */

import { formatShape, isParameter, type Tensor } from "@llm-learning/nn-core";

/**
 * @param x - What is to be normalized.
 * @throws Error if `x` comes straight from a layer with a bias for each channel, possibly through taps and reshapes.
 */
export function expectNoBias(layer: string, x: Tensor): void {
  const bias = biasOf(x, x.shape[x.rank - 1]);
  if (bias === undefined) return;
  throw new Error(
    `${layer}.forward: expected a layer without bias before it, got one with bias ${formatShape(bias.shape)}: the mean that is ` +
      `subtracted takes the bias away again, and its gradient is zero; make it with { bias: false } (the norm has a bias of its ` +
      `own), or, where its output is used elsewhere too, the norm with { allowBias: true }`,
  );
}

function biasOf(x: Tensor, channels: Tensor["shape"][number]): Tensor | undefined {
  let at = x;
  for (;;) {
    const { source } = at;
    if (source.kind !== "node") return undefined;
    const { op, inputs } = source.node;
    const passes = op.name === "tap" || op.name === "reshape";
    if (!passes) {
      if (op.name === "linear") return inputs[2];
      return op.name === "add" ? inputs.find((operand) => isChannelParameter(operand)) : undefined;
    }
    at = inputs[0];
    if (at.shape[at.rank - 1] !== channels) return undefined;
  }
}

function isChannelParameter({ source, rank }: Tensor): boolean {
  return source.kind === "parameter" && isParameter(source.parameter) && source.parameter.trainable && rank === 1;
}
