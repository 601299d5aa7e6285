import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeEvents, eventFileHeader, eventFileName, type TensorBoardEvent } from "@llm-learning/diagnostics";
import { describe, expect, test } from "vitest";

/** Records that TensorBoard's own writer made: fixtures/tensorboard_events.py. */
const fixture = JSON.parse(readFileSync(join(import.meta.dirname, "../fixtures/tensorboardEvents.json"), "utf8"));
const record = (name: string) => Buffer.from(fixture.records[name], "base64").toString("hex");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const time = 1_700_000_000.25;
/** The same events as in the script. */
const events: Record<string, TensorBoardEvent> = {
  scalars: {
    wallTime: time,
    step: 0,
    values: [
      { tag: "loss/train", scalar: 4.25 },
      { tag: "lr", scalar: 1e-3 },
      { tag: "zero", scalar: 0 },
      { tag: "negative", scalar: -2.5 },
    ],
  },
  notNumbers: {
    wallTime: time + 1,
    step: 1,
    values: [
      { tag: "loss/train", scalar: NaN },
      { tag: "norm", scalar: Infinity },
      { tag: "norm", scalar: -Infinity },
    ],
  },
  largeStep: { wallTime: 2 ** 40 + 3.5, step: 2 ** 40 + 3, values: [{ tag: "손실 😀", scalar: 0.1 }] },
  histogram: {
    wallTime: time + 200,
    step: 200,
    values: [
      { tag: "hidden", histogram: { edges: [-1, 0, 0.5, 2], counts: [3, 0, 5] }, sum: 4.75, sumOfSquares: 10.5 },
    ],
  },
  histogramAtZero: {
    wallTime: time + 300,
    step: 300,
    values: [{ tag: "relu", histogram: { edges: [0, 1], counts: [0] } }],
  },
  text: {
    wallTime: time + 128,
    step: 128,
    values: [
      { tag: "sample", text: "ROMEO:\nhello *world* 세계" },
      { tag: "empty", text: "" },
    ],
  },
  nothing: { wallTime: time + 7, step: 7, values: [] },
};

describe("encodeEvents", () => {
  test.each(Object.keys(events))("writes the bytes of TensorBoard's own writer: %s", (name) => {
    expect(hex(encodeEvents([events[name]]))).toBe(record(name));
  });

  test("begins a file as TensorBoard does", () => {
    expect(hex(eventFileHeader(time))).toBe(record("header"));
  });

  test("appends record to record", () => {
    const all = Object.values(events);
    expect(hex(encodeEvents(all))).toBe(Object.keys(events).map(record).join(""));
    expect(encodeEvents([])).toEqual(new Uint8Array());
  });

  test("takes values for the middles of their bins where no sum is given", () => {
    const values = (sums: object) => [{ tag: "h", histogram: { edges: [0, 2, 4], counts: [1, 2] }, ...sums }];
    // 1 * 1 + 2 * 3 and 1 * 1 + 2 * 9
    expect(encodeEvents([{ wallTime: 1, step: 1, values: values({}) }])).toEqual(
      encodeEvents([{ wallTime: 1, step: 1, values: values({ sum: 7, sumOfSquares: 19 }) }]),
    );
  });

  test("says what it wants", () => {
    const encode = (event: Partial<TensorBoardEvent>) => encodeEvents([{ wallTime: 0, step: 0, values: [], ...event }]);
    expect(() => encode({ step: -1 })).toThrow(
      "encodeEvents: expected a step that is a whole number of at least 0, got -1",
    );
    expect(() => encode({ wallTime: NaN })).toThrow("encodeEvents: expected a time in seconds since 1970, got NaN");
    expect(() => encode({ values: [{ tag: "", scalar: 1 }] })).toThrow("encodeEvents: expected a tag");
    expect(() => encode({ values: [{ tag: "h", histogram: { edges: [0], counts: [1] } }] })).toThrow(
      "encodeEvents: h: expected at least one count and one edge more than counts, got 1 edges and 1 counts",
    );
    expect(() => eventFileHeader(Infinity)).toThrow(RangeError);
  });
});

test("file names hold the time, the host and the process, and nothing that a file name must not", () => {
  expect(eventFileName(1_700_000_000.9, "my-laptop", 42)).toBe("events.out.tfevents.1700000000.my-laptop.42");
  expect(eventFileName(5, "../a b", 1)).toBe("events.out.tfevents.0000000005..._a_b.1");
  expect(() => eventFileName(NaN, "host", 1)).toThrow(RangeError);
});
