/** Lets a decoder fill in a readonly record field by field, leaving absent what the file leaves out. */

/** A record whose own properties can be assigned. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Sets an optional text unless it is empty, which in ONNX means the same as absent. */
export function setText<K extends string>(record: { [P in K]?: string }, key: K, text: string): void {
  if (text !== "") record[key] = text;
}
