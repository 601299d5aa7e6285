/**
 * GGUF against files and numbers of gguf-py (see fixtures/make_gguf.py), and against damage.
 */

import { readFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { dequantizeBlocks, quantizeBlocks } from "@llm-learning/onnx";
import { mutatedBytes, randomFrom } from "@llm-learning/testing/mutations";
import { describe, expect, it } from "vitest";
import { decodeGguf } from "../../../src/export/gguf/decodeGguf.ts";
import { encodeGguf } from "../../../src/export/gguf/encodeGguf.ts";
import type { Gguf, GgufTensor, GgufValue } from "../../../src/export/gguf/gguf.ts";
import { ggufTensor, ggufValues } from "../../../src/export/gguf/ggufTensor.ts";

const fixture = (name: string): URL => new URL(`fixtures/${name}`, import.meta.url);
const bytes = Uint8Array.from(readFileSync(fixture("model.gguf")));
const expected: Record<string, { type: string; shape: number[]; values: number[] }> = JSON.parse(
  readFileSync(fixture("model.json"), "utf8"),
).tensors;

const vector: GgufTensor = { type: "F32", shape: [2], data: new Uint8Array(8) };
const withMetadata = (key: string, value: GgufValue): Gguf => ({
  metadata: new Map([[key, value]]),
  tensors: new Map(),
});
const withTensor = (name: string, tensor: GgufTensor): Gguf => ({
  metadata: new Map(),
  tensors: new Map([[name, tensor]]),
});
const normals = (seed: number, count: number): Float32Array => {
  const rng = new Rng(seed);
  return Float32Array.from({ length: count }, () => rng.normal());
};

describe("a GGUF file of gguf-py", () => {
  it("has its metadata read, of every type", () => {
    const { metadata } = decodeGguf(bytes);
    expect(Object.fromEntries(metadata)).toEqual({
      "general.architecture": { type: "string", value: "llama" },
      "general.name": { type: "string", value: "Größe 🦙" },
      "general.quantization_version": { type: "uint32", value: 2 },
      "test.uint8": { type: "uint8", value: 255 },
      "test.int8": { type: "int8", value: -128 },
      "test.uint16": { type: "uint16", value: 65535 },
      "test.int16": { type: "int16", value: -32768 },
      "test.uint32": { type: "uint32", value: 2 ** 32 - 1 },
      "test.int32": { type: "int32", value: -(2 ** 31) },
      "test.uint64": { type: "uint64", value: 2n ** 64n - 1n },
      "test.int64": { type: "int64", value: -(2n ** 63n) },
      "test.float32": { type: "float32", value: Math.fround(0.1) },
      "test.float64": { type: "float64", value: 0.1 },
      "test.bool": { type: "bool", value: true },
      "test.string": { type: "string", value: "" },
      "test.tokens": { type: "array", of: "string", values: ["<s>", "a", "\u0120b"] },
      "test.scores": { type: "array", of: "float32", values: [0.5, -1.5] },
      "test.types": { type: "array", of: "int32", values: [1, -3, 6] },
      "test.flags": { type: "array", of: "bool", values: [true, false] },
    });
  });

  it("has its tensors read as views, with the values that gguf-py gives", () => {
    const { tensors } = decodeGguf(bytes);
    expect([...tensors.keys()]).toEqual(Object.keys(expected));
    for (const [name, tensor] of tensors) {
      const { type, shape, values } = expected[name];
      expect(tensor).toMatchObject({ type, shape });
      expect(tensor.data.buffer).toBe(bytes.buffer);
      expect([...ggufValues(tensor)]).toEqual(values);
    }
  });

  it("is written again byte for byte", () => {
    expect(encodeGguf(decodeGguf(bytes))).toEqual(bytes);
  });
});

describe("encodeGguf", () => {
  it("follows the alignment of the metadata", () => {
    const metadata = new Map<string, GgufValue>([["general.alignment", { type: "uint32", value: 256 }]]);
    const tensors = new Map([
      ["a", vector],
      ["b", { ...vector, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }],
    ]);
    const file = encodeGguf({ metadata, tensors });
    expect(file.length).toBe(3 * 256);
    expect([...file.subarray(512, 520)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(decodeGguf(file)).toEqual({ metadata, tensors });
  });

  it("states the version of quantized types", () => {
    const file = encodeGguf(withTensor("a", ggufTensor(new Float32Array(32), [1, 32], "Q4_0")));
    expect(decodeGguf(file).metadata.get("general.quantization_version")).toEqual({ type: "uint32", value: 2 });
    expect(decodeGguf(encodeGguf(withTensor("a", vector))).metadata.size).toBe(0);
  });

  it.each<[string, Gguf, string]>([
    ["a key in capitals", withMetadata("Name", { type: "bool", value: true }), 'got "Name"'],
    [
      "an integer out of range",
      withMetadata("a", { type: "int8", value: 128 }),
      'metadata "a" to be an integer from -128 to 127 (int8), got 128',
    ],
    ["a fraction", withMetadata("a", { type: "uint64", value: 0.5 }), "(uint64), got 0.5"],
    ["a float32 out of range", withMetadata("a", { type: "float32", value: 1e39 }), "within float32, got 1e+39"],
    ["broken text", withMetadata("a", { type: "string", value: "\ud800" }), "well-formed text"],
    [
      "an item of another type",
      withMetadata("a", { type: "array", of: "string", values: ["b", 1] }),
      'metadata "a"[1] to be a string, got 1',
    ],
    ["an unknown type", withMetadata("a", { type: "half" as "int8", value: 1 }), "of type uint8, int8"],
    [
      "an odd alignment",
      withMetadata("general.alignment", { type: "uint32", value: 24 }),
      "a uint32 that is a power of two from 8, got uint32 24",
    ],
    ["a long name", withTensor("n".repeat(64), vector), "names of 1 to 63 bytes, got 64"],
    ["five axes", withTensor("a", { ...vector, shape: [1, 1, 1, 1, 2] }), "at most 4 axes"],
    ["broken blocks", withTensor("a", { ...vector, type: "Q8_0", shape: [2, 33] }), "whole blocks of 32 (Q8_0)"],
    ["missing data", withTensor("a", { ...vector, shape: [3] }), 'expected 12 bytes for tensor "a" (F32 [3]), got 8'],
    ["another type", withTensor("a", { ...vector, type: "Q5_K" as "F32" }), "of type F32, F16, Q4_0, Q8_0, got Q5_K"],
  ])("refuses %s", (_, gguf, message) => {
    expect(() => encodeGguf(gguf)).toThrow(RangeError);
    expect(() => encodeGguf(gguf)).toThrow(message);
  });

  it("refuses values that are no numbers as such", () => {
    const value = { type: "float64", value: true } as unknown as GgufValue;
    expect(() => encodeGguf(withMetadata("a", value))).toThrow(
      new TypeError('encodeGguf: expected metadata "a" to be a number, got true'),
    );
  });
});

describe("tensors of a GGUF file", () => {
  it("in Q4_0 hold levels i and i + 16 in one byte, worked by hand", () => {
    // The multiples of 1/2 from -4 to 3.5, twice: levels 0 to 15 and again 0 to 15, scale 1/2, which is the half 0x3800.
    const values = Float32Array.from({ length: 32 }, (_, i) => ((i % 16) - 8) / 2);
    const { data } = ggufTensor(values, [1, 32], "Q4_0");
    expect([...data]).toEqual([0x00, 0x38, ...Array.from({ length: 16 }, (_, i) => i * 17)]);
    expect(ggufValues({ type: "Q4_0", shape: [1, 32], data })).toEqual(values);
  });

  it("in Q8_0 hold int8 levels, worked by hand", () => {
    const values = Float32Array.from({ length: 32 }, (_, i) => (i === 0 ? -128 : i - 16) / 4);
    const { data } = ggufTensor(values, [32], "Q8_0");
    expect([...data.subarray(0, 2)]).toEqual([0x00, 0x34]);
    expect([...new Int8Array(data.slice(2).buffer)]).toEqual([-128, ...Array.from({ length: 31 }, (_, i) => i - 15)]);
  });

  it.each([
    ["Q8_0", 8],
    ["Q4_0", 4],
  ] as const)("in %s are the blocks of the ONNX file with scales of half precision", (type, bits) => {
    const values = normals(1, 6 * 64);
    const blocks = quantizeBlocks(values, [6, 64], { bits, blockSize: 32, scaleType: "float16" });
    expect(ggufValues(ggufTensor(values, [2, 3, 64], type))).toEqual(dequantizeBlocks(blocks));
  });

  it("are whole blocks, and finite unless F32", () => {
    expect(() => ggufTensor(new Float32Array(33), [33], "Q4_0")).toThrow(
      "ggufTensor: expected a shape of 33 values in whole blocks (Q4_0), got [33]",
    );
    expect(() => ggufTensor(new Float32Array(32), [64], "F32")).toThrow(RangeError);
    expect(() => ggufTensor(Float32Array.of(0, 1e5), [2], "F16")).toThrow(
      "ggufTensor: expected values of at most 65504 in F16, got 100000 at 1: use F32 for this tensor",
    );
    expect(() => ggufTensor(new Float32Array(32).fill(Number.NaN), [32], "Q8_0")).toThrow("expected finite weights");
    expect(ggufValues(ggufTensor(Float32Array.of(Infinity), [1], "F32"))[0]).toBe(Infinity);
    expect(ggufValues(ggufTensor(new Float32Array(0), [0, 32], "Q4_0"))).toHaveLength(0);
  });
});

describe("decodeGguf on damaged files", () => {
  const uint64 = (value: bigint): number[] => [...new Uint8Array(BigUint64Array.of(value).buffer)];
  const uint32 = (value: number): number[] => [...new Uint8Array(Uint32Array.of(value).buffer)];
  const start = [0x47, 0x47, 0x55, 0x46, ...uint32(3)];
  const file = (...rest: number[]): Uint8Array => Uint8Array.of(...start, ...rest);

  it("refuses or reads 10,000 mutations, and holds nothing that is not in the file", () => {
    const random = randomFrom(1);
    let refused = 0;
    for (let i = 0; i < 10_000; i++) {
      const mutated = mutatedBytes(bytes, random);
      try {
        for (const tensor of decodeGguf(mutated).tensors.values()) {
          expect(tensor.data.buffer).toBe(mutated.buffer);
          ggufValues(tensor);
        }
      } catch (error) {
        if (!(error instanceof RangeError) || !error.message.startsWith("decodeGguf: expected ")) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });

  it("refuses every truncation", () => {
    // The last tensor ends 20 bytes before the file, which is padded.
    for (let length = 0; length < bytes.length - 20; length++) {
      expect(() => decodeGguf(bytes.subarray(0, length))).toThrow(/^decodeGguf: expected /);
    }
  });

  it.each<[string, Uint8Array, string]>([
    ["another file", Uint8Array.from({ length: 64 }, (_, i) => i), "others: is this a GGUF file?"],
    [
      "an old version",
      Uint8Array.of(0x47, 0x47, 0x55, 0x46, 2, 0, 0, 0),
      "expected 3 for the version at offset 4, got 2",
    ],
    ["big-endian", Uint8Array.of(0x47, 0x47, 0x55, 0x46, 0, 0, 0, 3), "got 50331648: a big-endian file?"],
    [
      "a count of tensors that merely claims",
      file(...uint64(2n ** 63n), ...uint64(0n)),
      "expected less than 2^53 for the number of tensors at offset 8, got 9223372036854775808",
    ],
    [
      "a count of metadata that merely claims",
      file(...uint64(0n), ...uint64(1n), 0, 0, 0),
      "expected at most 0, by the bytes that are left, for the number of metadata entries at offset 16, got 1",
    ],
    [
      "a long string",
      file(...uint64(0n), ...uint64(1n), ...uint64(2n ** 40n), ...new Array<number>(8).fill(0)),
      "for the length of a key at offset 24, got 1099511627776",
    ],
    [
      "a long array",
      file(...uint64(0n), ...uint64(1n), ...uint64(1n), 97, 9, 0, 0, 0, 0, 0, 0, 0, ...uint64(2n ** 32n), 0, 0),
      'expected at most 2, by the bytes that are left, for the length of metadata "a" at offset 41, got 4294967296',
    ],
    [
      "an array of arrays",
      file(...uint64(0n), ...uint64(1n), ...uint64(1n), 97, 9, 0, 0, 0, 9, 0, 0, 0, ...uint64(0n)),
      'expected the code of a type for metadata "a" at offset 37, got an array of arrays',
    ],
    [
      "an unknown type",
      file(...uint64(0n), ...uint64(1n), ...uint64(1n), 97, 13, 0, 0, 0, 0),
      'expected the code of a type for metadata "a" at offset 33, got 13',
    ],
    [
      "a boolean of 2",
      file(...uint64(0n), ...uint64(1n), ...uint64(1n), 97, 7, 0, 0, 0, 2),
      'expected 0 or 1 (bool) for metadata "a" at offset 37, got 2',
    ],
  ])("refuses %s", (_, damaged, message) => {
    expect(() => decodeGguf(damaged)).toThrow(message);
  });

  it("refuses tensors of other types, repeated names, gaps, and shapes that overflow", () => {
    const change = (gguf: Gguf, find: number[], put: number[]): Uint8Array => {
      const encoded = encodeGguf(gguf);
      const at = encoded.findIndex((_, i) => find.every((byte, j) => encoded[i + j] === byte));
      encoded.set(put, at);
      return encoded;
    };
    const one = withTensor("abc", vector);
    // After the name: 1 axis of 2, type 0, offset 0.
    const name = [97, 98, 99];
    const rest = (size: bigint, type: number, offset: bigint) => [
      ...name,
      ...uint32(1),
      ...uint64(size),
      ...uint32(type),
      ...uint64(offset),
    ];
    expect(() => decodeGguf(change(one, name, rest(2n, 12, 0n)))).toThrow(
      'expected one of 0 (F32), 1 (F16), 2 (Q4_0), 8 (Q8_0) for the type of tensor "abc" at offset 47, got 12',
    );
    expect(() => decodeGguf(change(one, name, rest(2n, 0, 32n)))).toThrow(
      'expected 0, after the one before, for the offset of tensor "abc"',
    );
    expect(() => decodeGguf(change(one, name, rest(2n ** 52n, 0, 0n)))).toThrow("fewer than 2^53 bytes");
    expect(() => decodeGguf(change(one, name, rest(2n ** 40n, 0, 0n)))).toThrow(
      'expected 4398046511104 bytes for tensor "abc" at offset 64, got 32: is the file truncated?',
    );
    const two: Gguf = {
      metadata: new Map(),
      tensors: new Map([
        ["abc", vector],
        ["abd", vector],
      ]),
    };
    expect(() => decodeGguf(change(two, [97, 98, 100], name))).toThrow(
      'expected names that differ for tensors at offset 59, got "abc"',
    );
  });

  it("refuses what is no Uint8Array", () => {
    expect(() => decodeGguf("GGUF" as unknown as Uint8Array)).toThrow(
      new TypeError("decodeGguf: expected a Uint8Array, got String"),
    );
  });
});
