/**
 * TFRecord, the framing of event files: a length, its checksum, the bytes, their checksum
 * (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details).
 */

import { maskedCrc32c } from "./crc32c.ts";

/** Bytes of a frame beside those of the record. */
const overhead = 16;

/** One record as bytes that can be appended to a file. */
export function frameRecord(record: Uint8Array): Uint8Array {
  const frame = new Uint8Array(record.length + overhead);
  const view = new DataView(frame.buffer);
  view.setUint32(0, record.length, true); // the high half of the 64 bits stays 0
  view.setUint32(8, maskedCrc32c(frame.subarray(0, 8)), true);
  frame.set(record, 12);
  view.setUint32(12 + record.length, maskedCrc32c(record), true);
  return frame;
}
