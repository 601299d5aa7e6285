/**
 * Where the arrays of an optimizer are, and what computes on them: in memory of WebAssembly where there is some, since a pass over
 * arrays that lie there is several times as fast, and with the same bits.
 */

import type { Parameter } from "../parameter.ts";
import { plainUpdates } from "./plainUpdates.ts";
import { bytesInMemory, SimdPasses } from "./simd/simdPasses.ts";
import type { Updates } from "./updates.ts";

/** Room for some arrays, and the passes over them; arrays from elsewhere may take part. */
export interface Workspace {
  readonly updates: Updates;
  /** An array of zeros. */
  allocate(length: number): Float32Array;
}

/** Room for what an optimizer has to remember, and for gradients, which it reads. */
export interface OptimizerWorkspace extends Workspace {
  /** An array for the gradient of each parameter, by name; whoever has gradients elsewhere leaves them as they are. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** Values for which it is worth while to have a memory of their own. */
const FEW = 1 << 13;

/** Passes for all arrays that have no memory of their own; undefined until they are asked for. */
let shared: Updates | undefined;

/**
 * Room for arrays of these lengths, and of no others.
 *
 * @param lengths - Of each array that will be allocated.
 */
export function workspaceOf(lengths: readonly number[]): Workspace {
  return memoryOf(lengths) ?? { updates: sharedUpdates(), allocate: (length) => new Float32Array(length) };
}

/**
 * The workspace of an optimizer: where parameters are many values they move into it, and there is room for `copies` further arrays of
 * each one's length, for gradients, and for `more`.
 */
export function workspaceFor(
  parameters: readonly { readonly name: string; readonly parameter: Parameter }[],
  copies: number,
  more: readonly number[] = [],
): OptimizerWorkspace {
  const lengths = parameters.map(({ parameter }) => parameter.elementCount);
  const memory = memoryOf([...Array.from({ length: 2 + copies }, () => lengths).flat(), ...more]);
  for (const { parameter } of memory === undefined ? [] : parameters) {
    parameter.moveTo(memory!.allocate(parameter.elementCount));
  }
  const workspace = memory ?? workspaceOf([]);
  const gradients = parameters.map(({ name, parameter }) => [name, workspace.allocate(parameter.elementCount)]);
  return { ...workspace, gradients: Object.fromEntries(gradients) as Record<string, Float32Array> };
}

function memoryOf(lengths: readonly number[]): Workspace | undefined {
  if (lengths.reduce((sum, length) => sum + length, 0) < FEW) return undefined;
  const passes = SimdPasses.create(lengths.reduce((sum, length) => sum + bytesInMemory(length), 0));
  return passes && { updates: passes.updates, allocate: (length) => passes.allocate(length) };
}

function sharedUpdates(): Updates {
  shared ??= SimdPasses.create(0)?.updates ?? plainUpdates;
  return shared;
}
