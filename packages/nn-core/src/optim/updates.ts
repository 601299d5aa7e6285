/**
 * The arithmetic of optimizers: what each does to every element of its arrays, in one pass over them.
 *
 * All of it is float32: every operation rounds, in the order in which it is written here, so that any implementation of these
 * passes gives the same bits. Constants are rounded to float32 first. Exponential averages are written `m += (1 - beta) * (g - m)`
 * rather than `beta * m + (1 - beta) * g`, whose two rounded constants would not add up to 1.
 */

/** The passes; arrays of one call have the same length. */
export interface Updates {
  /**
   *     g = scale * gradient + coupled * weight
   *     m += gain1 * (g - m)
   *     v += gain2 * (g * g - v)
   *     weight -= rate * m / (sqrt(v) * correction + eps) + decay * weight
   */
  adam(arrays: AdamArrays, constants: AdamConstants): void;
  /** `weight -= rate * (scale * gradient + coupled * weight)` */
  descend(weight: Float32Array, gradient: Float32Array, constants: DescendConstants): void;
  /**
   *     g = scale * gradient + coupled * weight
   *     buffer = momentum * buffer + g
   *     weight -= rate * (ahead * g + share * buffer)
   */
  descendWithMomentum(arrays: BufferedArrays, constants: MomentumConstants): void;
  /**
   *     g = scale * gradient
   *     direction = buffer + gain1 * (g - buffer)
   *     buffer += gain2 * (g - buffer)
   *     weight -= rate * sign(direction) + decay * weight
   */
  lion(arrays: BufferedArrays, constants: LionConstants): void;
  /**
   *     g = scale * gradient
   *     buffer += gain * (g - buffer)
   *     direction = buffer + ahead * (g - buffer)
   */
  direct(arrays: DirectionArrays, constants: DirectionConstants): void;
  /** `weight -= rate * direction + decay * weight` */
  move(weight: Float32Array, direction: Float32Array, constants: { rate: number; decay: number }): void;
  /** `average += gain * (weight - average)` */
  approach(average: Float32Array, weight: Float32Array, gain: number): void;
}

export interface AdamArrays {
  readonly weight: Float32Array;
  readonly gradient: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export interface AdamConstants {
  readonly scale: number;
  readonly coupled: number;
  readonly gain1: number;
  readonly gain2: number;
  readonly rate: number;
  readonly correction: number;
  readonly eps: number;
  readonly decay: number;
}

export interface DescendConstants {
  readonly scale: number;
  readonly coupled: number;
  readonly rate: number;
}

export interface BufferedArrays {
  readonly weight: Float32Array;
  readonly gradient: Float32Array;
  readonly buffer: Float32Array;
}

export interface MomentumConstants extends DescendConstants {
  readonly momentum: number;
  readonly ahead: number;
  readonly share: number;
}

export interface LionConstants {
  readonly scale: number;
  readonly gain1: number;
  readonly gain2: number;
  readonly rate: number;
  readonly decay: number;
}

export interface DirectionArrays {
  readonly gradient: Float32Array;
  readonly buffer: Float32Array;
  readonly direction: Float32Array;
}

export interface DirectionConstants {
  readonly scale: number;
  readonly gain: number;
  readonly ahead: number;
}
