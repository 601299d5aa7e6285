/**
 * Protobuf's wire format, writing half: varints, fixed-width numbers, and length-delimited fields.
 *
 * A message's length stands before its content, so a writer has to know it first. `encodeMessage` therefore runs the
 * same code twice: once to measure, noting the length of every nested message, and once to write into a buffer of
 * exactly the right size. Numbers that repeat are written packed.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
import { described } from "./described.ts";
import { utf8Length, writeUtf8 } from "./utf8.ts";

/** The largest message that protobuf's own libraries read: 2 GiB less a byte. */
export const maxMessageBytes: number = 2 ** 31 - 1;

/**
 * Encodes one message.
 *
 * @param caller - the name that errors begin with.
 * @param write - writes all fields; called twice, and must do the same both times.
 * @throws RangeError when the message would be larger than protobuf allows.
 */
export function encodeMessage(caller: string, write: (writer: WireWriter) => void): Uint8Array<ArrayBuffer> {
  const measure = new WireWriter(caller, [], undefined);
  write(measure);
  if (measure.position > maxMessageBytes) {
    throw new RangeError(
      `${caller}: expected at most ${maxMessageBytes} bytes (protobuf's limit), got ${measure.position}; ` +
        "move large initializers to external data",
    );
  }
  const bytes = new Uint8Array(measure.position);
  const writer = new WireWriter(caller, measure.lengths, bytes);
  write(writer);
  if (writer.position !== bytes.length) {
    throw new Error(`${caller}: expected a model that stays the same while it is written, got a change of its size`);
  }
  return bytes;
}

/** Writes fields, or only counts their bytes when it has no buffer. */
export class WireWriter {
  position = 0;
  readonly lengths: number[];
  readonly #caller: string;
  readonly #bytes: Uint8Array | undefined;
  readonly #view: DataView | undefined;
  readonly #path: string[] = [];
  #nextLength = 0;

  constructor(caller: string, lengths: number[], bytes: Uint8Array | undefined) {
    this.#caller = caller;
    this.lengths = lengths;
    this.#bytes = bytes;
    this.#view = bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The error for a value that cannot be written: `encodeModel: expected <what> for graph.nodes[3].name, got <value>`. */
  unexpected(what: string, label: string, value: unknown): RangeError | TypeError {
    const path = [...this.#path, label]
      .filter((part) => part !== "")
      .join(".")
      .replaceAll(".[", "[");
    const message = `${this.#caller}: expected ${what} for ${path}, got ${described(value)}`;
    return ["number", "bigint", "string"].includes(typeof value) || Array.isArray(value)
      ? new RangeError(message)
      : new TypeError(message);
  }

  /** A nested message, or any other length-delimited field, whose content `write` writes. */
  message(field: number, label: string, write: () => void): void {
    this.#tag(field, 2);
    this.#path.push(label);
    if (this.#bytes === undefined) {
      const slot = this.lengths.push(0) - 1;
      const start = this.position;
      write();
      const length = this.position - start;
      this.lengths[slot] = length;
      this.#varint(length);
    } else {
      this.#varint(this.lengths[this.#nextLength++]);
      write();
    }
    this.#path.pop();
  }

  /** A string, also where it is empty. */
  string(field: number, label: string, text: string): void {
    if (typeof text !== "string") throw this.unexpected("a string", label, text);
    const length = utf8Length(text);
    if (length < 0) throw this.unexpected("well-formed text", label, text);
    this.#tag(field, 2);
    this.#varint(length);
    if (this.#bytes !== undefined) writeUtf8(text, this.#bytes, this.position);
    this.position += length;
  }

  /** A string, unless it is empty or absent, which mean the same for most fields. */
  optionalString(field: number, label: string, text: string | undefined): void {
    if (text !== undefined && text !== "") this.string(field, label, text);
  }

  /** Bytes as they are. */
  bytes(field: number, label: string, content: Uint8Array): void {
    if (!ArrayBuffer.isView(content) || content.BYTES_PER_ELEMENT !== 1) {
      throw this.unexpected("a Uint8Array", label, content);
    }
    this.#tag(field, 2);
    this.#varint(content.length);
    this.#bytes?.set(content, this.position);
    this.position += content.length;
  }

  /** An int64, also where it is 0. */
  int(field: number, label: string, value: number | bigint): void {
    this.#tag(field, 0);
    this.#int64(label, value);
  }

  /** A float32, also where it is 0. */
  float(field: number, label: string, value: number): void {
    this.#tag(field, 5);
    this.#float32(label, value);
  }

  /** Packed int64 values; nothing when there are none. */
  packedInts(field: number, label: string, values: readonly (number | bigint)[]): void {
    if (!Array.isArray(values)) throw this.unexpected("an array", label, values);
    if (values.length === 0) return;
    this.message(field, label, () => values.forEach((value, index) => this.#int64(`[${index}]`, value)));
  }

  /** Packed float32 values; nothing when there are none. */
  packedFloats(field: number, label: string, values: readonly number[]): void {
    if (!Array.isArray(values)) throw this.unexpected("an array", label, values);
    if (values.length === 0) return;
    this.message(field, label, () => values.forEach((value, index) => this.#float32(`[${index}]`, value)));
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #int64(label: string, value: number | bigint): void {
    if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) throw this.unexpected("an integer within 2^53 (or a bigint)", label, value);
      if (value >= 0) return this.#varint(value);
    } else if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) {
      throw this.unexpected("a 64-bit integer", label, value);
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.#byte(Number(rest & 127n) | 128);
    this.#byte(Number(rest));
  }

  #float32(label: string, value: number): void {
    if (typeof value !== "number") throw this.unexpected("a number", label, value);
    if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
      throw this.unexpected("a number within the range of float32", label, value);
    }
    this.#view?.setFloat32(this.position, value, true);
    this.position += 4;
  }

  /** Division, not shifts: values reach 2^53. */
  #varint(value: number): void {
    for (; value > 127; value = Math.floor(value / 128)) this.#byte((value % 128) + 128);
    this.#byte(value);
  }

  #byte(value: number): void {
    if (this.#bytes !== undefined) this.#bytes[this.position] = value;
    this.position++;
  }
}
