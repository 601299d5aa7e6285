/**
 * The elements of index.html by their ids.
 */

/** @throws Error for an id that the page does not have, or of an element of another kind. */
export function element<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`element: expected a ${kind.name} #${id} in the page, got ${found}`);
  return found;
}
