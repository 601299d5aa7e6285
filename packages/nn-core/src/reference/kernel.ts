/**
 * What a kernel is: a function from concrete arrays to concrete arrays, one for each op.
 *
 * Kernels work out their output shapes from their inputs alone; the executor compares these with what the op's
 * inference promised, so each checks the other. Arrays are never changed once returned, which lets kernels share them.
 */

import type { OpAttributes, OpName } from "../opAttributes.ts";
import type { Dim } from "../shape.ts";
import type { NdArray } from "./ndArray.ts";

/** Size of a dimension in this run. */
export type Resolve = (dim: Dim) => number;

export type Kernel<K extends OpName> = (
  inputs: readonly NdArray[],
  attributes: OpAttributes[K],
  resolve: Resolve,
) => readonly NdArray[];

/** A kernel for each op: an op without one does not compile. */
export type KernelTable = { readonly [K in OpName]: Kernel<K> };

/** The part of the table that one file of kernels provides. */
export type Kernels<K extends OpName> = Pick<KernelTable, K>;
