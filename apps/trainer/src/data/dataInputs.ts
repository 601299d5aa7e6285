/**
 * What `data prepare` reads: texts, which together are one long text, or files of documents (JSONL, Parquet). All are read in parts,
 * however long they are.
 */

import { createReadStream } from "node:fs";
import {
  bundledBook,
  bundledBooks,
  bundledNames,
  decodeTextParts,
  type FileDocument,
  findTextFiles,
  readJsonLines,
  readParquetColumn,
  type TextFile,
} from "@llm-learning/datasets/node";
import { UsageError, withUserInput } from "../usageError.ts";

/** A part of a text, which may end anywhere, or a document; and how much of the file has been read by now. */
export type InputPart = FileDocument;

/** A file, or bundled data. */
export interface DataInput {
  /** As messages call it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Reads it from its beginning. @throws UsageError where it cannot be read, or is not what it should be */
  readonly read: () => AsyncGenerator<InputPart, void>;
}

/** All inputs, of one of two kinds. */
export interface DataInputs {
  /** Whether each part of an input is a document; else the inputs are texts. */
  readonly areDocuments: boolean;
  readonly inputs: readonly DataInput[];
}

const textExtensions = ["txt", "md"];
const documentExtensions = ["jsonl", "ndjson", "parquet"];

/**
 * Finds inputs.
 *
 * @param paths - Files, folders, and names of bundled data.
 * @param field - Of JSONL and Parquet, the field that holds the text.
 * @throws UsageError where there is none, or texts and documents are mixed.
 */
export async function findInputs(paths: readonly string[], field: string): Promise<DataInputs> {
  const texts: DataInput[] = [];
  const documents: DataInput[] = [];
  for (const path of paths) {
    const text = await bundledText(path);
    if (text !== undefined) texts.push(text);
    else {
      const extensions = [...textExtensions, ...documentExtensions];
      const files = await withUserInput(() => findTextFiles(path, { extensions }));
      for (const file of files) {
        const extension = documentExtensions.find((known) => file.path.toLowerCase().endsWith(`.${known}`));
        if (extension === undefined) texts.push(textInput(file));
        else documents.push(documentInput(file, extension === "parquet", field));
      }
    }
  }
  if (texts.length > 0 && documents.length > 0) {
    throw new UsageError(
      `expected texts, or files of documents (.jsonl, .parquet), got both, such as ${texts[0].name} and ${documents[0].name}: prepare ` +
        "them one by one, and mix them in training",
    );
  }
  return documents.length > 0 ? { areDocuments: true, inputs: documents } : { areDocuments: false, inputs: texts };
}

function textInput({ path, size }: TextFile): DataInput {
  const name = JSON.stringify(path);
  return { name, size, read: () => textParts(path, name) };
}

async function* textParts(path: string, name: string): AsyncGenerator<InputPart, void> {
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Uint8Array>) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  try {
    for await (const text of decodeTextParts(counted())) yield { text, bytesRead };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (!(cause instanceof RangeError) && code === undefined) throw cause;
    const got = cause instanceof RangeError ? `${name}, with ${message}` : `${name}, which cannot be read (${code})`;
    throw new UsageError(`expected a text in UTF-8, got ${got}`, { cause });
  }
}

function documentInput({ path, size }: TextFile, isParquet: boolean, field: string): DataInput {
  const open = (): AsyncGenerator<FileDocument, void> =>
    isParquet ? readParquetColumn(path, { field }) : readJsonLines(path, { field });
  return { name: JSON.stringify(path), size, read: () => ofUser(open()) };
}

/** Documents whose errors are the user's to see. */
async function* ofUser(documents: AsyncGenerator<FileDocument, void>): AsyncGenerator<FileDocument, void> {
  for (;;) {
    const next = await withUserInput(() => documents.next());
    if (next.done === true) return;
    yield next.value;
  }
}

async function bundledText(name: string): Promise<DataInput | undefined> {
  const book = bundledBooks.find((known) => known === name);
  if (book === undefined && name !== "names") return undefined;
  const text = book === undefined ? await bundledNames() : await bundledBook(book);
  const size = Buffer.byteLength(text);
  // oxlint-disable-next-line require-await -- a generator of one part
  const read = async function* (): AsyncGenerator<InputPart, void> {
    yield { text, bytesRead: size };
  };
  return { name, size, read };
}
