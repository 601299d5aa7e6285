import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsDType,
  type SafetensorsEntry,
  safetensorsPieces,
} from "@llm-learning/nn-core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryByteLength, safetensorsDTypes } from "../../src/safetensors/safetensorsEntry.ts";
import { fixture } from "./fixtures.ts";

const byte: SafetensorsEntry = { dtype: "U8", shape: [1], data: new Uint8Array([7]) };

describe("bytes equal to the reference implementation's", () => {
  test.each(["every-dtype", "odd-names", "narrow", "empty"])("%s", (name) => {
    const bytes = fixture(name);
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect(encodeSafetensors(tensors, metadata)).toEqual(bytes);
    // The order given does not matter.
    expect(encodeSafetensors([...tensors].reverse(), metadata)).toEqual(bytes);
    expect(encodeSafetensors(Object.fromEntries(tensors), metadata)).toEqual(bytes);
  });
});

test("the header is the documented JSON, metadata first and sorted, padded with spaces to 8 bytes", () => {
  const bytes = encodeSafetensors(
    { a: byte, b: { dtype: "F32", shape: [], data: new Uint8Array(4) } },
    { z: "1", a: "2" },
  );
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  const json =
    '{"__metadata__":{"a":"2","z":"1"},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]},' +
    '"a":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}';
  expect(new TextDecoder().decode(bytes.subarray(8, 8 + length))).toBe(json.padEnd(length, " "));
  expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0, 0, 7]);
});

test("in pieces it is the same file, its tensors not copied", () => {
  const wide = { dtype: "F32", shape: [2], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) } as const;
  const pieces = safetensorsPieces({ a: byte, b: wide }, { z: "1" });
  expect(pieces.flatMap((piece) => [...piece])).toEqual([...encodeSafetensors({ a: byte, b: wide }, { z: "1" })]);
  expect(pieces.slice(1)).toEqual([wide.data, byte.data]);
  expect(pieces[1]).toBe(wide.data);
});

test("in pieces it may be larger than any array: here 5 GB, of one tensor under many names", () => {
  const data = new Uint8Array(2 ** 28);
  const names = Array.from({ length: 20 }, (_, i) => `layer.${i}`);
  const pieces = safetensorsPieces(names.map((name) => [name, { dtype: "U8", shape: [2 ** 28], data }]));
  expect(pieces.slice(1).every((piece) => piece === data)).toBe(true);
  const header = JSON.parse(new TextDecoder().decode(pieces[0].subarray(8))) as Record<
    string,
    { data_offsets: number[] }
  >;
  expect(header["layer.9"].data_offsets).toEqual([19 * 2 ** 28, 20 * 2 ** 28]);
});

test("whatever is encoded decodes to itself, and every tensor stands at a multiple of its element's size", () => {
  const entry = fc
    .tuple(fc.constantFrom(...safetensorsDTypes), fc.array(fc.nat(4), { maxLength: 4 }), fc.nat(255))
    .filter(([dtype, shape]) => typeof entryByteLength(dtype, shape) === "number")
    .map(([dtype, shape, fill]): SafetensorsEntry => {
      const data = new Uint8Array(entryByteLength(dtype, shape) as number).fill(fill);
      return { dtype, shape, data };
    });
  const name = fc.string({ unit: "binary" }).filter((text) => text !== "__metadata__");
  const metadata = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, entry), { selector: ([key]) => key }), metadata, (tensors, strings) => {
      const decoded = decodeSafetensors(encodeSafetensors(tensors, strings));
      expect(new Map([...decoded.tensors].sort())).toEqual(new Map([...tensors].sort()));
      expect(Object.entries(decoded.metadata).sort()).toEqual(Object.entries(strings).sort());
      for (const { dtype, data } of decoded.tensors.values()) {
        const width = entryByteLength(dtype, [4]) as number;
        expect(data.byteOffset % Math.max(1, width / 4)).toBe(0);
      }
    }),
  );
});

describe("refused, with the reason", () => {
  const encode = (name: unknown, entry: unknown) => () =>
    encodeSafetensors([[name as string, entry as SafetensorsEntry]]);

  test("names that are taken, reserved, not text or not Unicode", () => {
    expect(() =>
      encodeSafetensors([
        ["a", byte],
        ["a", byte],
      ]),
    ).toThrow(new RangeError('encodeSafetensors: expected unique names, got "a" twice'));
    expect(encode("__metadata__", byte)).toThrow(
      new RangeError('encodeSafetensors: expected a tensor name, got "__metadata__", which the format reserves'),
    );
    expect(encode(3, byte)).toThrow(new TypeError("encodeSafetensors: expected a string as name, got 3"));
    expect(encode("\ud800", byte)).toThrow(
      new RangeError('encodeSafetensors: expected a name of well-formed Unicode, got "\\ud800"'),
    );
  });

  test("entries whose dtype, shape and bytes do not agree", () => {
    expect(encode("a", { ...byte, dtype: "F128" as SafetensorsDType })).toThrow(
      /^encodeSafetensors: expected tensor "a" to have a dtype of BOOL, F4, .*, U64, got "F128"$/,
    );
    expect(encode("a", { ...byte, shape: [-1] })).toThrow(
      new RangeError('encodeSafetensors: expected tensor "a" to have a shape of non-negative integers, got [-1]'),
    );
    expect(encode("a", { ...byte, data: [7] })).toThrow(
      new TypeError('encodeSafetensors: expected tensor "a" to have its data as a Uint8Array, got object'),
    );
    expect(encode("a", { ...byte, shape: [2] })).toThrow(
      new RangeError('encodeSafetensors: expected tensor "a" (U8, shape [2]) to have 2 bytes, got 1'),
    );
    expect(encode("a", { ...byte, dtype: "F4" })).toThrow(
      new RangeError(
        'encodeSafetensors: expected tensor "a" (F4, shape [1]) to have whole bytes, ' +
          "got 4 bits, which end within a byte",
      ),
    );
    expect(encode("a", null)).toThrow(
      new TypeError('encodeSafetensors: expected tensor "a" to be an entry { dtype, shape, data }, got null'),
    );
  });

  test("metadata that is not text", () => {
    expect(() => encodeSafetensors({}, { step: 3 } as unknown as Record<string, string>)).toThrow(
      new TypeError('encodeSafetensors: expected metadata "step" to be a string, got 3: write it as JSON text'),
    );
    expect(() => encodeSafetensors({}, { a: "\udc00" })).toThrow(
      new RangeError('encodeSafetensors: expected metadata "a" to be well-formed Unicode, got "\\udc00"'),
    );
  });

  test("a header above 100 MB", () => {
    expect(() => encodeSafetensors({}, { text: "x".repeat(1e8) })).toThrow(
      new RangeError(
        "encodeSafetensors: expected a header of at most 100000000 bytes, got 100000032: " +
          "use fewer tensors, shorter names or less metadata",
      ),
    );
  });
});
