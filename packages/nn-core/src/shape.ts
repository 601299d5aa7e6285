/**
 * Shapes with named dimensions.
 *
 * A dimension is a number, or a name for a size that is known only when the graph runs (`"batch_size"`). Products of
 * named dimensions are written `"a*b"` with an optional leading number, factors in alphabetical order, so that equal
 * products are equal strings and `reshape` can flatten and unflatten axes of unknown size. Names are opaque otherwise: no sums, no
 * inequalities.
 */

/** A size, or the name of one. */
export type Dim = number | string;

/** A dimension for each axis; none for a scalar. */
export type Shape = readonly Dim[];

/** A product of dimensions as one dimension: `product([2, "b", "a"])` is `"2*a*b"`. */
export function product(dims: Shape): Dim {
  let coefficient = 1;
  const names: string[] = [];
  for (const dim of dims) {
    if (typeof dim === "number") {
      coefficient *= dim;
      continue;
    }
    for (const factor of dim.split("*")) {
      if (/^\d+$/.test(factor)) coefficient *= Number(factor);
      else names.push(factor);
    }
  }
  if (names.length === 0 || coefficient === 0) return coefficient;
  const factors = names.toSorted().join("*");
  return coefficient === 1 ? factors : `${coefficient}*${factors}`;
}

/** True if every dimension is a number. */
export function isStatic(shape: Shape): shape is readonly number[] {
  return shape.every((dim) => typeof dim === "number");
}

/** Number of elements of a static shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const dim of shape) count *= dim;
  return count;
}

/** `[2, batch_size, 3]`, for messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** True if every dimension is the same; a name is the same as itself only. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/**
 * The shape that `shapes` broadcast to, by NumPy's rules: aligned at the last axis, size 1 stretches.
 *
 * @throws RangeError if two dimensions differ and neither is 1; a named dimension equals only itself.
 */
export function broadcastShapes(op: string, ...shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result: Dim[] = Array.from({ length: rank }, () => 1);
  for (const shape of shapes) {
    const lead = rank - shape.length;
    for (let axis = 0; axis < shape.length; axis++) {
      const dim = shape[axis];
      const current = result[lead + axis];
      if (dim === 1 || dim === current) continue;
      if (current !== 1) {
        throw new RangeError(
          `${op}: expected shapes that broadcast (equal or 1, aligned at the last axis), got ${shapes.map(formatShape).join(" and ")}`,
        );
      }
      result[lead + axis] = dim;
    }
  }
  return result;
}

/** `axis` counted from the front; negative axes count from the back, as in NumPy. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new RangeError(`${op}: expected an axis from ${-rank} to ${rank - 1} for rank ${rank}, got ${axis}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Checks that `shape` holds only non-negative safe integers and non-empty names. */
export function checkShape(op: string, shape: Shape): void {
  for (const dim of shape) {
    const valid = typeof dim === "number" ? Number.isSafeInteger(dim) && dim >= 0 : dim.length > 0;
    if (!valid) {
      throw new RangeError(`${op}: expected dimensions that are integers >= 0 or names, got ${formatShape(shape)}`);
    }
  }
}
