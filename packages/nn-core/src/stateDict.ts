/**
 * A model's values by name, and back.
 */

import { type Module, namedParameters } from "./module.ts";
import { formatShape, sameShape } from "./shape.ts";

/** Values by dotted path; the arrays of `stateDict` are the model's own. */
export type StateDict = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** Every parameter of `module`, trainable or not; the arrays are live, not copies. */
export function stateDict(module: Module): StateDict {
  return namedParameters(module);
}

/**
 * Copies `values` into the parameters of `module`.
 *
 * @throws RangeError if a parameter is missing, one is left over, or a shape differs; nothing is copied then.
 */
export function loadStateDict(module: Module, values: StateDict): void {
  const parameters = namedParameters(module);
  const missing = [...parameters.keys()].filter((name) => !values.has(name));
  const unknown = [...values.keys()].filter((name) => !parameters.has(name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new RangeError(
      `loadStateDict: expected the ${parameters.size} parameters of the model, got ` +
        `${list(missing, "missing")}${missing.length > 0 && unknown.length > 0 ? " and " : ""}${list(unknown, "unknown")}`,
    );
  }
  for (const [name, { shape, elementCount }] of parameters) {
    const given = values.get(name)!;
    if (!sameShape(shape, given.shape) || given.data.length !== elementCount) {
      throw new RangeError(
        `loadStateDict: expected ${formatShape(shape)} for "${name}", ` +
          `got ${formatShape(given.shape)} with ${given.data.length} values`,
      );
    }
  }
  for (const [name, { data }] of parameters) data.set(values.get(name)!.data);
}

function list(names: readonly string[], what: string): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, 3).map((name) => `"${name}"`);
  return `${names.length} ${what} (${shown.join(", ")}${names.length > shown.length ? ", ..." : ""})`;
}
