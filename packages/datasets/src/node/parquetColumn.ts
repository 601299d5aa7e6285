/**
 * Documents out of Parquet: the texts of one column, read with hyparquet (and hyparquet-compressors, for what is not Snappy) one row
 * group at a time, of which a file has as many as it needs to be read in parts.
 */

import type { AsyncBuffer, FileMetaData } from "hyparquet";
import type { FileDocument } from "./jsonLines.ts";

/** Options of {@link readParquetColumn}. */
export interface ReadParquetColumnOptions {
  /** The column that holds the text. @defaultValue "text" */
  readonly field?: string;
}

/**
 * Reads the text of every row.
 *
 * @throws RangeError where the file cannot be read, is no Parquet or damaged, has no such column, or something else than texts in it;
 * a row is named by its number, from 1
 */
export async function* readParquetColumn(
  path: string,
  { field = "text" }: ReadParquetColumnOptions = {},
): AsyncGenerator<FileDocument, void> {
  // A megabyte of code, which only those need who have such files.
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const file = await inFile(path, () => asyncBufferFromFile(path));
  const metadata = await inFile(path, () => parquetMetadataAsync(file));
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  if (!columns.includes(field)) {
    const names = columns.slice(0, 10).join(", ");
    fail(path, `a column ${JSON.stringify(field)}`, `which has ${names === "" ? "no columns" : names}`);
  }
  let rowStart = 0;
  let bytesRead = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await inFile(path, () =>
      parquetReadObjects({ file, metadata, columns: [field], rowStart, rowEnd, compressors }),
    );
    bytesRead += bytesOf(group, file, metadata);
    for (const [index, row] of rows.entries()) {
      const text: unknown = row[field];
      if (typeof text !== "string") {
        const kind = text === null || text === undefined ? "nothing" : `a ${typeof text}`;
        fail(
          path,
          `a text in ${JSON.stringify(field)} of every row`,
          `which has ${kind} in row ${rowStart + index + 1}`,
        );
      }
      yield { text, bytesRead };
    }
    rowStart = rowEnd;
  }
}

/** The part of the file that a row group is, other columns included: its share of the rows. */
function bytesOf(group: FileMetaData["row_groups"][number], file: AsyncBuffer, metadata: FileMetaData): number {
  return (file.byteLength * Number(group.num_rows)) / Number(metadata.num_rows);
}

async function inFile<T>(path: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason =
      code === undefined
        ? `which is damaged or none (${message.replace(/\s+/g, " ").slice(0, 200)})`
        : code === "ENOENT"
          ? "which does not exist"
          : `which cannot be read (${code})`;
    return fail(path, "a Parquet file", reason, cause);
  }
}

function fail(path: string, expected: string, reason: string, cause?: unknown): never {
  throw new RangeError(`readParquetColumn: expected ${expected}, got ${JSON.stringify(path)}, ${reason}`, { cause });
}
