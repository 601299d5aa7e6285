import { readParquetColumn } from "@llm-learning/datasets/node";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./temporaryFolder.ts";

const fixture = (name: string): string => new URL(`../fixtures/parquet/${name}.parquet`, import.meta.url).pathname;

async function texts(path: string, field?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { text } of readParquetColumn(path, field === undefined ? {} : { field })) found.push(text);
  return found;
}

test.each(["none", "snappy", "gzip", "zstd", "brotli", "lz4"])("a file of pyarrow's is read: %s", async (name) => {
  expect(await texts(fixture(name))).toEqual(["the first document", "", "añ漢🙂\nsecond line", "the last one"]);
});

test("how much of a file has been read rises to all of it", async () => {
  const { length } = await readFile(fixture("zstd"));
  const read: number[] = [];
  for await (const { bytesRead } of readParquetColumn(fixture("zstd"))) read.push(bytesRead / length);
  expect(read).toEqual([0.75, 0.75, 0.75, 1]);
});

describe("refused, with the reason", () => {
  async function refusal(path: string, field?: string): Promise<string> {
    const error: unknown = await texts(path, field).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    return (error as Error).message.replace(JSON.stringify(path), '"x.parquet"');
  }

  test("a column that is not there, holds no texts, or has none in a row", async () => {
    expect(await refusal(fixture("snappy"), "body")).toBe(
      'readParquetColumn: expected a column "body", got "x.parquet", which has id, text, meta',
    );
    expect(await refusal(fixture("snappy"), "id")).toBe(
      'readParquetColumn: expected a text in "id" of every row, got "x.parquet", which has a bigint in row 1',
    );
    expect(await refusal(fixture("nulls"))).toBe(
      'readParquetColumn: expected a text in "text" of every row, got "x.parquet", which has nothing in row 2',
    );
  });

  test("files that do not exist, are cut off, or are none", async () => {
    const path = join(await temporaryFolder(), "x.parquet");
    expect(await refusal(path)).toBe(
      'readParquetColumn: expected a Parquet file, got "x.parquet", which does not exist',
    );
    const whole = await readFile(fixture("zstd"));
    for (const length of [0, 3, 100, whole.length - 1]) {
      await writeFile(path, whole.subarray(0, length));
      expect(await refusal(path), String(length)).toMatch(
        /^readParquetColumn: expected a Parquet file, got "x\.parquet", which is damaged or none \(.+\)$/,
      );
    }
    // The footer is whole, and a page of the column is not.
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 4, whole.indexOf("first document"));
    await writeFile(path, damaged);
    expect(await refusal(path)).toMatch(/which is damaged or none/);
  });
});
