import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeEvents, eventFileHeader } from "@llm-learning/diagnostics";
import { parseMetrics, parseSamples, train, type TrainingEvent } from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endOfEventsBefore } from "../../src/tensorboard/eventFolder.ts";
import { TensorBoardFiles } from "../../src/tensorboard/tensorBoardFiles.ts";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

/** The scalars of a file, read by hand: records of `Event`, whose summary holds a tag and a float32 for each. */
function scalarsOf(path: string): { step: number; tag: string; value: number }[] {
  const bytes = readFileSync(path);
  const scalars: { step: number; tag: string; value: number }[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    const event = fieldsOf(bytes.subarray(at + 12, at + 12 + length));
    at += 12 + length + 4;
    const step = Number(event.find(({ field }) => field === 2)?.value ?? 0);
    for (const { bytes: summary } of event.filter(({ field }) => field === 5)) {
      for (const { bytes: value } of fieldsOf(summary)) {
        const parts = fieldsOf(value);
        const scalar = parts.find(({ field }) => field === 2);
        const tag = parts.find(({ field }) => field === 1)?.bytes.toString() ?? "";
        if (scalar !== undefined) scalars.push({ step, tag, value: scalar.bytes.readFloatLE() });
      }
    }
  }
  return scalars;
}

/** The fields of a message: https://protobuf.dev/programming-guides/encoding/ */
function fieldsOf(message: Buffer): { field: number; value: bigint; bytes: Buffer }[] {
  const fields: { field: number; value: bigint; bytes: Buffer }[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = Number(varint());
    const type = key & 7;
    const value = type === 0 || type === 2 ? varint() : 0n;
    const length = { 0: 0, 1: 8, 2: Number(value), 5: 4 }[type] as number;
    fields.push({ field: key >> 3, value, bytes: message.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

/** Trains with event files, until a line of metrics of `until` was written. */
async function session(out: string, until: number, resume: boolean): Promise<void> {
  const files = new TensorBoardFiles(out);
  const stop = new AbortController();
  const onEvent = (event: TrainingEvent): void => {
    files.handle(event);
    if (event.type === "metrics" && event.metrics.step === until) stop.abort();
  };
  const config = resume ? {} : { ...tinyConfig(tiny.data), watchInterval: 5, sampleInterval: 10 };
  files.end(await train({ config, out, resume, onEvent, signal: stop.signal }));
  await files.close();
}

describe("event files", () => {
  it("hold the scalars of metrics.jsonl, as float32, each step once, over two sessions", async () => {
    const out = tiny.path("run");
    await session(out, 11, false);
    await session(out, 20, true);
    const folder = join(out, "tensorboard");
    const names = readdirSync(folder);
    expect(names).toHaveLength(2);
    const scalars = names.toSorted().flatMap((name) => scalarsOf(join(folder, name)));
    const metrics = parseMetrics(readFileSync(join(out, "metrics.jsonl"), "utf8"));
    const of = (tag: string): [number, number][] =>
      scalars.filter((scalar) => scalar.tag === tag).map(({ step, value }) => [step, value]);
    expect(of("loss/train")).toEqual(metrics.map(({ step, trainLoss }) => [step, Math.fround(trainLoss)]));
    expect(of("loss/validation")).toEqual(
      metrics.flatMap(({ step, valLoss }) => (valLoss === undefined ? [] : [[step, Math.fround(valLoss)]])),
    );
    expect(of("optimizer/learning rate").map(([step]) => step)).toEqual(metrics.map(({ step }) => step));
    const tags = new Set(scalars.map(({ tag }) => tag));
    expect(tags).toContain("log10 of update to data/tokenEmbedding.weight");
  });

  it("hold what the model writes on the way as text, each step once, over two sessions", async () => {
    const out = tiny.path("run");
    await session(out, 11, false);
    await session(out, 20, true);
    const folder = join(out, "tensorboard");
    const bytes = Buffer.concat(
      readdirSync(folder)
        .toSorted()
        .map((name) => readFileSync(join(folder, name))),
    );
    for (const { texts } of parseSamples(readFileSync(join(out, "samples.jsonl"), "utf8"))) {
      const text = Buffer.from(texts[0].replace(/^/gm, "    "));
      expect(bytes.indexOf(text)).toBeGreaterThan(0);
    }
    const tags = bytes.toString("latin1").match(/samples while training\/1/g);
    expect(tags).toHaveLength(3);
  });

  it("are taken back to the step of a checkpoint where a session went further", () => {
    const at = (step: number): Uint8Array =>
      encodeEvents([{ wallTime: 1.7e9, step, values: [{ tag: "loss/train", scalar: 2 }] }]);
    const [header, ...events] = [eventFileHeader(1.7e9), at(0), at(1), at(127), at(128), at(300)];
    const file = Buffer.concat([header, ...events]);
    const lengthOf = (count: number): number =>
      header.length + events.slice(0, count).reduce((sum, { length }) => sum + length, 0);
    expect([0, 1, 2, 128, 129, 301].map((step) => endOfEventsBefore(file, step))).toEqual([
      lengthOf(0),
      lengthOf(1),
      lengthOf(2),
      lengthOf(3),
      lengthOf(4),
      lengthOf(5),
    ]);
    // A kill may cut the last one short.
    expect(endOfEventsBefore(file.subarray(0, -3), 1000)).toBe(lengthOf(4));
    expect(endOfEventsBefore(Buffer.from("no event file at all"), 5)).toBe(0);
  });

  it("that cannot be written are told when they are closed", async () => {
    appendFileSync(tiny.path("tensorboard"), "a file where the folder should be");
    const files = new TensorBoardFiles(tiny.folder);
    files.handle({ type: "ready", step: 0, maxSteps: 1 });
    files.end({ step: 0 } as Parameters<TensorBoardFiles["end"]>[0]);
    await expect(files.close()).rejects.toThrow("expected to write event files to ");
  });
  it("are refused before a training where their folder is a file", async () => {
    await (await TensorBoardFiles.start(tiny.folder)).close();
    appendFileSync(tiny.path("tensorboard"), "a file where the folder should be");
    await expect(TensorBoardFiles.start(tiny.folder)).rejects.toThrow(
      "expected a folder for the event files of --tensorboard, got a file at ",
    );
  });
});
