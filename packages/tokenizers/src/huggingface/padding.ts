/**
 * Padding: tokens that fill encodings up to one length.
 */

import { describe } from "../describe.ts";
import { addedColumns, type Columns, joined } from "./columns.ts";
import type { Fields } from "./fields.ts";

/** How long encodings are to be, and what fills them up. */
export interface Padding {
  /**
   * The length in tokens.
   *
   * @defaultValue that of the longest encoding of the batch
   */
  readonly length?: number | undefined;
  /** Raises the length to a multiple of this. */
  readonly multipleOf?: number | undefined;
  /**
   * The end at which is filled up.
   *
   * @defaultValue "right"
   */
  readonly direction?: "right" | "left";
  /**
   * Id of the token that fills up.
   *
   * @defaultValue 0
   */
  readonly id?: number;
  /**
   * Type of that token.
   *
   * @defaultValue 0
   */
  readonly typeId?: number;
  /**
   * Spelling of that token.
   *
   * @defaultValue "[PAD]"
   */
  readonly token?: string;
}

/** A padding with all its settings. */
export interface CheckedPadding extends Required<Omit<Padding, "length" | "multipleOf">> {
  readonly length: number | undefined;
  readonly multipleOf: number | undefined;
}

const MAX = 0xffffffff;
/** No encoding is filled up to more. */
const MAX_LENGTH = 2 ** 22;

/** Reads the field `padding`. */
export function readPadding(fields: Fields): CheckedPadding {
  const isLongest = fields.value("strategy") === "BatchLongest";
  return {
    length: isLongest ? undefined : fields.object("strategy").count("Fixed", MAX_LENGTH),
    multipleOf: fields.value("pad_to_multiple_of") === undefined ? undefined : fields.count("pad_to_multiple_of", MAX),
    direction: fields.oneOf("direction", ["Right", "Left"]) === "Right" ? "right" : "left",
    id: fields.count("pad_id", MAX),
    typeId: fields.count("pad_type_id", MAX),
    token: fields.string("pad_token"),
  };
}

/** As in a `tokenizer.json`. */
export function paddingJson({ length, multipleOf, direction, id, typeId, token }: CheckedPadding): unknown {
  return {
    strategy: length === undefined ? "BatchLongest" : { Fixed: length },
    direction: direction === "right" ? "Right" : "Left",
    pad_to_multiple_of: multipleOf ?? null,
    pad_id: id,
    pad_type_id: typeId,
    pad_token: token,
  };
}

/** Checks the option of a caller. */
export function checkedPadding(option: Padding): CheckedPadding {
  const { length, multipleOf, direction = "right", id = 0, typeId = 0, token = "[PAD]" } = option;
  for (const [name, value] of Object.entries({ length, multipleOf, id, typeId })) {
    if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= MAX)) continue;
    throw new RangeError(
      `Tokenizer.encode: expected padding.${name} to be an integer from 0 on, got ${describe(value)}`,
    );
  }
  if (direction !== "right" && direction !== "left") {
    throw new RangeError(`Tokenizer.encode: expected padding.direction "right" or "left", got ${describe(direction)}`);
  }
  return { length, multipleOf, direction, id, typeId, token };
}

/** The encodings of a batch, filled up to one length; what overflows too. */
export function padded(batch: readonly Columns[], padding: CheckedPadding): Columns[] {
  const { multipleOf = 0 } = padding;
  let length = padding.length ?? batch.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
  if (multipleOf > 0 && length % multipleOf > 0) length += multipleOf - (length % multipleOf);
  if (batch.some(({ ids }) => ids.length < length) && length > MAX_LENGTH) {
    throw new RangeError(`Tokenizer.encode: expected padding to at most ${MAX_LENGTH} tokens, got ${length}`);
  }
  return batch.map((columns) => filledUp(columns, length, padding));
}

function filledUp(columns: Columns, length: number, padding: CheckedPadding): Columns {
  const overflowing = columns.overflowing.map((one) => filledUp(one, length, padding));
  const missing = length - columns.ids.length;
  if (missing <= 0) return { ...columns, overflowing };
  const { id, token, typeId, direction } = padding;
  const fill = addedColumns(
    Array.from({ length: missing }, () => id),
    Array.from({ length: missing }, () => token),
    typeId,
    0,
  );
  const alone = { ...columns, overflowing: [] };
  return { ...joined(direction === "right" ? [alone, fill] : [fill, alone]), overflowing };
}
