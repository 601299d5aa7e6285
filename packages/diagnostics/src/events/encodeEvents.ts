/**
 * TensorBoard event files: scalars, histograms and texts of steps, as bytes.
 *
 * The messages are `Event`, `Summary` and `HistogramProto` of
 * https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto. Scalars and histograms are written as
 * `simple_value` and `histo`, as PyTorch's SummaryWriter does; texts as tensors of the text plugin. Nothing is read.
 */

import { checkHistogram, type HistogramData, totalOf } from "../plots/histogramData.ts";
import { frameRecord } from "./frameRecord.ts";
import { ProtobufWriter } from "./protobuf.ts";

/** A number of a step, such as a loss. May be NaN or infinite: TensorBoard shows that. */
export interface ScalarValue {
  /** Name; TensorBoard groups by what stands before the first `/`. */
  tag: string;
  scalar: number;
}

/** A distribution at a step. */
export interface HistogramValue {
  tag: string;
  histogram: HistogramData;
  /** Sum of the values. @defaultValue as if each lay in the middle of its bin */
  sum?: number;
  /** Sum of their squares. @defaultValue as if each lay in the middle of its bin */
  sumOfSquares?: number;
}

/** Text of a step, such as a sample; TensorBoard reads it as Markdown. */
export interface TextValue {
  tag: string;
  text: string;
}

/** What is recorded at one step. */
export interface TensorBoardEvent {
  /** Seconds since 1970. */
  wallTime: number;
  /** A whole number of at least 0. */
  step: number;
  values: readonly (ScalarValue | HistogramValue | TextValue)[];
}

const stringType = 7; // DT_STRING

/**
 * The first record of an event file, which says what it is. Write it once, then append what `encodeEvents` gives.
 *
 * @param wallTime - Seconds since 1970: when the file begins.
 * @throws RangeError if `wallTime` is not finite.
 */
export function eventFileHeader(wallTime: number): Uint8Array {
  checkTime(wallTime, "eventFileHeader");
  return frameRecord(new ProtobufWriter().double(1, wallTime).string(3, "brain.Event:2").finish());
}

/**
 * Events as bytes to be appended to an event file, one record each.
 *
 * @throws RangeError if a time is not finite, a step is no whole number of at least 0, a tag is empty, or a histogram's
 * edges and counts do not fit.
 *
 * @example
 * ```ts
 * const event = { wallTime: 0, step: 1, values: [{ tag: "loss/train", scalar: 2.5 }] };
 * encodeEvents([event]).length; // => 39
 * ```
 */
export function encodeEvents(events: readonly TensorBoardEvent[]): Uint8Array {
  const records = events.map(({ wallTime, step, values }) => {
    checkTime(wallTime, "encodeEvents");
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(`encodeEvents: expected a step that is a whole number of at least 0, got ${step}`);
    }
    const summary = new ProtobufWriter();
    for (const value of values) summary.message(1, encodeValue(value));
    return frameRecord(new ProtobufWriter().double(1, wallTime).integer(2, step).message(5, summary.finish()).finish());
  });
  const bytes = new Uint8Array(records.reduce((total, { length }) => total + length, 0));
  let offset = 0;
  for (const record of records) {
    bytes.set(record, offset);
    offset += record.length;
  }
  return bytes;
}

/** `Summary.Value` */
function encodeValue(value: ScalarValue | HistogramValue | TextValue): Uint8Array {
  if (value.tag === "") throw new RangeError("encodeEvents: expected a tag, got an empty string");
  const writer = new ProtobufWriter().string(1, value.tag);
  if ("scalar" in value) return writer.float(2, value.scalar, { always: true }).finish();
  if ("histogram" in value) return writer.message(5, encodeHistogram(value)).finish();
  return writer.message(8, encodeText(value.text)).message(9, textMetadata()).finish();
}

/** `HistogramProto`: the bins are named by their upper borders, and begin at `min`. */
function encodeHistogram(value: HistogramValue): Uint8Array {
  const { tag, histogram } = value;
  checkHistogram(histogram, "encodeEvents", tag);
  const { edges, counts } = histogram;
  let [sum, sumOfSquares] = [0, 0];
  for (let i = 0; i < counts.length; i++) {
    const middle = (edges[i] + edges[i + 1]) / 2;
    sum += counts[i] * middle;
    sumOfSquares += counts[i] * middle * middle;
  }
  return new ProtobufWriter()
    .double(1, edges[0])
    .double(2, edges[edges.length - 1])
    .double(3, totalOf(histogram))
    .double(4, value.sum ?? sum)
    .double(5, value.sumOfSquares ?? sumOfSquares)
    .doubles(6, Array.from(edges).slice(1))
    .doubles(7, counts)
    .finish();
}

/** `TensorProto` of one string, without dimensions. */
function encodeText(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return new ProtobufWriter().integer(1, stringType).message(2, new Uint8Array()).message(8, bytes).finish();
}

/** `SummaryMetadata` of the text plugin. */
function textMetadata(): Uint8Array {
  const plugin = new ProtobufWriter().string(1, "text").finish();
  return new ProtobufWriter().message(1, plugin).finish();
}

function checkTime(wallTime: number, caller: string): void {
  if (!Number.isFinite(wallTime)) {
    throw new RangeError(`${caller}: expected a time in seconds since 1970, got ${wallTime}`);
  }
}
