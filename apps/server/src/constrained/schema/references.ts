/**
 * The schemas that a `$ref` names: places of the same document, by JSON pointer.
 *
 * @see RFC 6901
 */

import type { Located } from "./keywords.ts";
import { schemaError, shown } from "./schemaError.ts";

/** Finds the schema of a reference. @throws RangeError if there is none in the document. */
export function referenced(root: unknown, reference: unknown, pointer: string): Located {
  if (typeof reference !== "string" || (reference !== "#" && !reference.startsWith("#/"))) {
    throw schemaError(pointer, 'a reference within the schema, such as "#/$defs/name"', shown(reference));
  }
  let schema = root;
  for (const step of reference.split("/").slice(1)) {
    const name = unescaped(step);
    const isThere = typeof schema === "object" && schema !== null && name !== undefined && Object.hasOwn(schema, name);
    if (!isThere) throw schemaError(pointer, "a reference to a schema that is there", shown(reference));
    schema = (schema as Readonly<Record<string, unknown>>)[name];
  }
  return { schema, pointer: reference };
}

function unescaped(step: string): string | undefined {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined;
  }
}
