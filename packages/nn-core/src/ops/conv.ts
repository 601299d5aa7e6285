/**
 * Convolution over one or two spatial axes, channels last.
 *
 * Convolution, its gradient by the input (a transposed convolution) and its gradient by the weight are three views
 * of one trilinear form sum(g * conv(x, w)): the VJP of each is made of the other two. As PyTorch, this is cross-correlation: the
 * kernel is not flipped.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import type { Convolution } from "../opAttributes.ts";
import { formatShape, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./arithmetic.ts";
import { expectFloat32 } from "./expectFloat32.ts";

const convOp: OpDefinition<"conv"> = {
  name: "conv",
  infer: ([x, weight], geometry) => {
    expectFloat32("conv", x, weight);
    checkShapes(x.shape, weight.shape, geometry);
    const out = spatialSizes("input", x.shape).map((size, axis) =>
      outputSize(size, weight.shape[axis + 1] as number, geometry, axis),
    );
    if (out.some((size) => size < 1)) {
      throw new RangeError(
        `conv: expected an input at least as large as the dilated kernel, got ${formatShape(x.shape)} ` +
          `for weight ${formatShape(weight.shape)}; pad it or use fewer layers`,
      );
    }
    return [{ shape: [x.shape[0], ...out, weight.shape[0]], dtype: "float32" }];
  },
  vjp: ({ inputs: [x, weight], attributes, cotangents: [g], needs }) => [
    needs(0) ? inputGrad(g!, weight, attributes, spatialSizes("input", x.shape)) : undefined,
    needs(1) ? weightGrad(x, g!, attributes, spatialSizes("weight", weight.shape)) : undefined,
  ],
};

const convInputGradOp: OpDefinition<"convInputGrad"> = {
  name: "convInputGrad",
  infer: ([g, weight], { inputSize, groups }) => [
    { shape: [g.shape[0], ...inputSize, (weight.shape[weight.rank - 1] as number) * groups], dtype: "float32" },
  ],
  vjp: ({ inputs: [g, weight], attributes: { inputSize: _, ...geometry }, cotangents: [h], needs }) => [
    needs(0) ? apply(convOp, [h!, weight], geometry)[0] : undefined,
    needs(1) ? weightGrad(h!, g, geometry, spatialSizes("weight", weight.shape)) : undefined,
  ],
};

const convWeightGradOp: OpDefinition<"convWeightGrad"> = {
  name: "convWeightGrad",
  infer: ([x, g], { kernelSize, groups }) => [
    { shape: [g.shape[g.rank - 1], ...kernelSize, (x.shape[x.rank - 1] as number) / groups], dtype: "float32" },
  ],
  vjp: ({ inputs: [x, g], attributes: { kernelSize: _, ...geometry }, cotangents: [h], needs }) => [
    needs(0) ? inputGrad(g, h!, geometry, spatialSizes("input", x.shape)) : undefined,
    needs(1) ? apply(convOp, [x, h!], geometry)[0] : undefined,
  ],
};

function inputGrad(g: Tensor, weight: Tensor, geometry: Convolution, inputSize: readonly number[]): Tensor {
  return apply(convInputGradOp, [g, weight], { ...geometry, inputSize })[0];
}

function weightGrad(x: Tensor, g: Tensor, geometry: Convolution, kernelSize: readonly number[]): Tensor {
  return apply(convWeightGradOp, [x, g], { ...geometry, kernelSize })[0];
}

function outputSize(size: number, kernel: number, { stride, padding, dilation }: Convolution, axis: number): number {
  const [before, after] = padding[axis];
  return Math.floor((size + before + after - dilation[axis] * (kernel - 1) - 1) / stride[axis]) + 1;
}

function spatialSizes(what: string, shape: Shape): number[] {
  return shape.slice(1, -1).map((size) => {
    if (typeof size === "number") return size;
    throw new RangeError(`conv: expected spatial axes of known size, got ${what} ${formatShape(shape)}`);
  });
}

function checkShapes(x: Shape, weight: Shape, { groups }: Convolution): void {
  const inChannels = x[x.length - 1];
  const fits = typeof inChannels === "number" && weight[weight.length - 1] === inChannels / groups;
  if (x.length !== weight.length || !fits || (weight[0] as number) % groups !== 0) {
    throw new RangeError(
      `conv: expected x [batch, ...spatial, inChannels] and weight [outChannels, ...kernel, inChannels / groups], ` +
        `both channels divisible by groups (${groups}), got ${formatShape(x)} and ${formatShape(weight)}`,
    );
  }
}

/** Geometry of a convolution; a number applies to every spatial axis. */
export interface ConvOptions {
  /** Step between outputs. @defaultValue 1 */
  stride?: number | readonly number[];
  /** Zeros at both ends, or `[before, after]` for each axis. @defaultValue 0 */
  padding?: number | readonly (readonly [before: number, after: number])[];
  /** Step between kernel taps. @defaultValue 1 */
  dilation?: number | readonly number[];
  /** Channels are convolved in this many separate groups. @defaultValue 1 */
  groups?: number;
}

function conv(
  name: string,
  spatial: number,
  x: Operand,
  weight: Operand,
  bias: Operand | undefined,
  options: ConvOptions,
): Tensor {
  const [input, kernel] = [toTensor(x), toTensor(weight)];
  const rank = spatial + 2;
  if (input.rank !== rank || kernel.rank !== rank) {
    throw new RangeError(
      `${name}: expected x and weight of rank ${rank}, got ${formatShape(input.shape)} and ${formatShape(kernel.shape)}`,
    );
  }
  const y = apply(convOp, [input, kernel], geometry(name, spatial, options))[0];
  if (bias === undefined) return y;
  const offset = toTensor(bias);
  if (!sameShape(offset.shape, [kernel.shape[0]])) {
    throw new RangeError(
      `${name}: expected bias [outChannels] = [${kernel.shape[0]}], got ${formatShape(offset.shape)}`,
    );
  }
  return add(y, offset);
}

function geometry(name: string, spatial: number, options: ConvOptions): Convolution {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const each = (value: number | readonly number[]): readonly number[] =>
    typeof value === "number" ? Array.from({ length: spatial }, () => value) : value;
  const pairs = typeof padding === "number" ? each(padding).map((amount) => [amount, amount] as const) : padding;
  const result: Convolution = { stride: each(stride), padding: pairs, dilation: each(dilation), groups };
  const positive = [...result.stride, ...result.dilation, groups].every(
    (value) => Number.isSafeInteger(value) && value >= 1,
  );
  const padded = pairs.flat().every((value) => Number.isSafeInteger(value) && value >= 0);
  const lengths = [result.stride, pairs, result.dilation].every((list) => list.length === spatial);
  if (!positive || !padded || !lengths) {
    throw new RangeError(
      `${name}: expected stride, dilation and groups that are integers >= 1 and padding >= 0, one for each of ${spatial} axes, ` +
        `got ${JSON.stringify(options)}`,
    );
  }
  return result;
}

/**
 * Convolution over time.
 *
 * @param x - `[B, T, inChannels]`
 * @param weight - `[outChannels, kernel, inChannels / groups]`
 * @param bias - `[outChannels]`
 * @returns `[B, floor((T + padding - dilation * (kernel - 1) - 1) / stride) + 1, outChannels]`
 */
export function conv1d(x: Operand, weight: Operand, bias?: Operand, options: ConvOptions = {}): Tensor {
  return conv("conv1d", 1, x, weight, bias, options);
}

/**
 * Convolution over images.
 *
 * @param x - `[B, H, W, inChannels]`
 * @param weight - `[outChannels, kernelHeight, kernelWidth, inChannels / groups]`
 * @param bias - `[outChannels]`
 * @returns `[B, outHeight, outWidth, outChannels]`
 */
export function conv2d(x: Operand, weight: Operand, bias?: Operand, options: ConvOptions = {}): Tensor {
  return conv("conv2d", 2, x, weight, bias, options);
}
