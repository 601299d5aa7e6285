/**
 * Damaged versions of a protobuf message: fields dropped, repeated, exchanged, renumbered, with other values, and every length
 * around them right again. So the damage is found, if at all, by whoever reads what the fields mean.
 */

import { below, extremes, joined, oneOf, type Random, varint } from "./mutations.ts";

/** A field: a number with its wire type 0, 1 or 5, bytes, or a message where the bytes read as one. */
interface Field {
  number: number;
  wireType: number;
  value: bigint | Uint8Array | Field[];
}

/** A copy of a message with one to three fields damaged. */
export function mutatedMessage(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const fields = parse(bytes) ?? [];
  do damage(fields, random);
  while (random() < 0.4);
  return encode(fields);
}

function damage(root: Field[], random: Random): void {
  const lists = messagesOf(root);
  const list = oneOf(lists, random);
  if (list.length === 0) return;
  const index = below(list.length, random);
  const field = list[index];
  const kind = below(9, random);
  if (kind === 0) list.splice(index, 1);
  else if (kind === 1) list.splice(index, 0, field);
  else if (kind === 2) oneOf(lists, random).push(structuredClone(field));
  else if (kind === 3) field.number = 1 + below(26, random);
  else if (kind === 4) exchange(field, lists, random);
  else if (kind === 5) nest(field, random);
  else damageValue(field, random);
}

function damageValue(field: Field, random: Random): void {
  const { value } = field;
  if (typeof value === "bigint")
    field.value = random() < 0.5 ? oneOf(extremes, random) : value ^ (1n << BigInt(below(8, random)));
  else if (Array.isArray(value)) field.value = random() < 0.3 ? [] : value.toReversed();
  else if (value.length > 0 && random() < 0.5) {
    field.value = Uint8Array.from(value);
    field.value[below(value.length, random)] = below(256, random);
  } else
    field.value = oneOf(
      [new Uint8Array(0), new Uint8Array(1), new Uint8Array(5000).fill(97), Uint8Array.of(255, 254)],
      random,
    );
}

/** Takes the value of another field of the same kind, such as another name. */
function exchange(field: Field, lists: readonly Field[][], random: Random): void {
  const others = lists
    .flat()
    .filter(
      ({ wireType, value }) => wireType === field.wireType && Array.isArray(value) === Array.isArray(field.value),
    );
  const other = oneOf(others, random);
  [field.value, other.value] = [other.value, field.value];
}

/** A message within itself, over and over. */
function nest(field: Field, random: Random): void {
  if (!Array.isArray(field.value)) return;
  for (let depth = oneOf([1, 40, 400], random); depth > 0; depth--) field.value = [{ ...field }];
}

function messagesOf(fields: Field[]): Field[][] {
  const lists = [fields];
  // A plain loop: what is nested here may be nested deep.
  for (const list of lists) for (const { value } of list) if (Array.isArray(value)) lists.push(value);
  return lists;
}

function parse(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const readVarint = (): bigint | undefined => {
    let value = 0n;
    for (let i = 0n; i < 10n && at < bytes.length; i++) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << (7n * i);
      if (byte < 128) return value;
    }
    return undefined;
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  while (at < bytes.length) {
    const tag = readVarint();
    if (tag === undefined || tag < 8n || tag >= 512n) return undefined;
    const [number, wireType] = [Number(tag >> 3n), Number(tag & 7n)];
    let value: Field["value"] | undefined;
    if (wireType === 0) value = readVarint();
    else if (wireType === 1 && at + 8 <= bytes.length) value = view.getBigUint64((at += 8) - 8, true);
    else if (wireType === 5 && at + 4 <= bytes.length) value = BigInt(view.getUint32((at += 4) - 4, true));
    else if (wireType === 2) {
      const length = readVarint();
      if (length !== undefined && length <= BigInt(bytes.length - at)) {
        const content = bytes.subarray(at, (at += Number(length)));
        value = (content.length > 0 ? parse(content) : undefined) ?? content;
      }
    }
    if (value === undefined) return undefined;
    fields.push({ number, wireType, value });
  }
  return fields;
}

function encode(fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  return joined(
    ...fields.map(({ number, wireType, value }) => {
      const tag = varint(BigInt(number * 8 + wireType));
      if (typeof value !== "bigint") {
        const content = Array.isArray(value) ? encode(value) : value;
        return joined(tag, varint(BigInt(content.length)), content);
      }
      if (wireType === 0) return joined(tag, varint(value));
      const fixed = new Uint8Array(wireType === 1 ? 8 : 4);
      for (let i = 0; i < fixed.length; i++) fixed[i] = Number((value >> BigInt(8 * i)) & 255n);
      return joined(tag, fixed);
    }),
  );
}
