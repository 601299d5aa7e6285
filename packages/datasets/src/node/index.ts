/**
 * The parts of datasets that need Node: text files and folders, the bundled book and names, token shards, and writing a file so that
 * it is never half there.
 */

export { decodeText, decodeTextParts } from "./decodeText.ts";
export { makeDirectory } from "./makeDirectory.ts";
export { findTextFiles, type FindTextFilesOptions, readText, type ReadTextOptions, type TextFile } from "./readText.ts";
export { type FileDocument, readJsonLines, type ReadJsonLinesOptions } from "./jsonLines.ts";
export { readParquetColumn, type ReadParquetColumnOptions } from "./parquetColumn.ts";
export { bundledBook, bundledBooks, type BundledBook } from "./bundledBook.ts";
export { bundledNames } from "./bundledNames.ts";
export { readWholeFile } from "./readWholeFile.ts";
export { readTokenShard, type ReadTokenShardOptions, type TokenShardDType, writeTokenShard } from "./tokenShard.ts";
export { TokenShardWriter, type WrittenTokenShard } from "./tokenShardWriter.ts";
export { TokenFile, type TokenFileOptions, type TokenFileVersion } from "./tokenFile.ts";
export { type FileContent, syncFolder, writeFileAtomic } from "./writeFileAtomic.ts";
