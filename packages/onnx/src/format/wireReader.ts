/**
 * Protobuf's wire format, reading half: a cursor over one message, which never looks beyond the message's end.
 *
 * Every length is compared with the bytes that are really there before anything is read or allocated, and nesting has a
 * limit, so that a damaged or hostile file ends in a RangeError that names the field and its offset. Repeated numbers
 * are taken packed or one by one, as protobuf asks of readers. Groups, deprecated since 2008, are refused.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
import { readUtf8 } from "./utf8.ts";

/** How deep messages may nest: the default limit of protobuf's own libraries. */
const maxDepth = 100;

/** The file as a whole, shared by the readers of its messages. */
interface WireSource {
  readonly caller: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Reads the fields of one message: `while (reader.next()) switch (reader.field) { ... default: reader.skip(); }`. */
export class WireReader {
  /** The number of the field that the cursor stands in. */
  field = 0;
  /** The low 32 bits of the varint read last. */
  low = 0;
  /** Its high 32 bits. */
  high = 0;
  /** Where the cursor stands, from the start of the file. */
  position: number;
  readonly end: number;
  readonly #source: WireSource;
  readonly #parent: WireReader | undefined;
  readonly #label: string;
  readonly #index: number | undefined;
  readonly #depth: number;
  #wireType = 0;

  private constructor(
    source: WireSource,
    start: number,
    end: number,
    parent: WireReader | undefined,
    label: string,
    index: number | undefined,
  ) {
    this.#source = source;
    this.position = start;
    this.end = end;
    this.#parent = parent;
    this.#label = label;
    this.#index = index;
    this.#depth = parent === undefined ? 0 : parent.#depth + 1;
  }

  /** A reader of the outermost message; `caller` is the name that errors begin with. */
  static overFile(caller: string, bytes: Uint8Array): WireReader {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new WireReader({ caller, bytes, view }, 0, bytes.length, undefined, "", undefined);
  }

  /** The error for bytes that are not what they should be. */
  unexpected(what: string, label: string, got: string | number, index?: number, offset?: number): RangeError {
    const path = this.#path(label, index);
    const place = path === "" ? "" : ` for ${path}`;
    return new RangeError(
      `${this.#source.caller}: expected ${what}${place} at offset ${offset ?? this.position}, got ${got}`,
    );
  }

  /** Goes to the next field; false at the end of the message. */
  next(): boolean {
    if (this.position >= this.end) return false;
    const start = this.position;
    this.varint("a field's tag");
    const field = Math.floor((this.low >>> 0) / 8);
    if (this.high !== 0 || field === 0) throw this.unexpected("a field's tag", "", "none", undefined, start);
    this.field = field;
    this.#wireType = this.low & 7;
    return true;
  }

  /** Passes over a field that the caller does not know. */
  skip(): void {
    const label = `field ${this.field}`;
    if (this.#wireType === 0) this.varint(label);
    else if (this.#wireType === 1) this.#advance(8, label);
    else if (this.#wireType === 2) this.#advance(this.#length(label), label);
    else if (this.#wireType === 5) this.#advance(4, label);
    else throw this.unexpected("wire type 0, 1, 2 or 5", label, this.#wireType);
  }

  /** A nested message. */
  message(label: string, index?: number): WireReader {
    const start = this.#delimited(label, index);
    if (this.#depth >= maxDepth) throw this.unexpected(`at most ${maxDepth} nested messages`, label, "more", index);
    return new WireReader(this.#source, start, this.position, this, label, index);
  }

  /** Bytes as they are: a view of the file. */
  bytes(label: string, index?: number): Uint8Array {
    const start = this.#delimited(label, index);
    return this.slice(start, this.position);
  }

  /** A string, which must be UTF-8. */
  string(label: string, index?: number): string {
    const start = this.#delimited(label, index);
    const text = readUtf8(this.#source.bytes, start, this.position);
    if (text === undefined) throw this.unexpected("UTF-8", label, "other bytes", index, start);
    return text;
  }

  /** An int64: a number where one holds it exactly, else a bigint. */
  int64(label: string): number | bigint {
    this.#expectWireType(0, label);
    this.varint(label);
    return this.#int64();
  }

  /** An int64 that has to fit a number. */
  integer(label: string): number {
    const value = this.int64(label);
    if (typeof value === "bigint") throw this.unexpected("an integer within 2^53", label, `${value}`);
    return value;
  }

  /** A float32. */
  float(label: string): number {
    this.#expectWireType(5, label);
    this.#advance(4, label);
    return this.#source.view.getFloat32(this.position - 4, true);
  }

  /** Appends an int64, or a packed run of them. */
  int64s(label: string, values: (number | bigint)[]): void {
    const run = this.over(label, this.run(0, label));
    while (run.position < run.end) {
      run.varint("");
      values.push(run.#int64());
    }
  }

  /** Appends an int64 that has to fit a number, or a packed run of them. */
  integers(label: string, values: number[]): void {
    const run = this.over(label, this.run(0, label));
    while (run.position < run.end) {
      run.varint("");
      const value = run.#int64();
      if (typeof value === "bigint") throw run.unexpected("an integer within 2^53", "", `${value}`);
      values.push(value);
    }
  }

  /** Appends a float32, or a packed run of them. */
  floats(label: string, values: number[]): void {
    const [start, end] = this.run(5, label);
    for (let at = start; at < end; at += 4) values.push(this.#source.view.getFloat32(at, true));
  }

  /**
   * Where the numbers of a repeated field lie, `[start, end)`: a packed run, or the single value that stands here.
   * Their bytes look the same.
   *
   * @param wireType - of one value: 0 varint, 1 eight bytes, 5 four bytes.
   */
  run(wireType: 0 | 1 | 5, label: string): readonly [start: number, end: number] {
    let start = this.position;
    if (this.#wireType === 2) {
      start = this.#delimited(label, undefined);
      const width = wireType === 0 ? 1 : wireType === 1 ? 8 : 4;
      const length = this.position - start;
      if (length % width !== 0) throw this.unexpected(`a multiple of ${width} bytes`, label, length, undefined, start);
    } else {
      this.#expectWireType(wireType, label);
      this.skip();
    }
    return [start, this.position];
  }

  /** A reader of the bytes from `start` to `end`, as `run` found them. */
  over(label: string, [start, end]: readonly [start: number, end: number]): WireReader {
    return new WireReader(this.#source, start, end, this, label, undefined);
  }

  /** A view of the file's bytes from `start` to `end`, which the caller has from a reader. */
  slice(start: number, end: number): Uint8Array {
    const { buffer, byteOffset } = this.#source.bytes;
    return new Uint8Array(buffer, byteOffset + start, end - start);
  }

  /** Reads a varint of up to 64 bits into `low` and `high`. */
  varint(label: string, index?: number): void {
    const { bytes } = this.#source;
    const start = this.position;
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (this.position >= this.end) {
        throw this.unexpected("a whole varint", label, `its first ${this.position - start} bytes`, index, start);
      }
      const byte = bytes[this.position++];
      const bits = byte & 127;
      if (i < 4) low |= bits << (7 * i);
      else if (i > 4) high |= bits << (7 * i - 32);
      else {
        low |= bits << 28;
        high = bits >>> 4;
      }
      if (byte < 128) {
        this.low = low;
        this.high = high;
        return;
      }
    }
    throw this.unexpected("a varint of at most 10 bytes", label, "a longer one", index, start);
  }

  #int64(): number | bigint {
    const value = this.high * 2 ** 32 + (this.low >>> 0);
    if (Number.isSafeInteger(value)) return value;
    return (BigInt(this.high) << 32n) | BigInt(this.low >>> 0);
  }

  /** Steps over a length-delimited field and returns where its content starts. */
  #delimited(label: string, index: number | undefined): number {
    this.#expectWireType(2, label, index);
    const length = this.#length(label, index);
    const start = this.position;
    this.#advance(length, label, index);
    return start;
  }

  #length(label: string, index?: number): number {
    this.varint(label, index);
    // Read as unsigned: a "negative" length is a huge one, and #advance refuses it.
    return (this.high >>> 0) * 2 ** 32 + (this.low >>> 0);
  }

  #advance(length: number, label: string, index?: number): void {
    const available = this.end - this.position;
    if (length > available) throw this.unexpected(`${length} bytes`, label, available, index);
    this.position += length;
  }

  #expectWireType(wireType: number, label: string, index?: number): void {
    if (this.#wireType !== wireType) {
      throw this.unexpected(`wire type ${wireType}`, label, this.#wireType, index);
    }
  }

  #path(label: string, index: number | undefined): string {
    const own = index === undefined ? label : `${label}[${index}]`;
    if (this.#parent === undefined) return own;
    const parent = this.#parent.#path(this.#label, this.#index);
    return own === "" ? parent : `${parent}.${own}`;
  }
}
