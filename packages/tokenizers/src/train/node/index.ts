/**
 * Training of tokenizers on files, with worker threads. For Node.
 */

export { type BpeFileTrainingOptions, trainBpeFromFiles } from "./trainBpeFromFiles.ts";
export type { DocumentUnit } from "./fileRanges.ts";
