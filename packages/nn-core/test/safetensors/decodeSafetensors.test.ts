import { decodeSafetensors, encodeSafetensors } from "@llm-learning/nn-core";
import { describe, expect, test } from "vitest";
import { file, fixture, hex } from "./fixtures.ts";

describe("files of the reference implementation", () => {
  test("every dtype of numpy is read with its shape and bytes", () => {
    const { tensors, metadata } = decodeSafetensors(fixture("every-dtype"));
    expect(metadata).toEqual({});
    const read = [...tensors].map(([name, { dtype, shape, data }]) => [name, dtype, shape, hex(data)]);
    expect(read).toEqual([
      ["u64", "U64", [1], "ffffffffffffffff"],
      ["i64", "I64", [2], "0000000000000080ffffffffffffff7f"],
      ["f64", "F64", [1, 1], "182d4454fb210940"],
      ["c64", "C64", [1], "0000803f000000c0"],
      ["f32", "F32", [2, 3], "000000bf000080be000000000000803e0000003f0000403f"],
      ["u32", "U32", [1], "ffffffff"],
      ["i32", "I32", [2], "00000080ffffff7f"],
      ["f16", "F16", [3], "003c00c0ff7b"],
      ["u16", "U16", [2], "0000ffff"],
      ["i16", "I16", [2], "0080ff7f"],
      ["i8", "I8", [2], "807f"],
      ["u8", "U8", [5], "0001020304"],
      ["bool", "BOOL", [3], "010001"],
    ]);
  });

  test("types narrower than 16 bits are read as bytes", () => {
    const { tensors } = decodeSafetensors(fixture("narrow"));
    const read = [...tensors].map(([name, { dtype, shape, data }]) => [name, dtype, shape, hex(data)]);
    expect(read).toEqual([
      ["bf16", "BF16", [2], "803f00c0"],
      ["e8m0", "F8_E8M0", [1], "05"],
      ["e4m3", "F8_E4M3", [3], "010203"],
      ["e5m2", "F8_E5M2", [1], "04"],
      ["f4", "F4", [2, 4], "21436587"],
    ]);
  });

  test("names, scalars, empty tensors and metadata survive, __proto__ being a name like any other", () => {
    const { tensors, metadata } = decodeSafetensors(fixture("odd-names"));
    expect(metadata).toEqual({ format: 'np "quoted" 한국어\n' });
    expect(tensors.get("__proto__")).toEqual({
      dtype: "F32",
      shape: [],
      data: new Uint8Array([0, 0, 0xc0, 0x3f]),
    });
    expect(tensors.get("constructor")).toEqual({
      dtype: "F32",
      shape: [0, 3],
      data: new Uint8Array(),
    });
    const first = [...tensors].map(([name, { data }]) => [name, data[0] ?? null, data[3] ?? null]);
    expect(first).toEqual([
      ["", 0x00, 0x40],
      ["10", 0x00, 0x41],
      ["2", 0x00, 0x40],
      ["__proto__", 0x00, 0x3f],
      ["constructor", null, null],
      ['quote " slash \\ tab \t', 0x00, 0x41],
      ["한국어", 0x00, 0x41],
      ["\ufb01", 0x00, 0x41],
      ["😀", 0x00, 0x41],
      ["last", 0xff, null],
    ]);
    expect(({} as Record<string, unknown>)["dtype"]).toBeUndefined();
  });

  test("a file without tensors is read", () => {
    expect(decodeSafetensors(fixture("empty")).tensors.size).toBe(0);
  });
});

test("tensors are views of the file, also where the file stands within a larger buffer", () => {
  const bytes = fixture("every-dtype");
  const larger = new Uint8Array(bytes.length + 7);
  larger.set(bytes, 3);
  const within = larger.subarray(3, 3 + bytes.length);
  const { data } = decodeSafetensors(within).tensors.get("u8")!;
  expect(data.buffer).toBe(larger.buffer);
  expect(hex(data)).toBe("0001020304");
});

test("the header may list tensors in any order and carry fields of later versions", () => {
  const header =
    '{"b":{"data_offsets":[1,2],"shape":[1],"dtype":"U8","later":{"x":[1]}},"__metadata__":{"__proto__":"x"},' +
    '"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}} \n';
  const { tensors, metadata } = decodeSafetensors(file(header, [5, 6]));
  expect([...tensors].map(([name, { data }]) => [name, ...data])).toEqual([
    ["a", 5],
    ["b", 6],
  ]);
  expect(Object.entries(metadata)).toEqual([["__proto__", "x"]]);
});

describe("refused, with the reason", () => {
  const u8 = (shape: string, offsets: string, dtype = '"U8"') =>
    `{"a":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`;
  const dtypes =
    "BOOL, F4, F6_E2M3, F6_E3M2, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, I16, U16, F16, BF16, " +
    "I32, U32, F32, C64, F64, I64, U64";
  const cases: [string, Uint8Array, string][] = [
    ["no bytes", new Uint8Array(), "at least 8 bytes, the header's length, got 0 bytes"],
    ["seven bytes", new Uint8Array(7), "at least 8 bytes, the header's length, got 7 bytes"],
    [
      "a header longer than the file",
      file("{}", [], 3n),
      "a header of 3 bytes, got 2 bytes after its length: is the file truncated?",
    ],
    [
      "a header above 100 MB",
      file("{}", [], 100_000_001n),
      "a header of at most 100000000 bytes, got 100000001: is this a safetensors file?",
    ],
    [
      "the largest length there is",
      file("{}", [], 2n ** 64n - 1n),
      "a header of at most 100000000 bytes, got 18446744073709551615: is this a safetensors file?",
    ],
    ["an empty header", file(""), 'a header that begins with "{", got an empty one'],
    ["a header that begins with a space", file(" {}"), 'a header that begins with "{", got byte 32'],
    ["a byte order mark", file("\ufeff{}"), 'a header that begins with "{", got byte 239'],
    [
      "a header of another encoding",
      file(new Uint8Array([0x7b, 0xff, 0x7d])),
      "a header in UTF-8, got bytes that are not",
    ],
    ["a header that is not JSON", file('{"a":}'), 'a header in JSON, got "{\\"a\\":}"'],
    ["something after the header's object", file("{}{}"), 'a header in JSON, got "{}{}"'],
    ["a key that does not end", file('{"a'), 'a header in JSON, got "{\\"a"'],
    ["a long header that is not JSON", file(`{${"x".repeat(1000)}`), `a header in JSON, got "{${"x".repeat(78)}…`],
    ["deep nesting", file(`{"a":${"[".repeat(1e6)}`), "a header of tensors, got nesting deeper than 16"],
    [
      "a tensor twice",
      file(`${u8("[1]", "[0,1]").slice(0, -1)},${u8("[1]", "[0,1]").slice(1)}`, [1]),
      'unique keys in the header, got "a" twice',
    ],
    [
      "a tensor twice, once by an escape",
      file(`${u8("[1]", "[0,1]").slice(0, -1)},${u8("[1]", "[0,1]").slice(1).replace('"a"', '"\\u0061"')}`, [1]),
      'unique keys in the header, got "a" twice',
    ],
    [
      "a field twice",
      file('{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}', [1]),
      'unique keys in the header, got "shape" twice',
    ],
    [
      "metadata twice",
      file('{"__metadata__":{},"__metadata__":{}}'),
      'unique keys in the header, got "__metadata__" twice',
    ],
    ["metadata as a list", file('{"__metadata__":["a"]}'), '"__metadata__" to be an object of strings, got ["a"]'],
    ["metadata null", file('{"__metadata__":null}'), '"__metadata__" to be an object of strings, got null'],
    ["metadata with a number", file('{"__metadata__":{"step":3}}'), 'metadata "step" to be a string, got 3'],
    [
      "a tensor that is a number",
      file('{"a":1}'),
      'tensor "a" to be an object with dtype, shape and data_offsets, got 1',
    ],
    [
      "a tensor named __proto__ that is null",
      file('{"__proto__":null}'),
      'tensor "__proto__" to be an object with dtype, shape and data_offsets, got null',
    ],
    [
      "an unknown dtype",
      file(u8("[1]", "[0,1]", '"F128"'), [1]),
      `tensor "a" to have a dtype of ${dtypes}, got "F128"`,
    ],
    [
      "a dtype every object inherits",
      file(u8("[1]", "[0,1]", '"toString"'), [1]),
      `tensor "a" to have a dtype of ${dtypes}, got "toString"`,
    ],
    ["no dtype", file('{"a":{}}'), `tensor "a" to have a dtype of ${dtypes}, got undefined`],
    [
      "a negative size",
      file(u8("[-1]", "[0,1]"), [1]),
      'tensor "a" to have a shape of non-negative integers, got [-1]',
    ],
    ["a size of -0", file(u8("[-0]", "[0,0]")), 'tensor "a" to have a shape of non-negative integers, got [0]'],
    ["a fraction", file(u8("[1.5]", "[0,1]"), [1]), 'tensor "a" to have a shape of non-negative integers, got [1.5]'],
    [
      "a size past 2^53",
      file(u8("[9007199254740993]", "[0,1]"), [1]),
      'tensor "a" to have a shape of non-negative integers, got [9007199254740992]',
    ],
    [
      "a size that is text",
      file(u8('["1"]', "[0,1]"), [1]),
      'tensor "a" to have a shape of non-negative integers, got ["1"]',
    ],
    [
      "a shape that is a number",
      file(u8("1", "[0,1]"), [1]),
      'tensor "a" to have a shape of non-negative integers, got 1',
    ],
    [
      "a product past 2^53",
      file(u8("[4294967296,4294967296,0]", "[0,0]")),
      'tensor "a" (U8, shape [4294967296,4294967296,0]) to fill whole bytes of a file, got a size beyond 2^53 - 1 bits',
    ],
    [
      "half a byte",
      file(u8("[3]", "[0,2]", '"F4"'), [1, 2]),
      'tensor "a" (F4, shape [3]) to fill whole bytes of a file, got 12 bits, which end within a byte',
    ],
    [
      "one offset",
      file(u8("[1]", "[0]"), [1]),
      'tensor "a" to have data_offsets [begin, end] with 0 <= begin <= end, got [0]',
    ],
    [
      "offsets backwards",
      file(u8("[1]", "[1,0]"), [1]),
      'tensor "a" to have data_offsets [begin, end] with 0 <= begin <= end, got [1,0]',
    ],
    [
      "negative offsets",
      file(u8("[1]", "[-1,0]"), [1]),
      'tensor "a" to have data_offsets [begin, end] with 0 <= begin <= end, got [-1,0]',
    ],
    [
      "offsets past 2^53",
      file(u8("[1]", "[9007199254740992,9007199254740993]"), [1]),
      'tensor "a" to have data_offsets [begin, end] with 0 <= begin <= end, got [9007199254740992,9007199254740992]',
    ],
    ["too few bytes", file(u8("[2]", "[0,1]"), [1]), 'tensor "a" (U8, shape [2]) to have 2 bytes, got 1'],
    ["an end past the file", file(u8("[2]", "[0,2]"), [1]), 'tensor "a" to end within 1 bytes of data, got 2'],
    [
      "a hole before",
      file(u8("[1]", "[1,2]"), [1, 2]),
      'tensor "a" to begin at 0, where the one before it ends, got data_offsets [1, 2]',
    ],
    [
      "an overlap",
      file(
        '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        [1, 2, 3],
      ),
      'tensor "b" to begin at 2, where the one before it ends, got data_offsets [1, 3]',
    ],
    [
      "two tensors on the same bytes",
      file(
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        [1],
      ),
      'tensor "b" to begin at 1, where the one before it ends, got data_offsets [0, 1]',
    ],
    [
      "bytes after the last tensor",
      file(u8("[1]", "[0,1]"), [1, 2]),
      "tensors that cover all 2 bytes of data, got 1 bytes of tensors",
    ],
    ["bytes and no tensor", file("{}", [1]), "tensors that cover all 1 bytes of data, got 0 bytes of tensors"],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(new RangeError(`decodeSafetensors: expected ${message}`));
  });

  test("what is not a Uint8Array", () => {
    expect(() => decodeSafetensors("file" as unknown as Uint8Array)).toThrow(
      new TypeError('decodeSafetensors: expected a Uint8Array, got "file"'),
    );
  });
});

test("2,000 seeded mutations of good files are either read completely or refused by our own error", () => {
  const files = ["every-dtype", "odd-names", "narrow", "empty"].map(fixture);
  // Marsaglia's xorshift32: enough for choosing places, and the same everywhere.
  let state = 20240229;
  const below = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  let read = 0;
  const errors: unknown[] = [];
  for (let i = 0; i < 2000; i++) {
    let bytes: Uint8Array = files[i % files.length]!.slice();
    for (let edits = 1 + below(2); edits > 0; edits--) {
      const at = below(bytes.length);
      const kind = below(8);
      if (kind === 0) bytes[at] = below(256);
      else if (kind === 1) bytes[at]! ^= 1 << below(8);
      else if (kind === 2) bytes = bytes.slice(0, at + 1);
      else if (kind < 5) bytes = insertOrDelete(bytes, at, kind === 3 ? [] : [0x30 + below(10)]);
      else bytes[nextDigit(bytes, at)] = 0x30 + below(10);
    }
    try {
      const { tensors, metadata } = decodeSafetensors(bytes);
      read++;
      // What was read is whole: writing it and reading it again gives the same tensors.
      expect(new Map(decodeSafetensors(encodeSafetensors(tensors, metadata)).tensors)).toEqual(tensors);
    } catch (error) {
      errors.push(error);
    }
  }
  // Changes within tensor data, names and spaces stay readable; a mutator that always broke the file would test little.
  expect(read).toBeGreaterThan(100);
  expect(errors.length).toBeGreaterThan(1000);
  const ours = /^RangeError: decodeSafetensors: expected .+, got .+$/;
  expect(errors.map(String).filter((error) => !ours.test(error))).toEqual([]);
});

/** Deletes the byte at a place, or puts one before it; within the header its length follows, so that parsing goes on. */
function insertOrDelete(bytes: Uint8Array, at: number, inserted: number[]): Uint8Array {
  const result = Uint8Array.from([...bytes.subarray(0, at), ...inserted, ...bytes.subarray(at + 1 - inserted.length)]);
  if (at < 8 || result.length < 8) return result;
  const view = new DataView(result.buffer);
  const length = view.getBigUint64(0, true);
  if (BigInt(at) < 8n + length) view.setBigUint64(0, length + (inserted.length > 0 ? 1n : -1n), true);
  return result;
}

/** The place of the first digit at or after `at`, where sizes and offsets are; `at` where there is none. */
function nextDigit(bytes: Uint8Array, at: number): number {
  const found = bytes.subarray(at).findIndex((byte) => byte >= 0x30 && byte <= 0x39);
  return at + Math.max(0, found);
}
