/**
 * Messages of Protocol Buffers as plain objects, read and written by a schema: which number, type and name each field
 * has. A field that is absent from the file is absent from the object, so that what is read can be written back the
 * same; fields that the schema does not know are kept as bytes in `unknownFields` and written behind the others.
 *
 * Follows proto2: the last value of a field wins, a nested message that comes twice is merged, and an enum value
 * without a name counts as an unknown field.
 */

import { WireReader, wireTypes } from "./wireReader.ts";
import { WireWriter } from "./wireWriter.ts";

/** What every message may hold besides its fields. */
export interface Message {
  /** Fields that the schema does not know, in their wire format. */
  unknownFields?: Uint8Array;
}

/** One field of a schema. */
export interface FieldSchema {
  readonly number: number;
  readonly type: "int32" | "uint64" | "bool" | "float" | "string" | "bytes" | "enum" | "message";
  readonly repeated?: true;
  /** Values of an enum: number to name. */
  readonly names?: ReadonlyMap<number, string>;
  readonly schema?: MessageSchema;
}

/** The fields of a message: name to field, in the order of their numbers. */
export type MessageSchema = ReadonlyMap<string, FieldSchema>;

/** A message as the generic code sees it: this file alone handles fields by name. */
type Fields = Record<string, unknown> & Message;

/**
 * Reads a message.
 *
 * @param what - What the bytes are, which begins the messages of errors.
 * @param schema - The fields.
 * @param bytes - The file.
 * @throws RangeError if the bytes are not the wire format.
 */
export function readMessage(what: string, schema: MessageSchema, bytes: Uint8Array): Record<string, unknown> {
  return readInto({}, what, schema, bytes, 0, bytes.length);
}

/** Writes a message: known fields in the order of their numbers, then the unknown ones. */
export function writeMessage(schema: MessageSchema, message: object): Uint8Array {
  const writer = new WireWriter();
  const fields = message as Fields;
  for (const [name, field] of schema) {
    const value = fields[name];
    if (value === undefined) continue;
    if (field.repeated) for (const item of value as readonly unknown[]) writeField(writer, field, item);
    else writeField(writer, field, value);
  }
  if (fields.unknownFields !== undefined) writer.writeRaw(fields.unknownFields);
  return writer.finish();
}

/** Nesting is as deep as the schema, not as the file. */
function readInto(
  message: Fields,
  what: string,
  schema: MessageSchema,
  bytes: Uint8Array,
  start: number,
  end: number,
): Fields {
  const names = byNumber(schema);
  const unknown: Uint8Array[] = message.unknownFields === undefined ? [] : [message.unknownFields];
  const reader = new WireReader(what, bytes, start, end);
  while (reader.next()) {
    const name = names.get(reader.field);
    const field = name === undefined ? undefined : schema.get(name)!;
    let value: unknown;
    if (field === undefined || reader.wireType !== wireTypeOf(field)) reader.skip();
    else if (field.type === "message") {
      const from = reader.readLength();
      const target = field.repeated ? {} : ((message[name!] as Fields | undefined) ?? {});
      value = readInto(target, what, field.schema!, bytes, from, reader.position);
    } else value = readValue(reader, field);

    if (value === undefined) unknown.push(bytes.slice(reader.fieldStart, reader.position));
    else if (!field!.repeated) message[name!] = value;
    else if (message[name!] === undefined) message[name!] = [value];
    else (message[name!] as unknown[]).push(value);
  }
  if (unknown.length > 0) message.unknownFields = concatenate(unknown);
  return message;
}

/** The value of a field, or `undefined` if it has none that JavaScript can hold, so that its bytes are kept instead. */
function readValue(reader: WireReader, field: FieldSchema): unknown {
  switch (field.type) {
    case "float":
      return reader.readFloat();
    case "string":
      return reader.readString();
    case "bytes": {
      const start = reader.readLength();
      return reader.bytes.slice(start, reader.position);
    }
    default:
      reader.readVarint();
  }
  if (field.type === "int32") return reader.low | 0;
  if (field.type === "bool") return reader.low !== 0 || reader.high !== 0;
  if (field.type === "enum") return reader.high === 0 ? field.names!.get(reader.low) : undefined;
  return reader.high < 2 ** 21 ? reader.high * 2 ** 32 + reader.low : undefined;
}

function writeField(writer: WireWriter, { number, type, names, schema }: FieldSchema, value: unknown): void {
  if (type === "message") writer.writeBytes(number, writeMessage(schema!, value as object));
  else if (type === "string") writer.writeString(number, value as string);
  else if (type === "bytes") writer.writeBytes(number, value as Uint8Array);
  else if (type === "float") writer.writeFloat(number, value as number);
  else if (type === "enum") writer.writeInteger(number, [...names!].find(([, name]) => name === value)![0]);
  else writer.writeInteger(number, Number(value));
}

function wireTypeOf({ type }: FieldSchema): number {
  if (type === "float") return wireTypes.fixed32;
  return type === "string" || type === "bytes" || type === "message" ? wireTypes.bytes : wireTypes.varint;
}

const namesOfSchemas = new WeakMap<MessageSchema, ReadonlyMap<number, string>>();

function byNumber(schema: MessageSchema): ReadonlyMap<number, string> {
  let names = namesOfSchemas.get(schema);
  if (names === undefined) {
    names = new Map([...schema].map(([name, { number }]) => [number, name]));
    namesOfSchemas.set(schema, names);
  }
  return names;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
