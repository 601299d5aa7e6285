/** The type that layers take where a caller may choose how a weight starts. */

/**
 * Fills `data`, the row-major elements of a tensor of `shape`.
 *
 * Layers accept one, and an arrow function makes one of any function of this package:
 *
 * @example
 * ```ts
 * const rng = new Rng(42);
 * const gpt2: Initializer = (data) => normal(data, { std: 0.02, rng });
 * const he: Initializer = (data, shape) => kaimingNormal(data, shape, { nonlinearity: "relu", rng });
 * ```
 */
export type Initializer = (data: Float32Array, shape: readonly number[]) => void;
