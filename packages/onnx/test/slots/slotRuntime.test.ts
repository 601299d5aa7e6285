/**
 * What a runtime of slots refuses, forgets, gives up and gives beside scores.
 */

import { encodeModel, type OnnxModel, quantizeDynamically } from "@llm-learning/onnx";
import { openSession, openSlotRuntime, type SlotRuntime } from "@llm-learning/onnx/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sizes, tinyLlama } from "./tinyLlama.ts";

const { V, C, blockSize } = sizes;
const open = (model: OnnxModel, slots = 3): Promise<SlotRuntime> =>
  openSlotRuntime(encodeModel(model), { slots, threads: 1 });

const kinds: Record<string, () => OnnxModel> = {
  "in one batch": () => tinyLlama({ hidden: true }),
  "one after the other": () => tinyLlama({ hidden: true, slopes: true }),
};

describe.each(Object.keys(kinds))("slots that run %s", (kind) => {
  let runtime: SlotRuntime;
  beforeAll(async () => {
    runtime = await open(kinds[kind]());
  });
  afterAll(() => runtime.dispose());

  it("hold what was read and stepped, and forget what is cut off", async () => {
    await runtime.read(0, [1, 2, 3]);
    await runtime.step([{ slot: 0, token: 4 }]);
    expect([0, 1].map((slot) => runtime.lengthOf(slot))).toEqual([4, 0]);
    runtime.truncate(0, 2);
    expect(runtime.lengthOf(0)).toBe(2);
    runtime.truncate(0, 0);
    expect(runtime.lengthOf(0)).toBe(0);
  });

  it.each<[string, () => unknown, string]>([
    ["a slot that is not there", () => runtime.read(3, [1]), "SlotRuntime.read: expected a slot from 0 to 2, got 3"],
    ["half a slot", () => runtime.lengthOf(0.5), "SlotRuntime.lengthOf: expected a slot from 0 to 2, got 0.5"],
    ["no tokens", () => runtime.read(0, []), `SlotRuntime.read: expected from 1 to ${blockSize} tokens, got 0`],
    [
      "more tokens than there is room for",
      () => runtime.read(0, new Array<number>(blockSize + 1).fill(1)),
      `SlotRuntime.read: expected from 1 to ${blockSize} tokens, got ${blockSize + 1}`,
    ],
    [
      "no token",
      () => runtime.read(0, [1, V]),
      `SlotRuntime.read: expected ids from 0 to ${V - 1}, got ${V} in the tokens`,
    ],
    [
      "a step of an empty slot",
      () => runtime.step([{ slot: 1, token: 1 }]),
      `SlotRuntime.step: expected slot 1 to hold from 1 to ${blockSize - 1} tokens, got 0`,
    ],
    [
      "a longer beginning than there is",
      () => runtime.truncate(1, 1),
      "SlotRuntime.truncate: expected from 0 to the 0 tokens of slot 1, got 1",
    ],
    [
      "to save what is not there",
      () => runtime.save(1, 0, 1),
      "SlotRuntime.save: expected places among the first 0 of slot 1, which were read, got 0 to 1",
    ],
  ])("refuse %s", async (_, act, message) => {
    await expect(async () => act()).rejects.toThrow(message);
    expect(runtime.lengthOf(0)).toBe(0);
  });

  it("refuse a slot twice in a step, a token that is none, and a full slot", async () => {
    await runtime.read(0, new Array<number>(blockSize).fill(1), { scores: "none" });
    await expect(runtime.step([{ slot: 0, token: 1 }])).rejects.toThrow(`got ${blockSize}`);
    runtime.truncate(0, 3);
    const twice = [1, 2].map((token) => ({ slot: 0, token }));
    await expect(runtime.step(twice)).rejects.toThrow("SlotRuntime.step: expected each slot once, got slot 0 twice");
    await expect(runtime.step([{ slot: 0, token: -1 }])).rejects.toThrow("got -1 in the entries");
    expect(await runtime.step([])).toEqual([]);
    expect(runtime.lengthOf(0)).toBe(3);
    runtime.truncate(0, 0);
  });

  it("refuse to save what a step has put there, and to restore elsewhere or too much", async () => {
    await runtime.read(0, [1, 2, 3]);
    await runtime.step([{ slot: 0, token: 4 }]);
    await runtime.read(0, [5, 6]);
    expect(() => runtime.save(0, 0, 4)).toThrow(
      "expected places among the first 3 of slot 0, which were read, got 0 to 4",
    );
    const saved = runtime.save(0, 1, 3);
    expect(saved).toMatchObject({ length: 2, from: 1, bytes: (2 * runtime.bytesPerSlot) / blockSize });
    expect(() => runtime.restore(1, saved)).toThrow(
      "SlotRuntime.restore: expected tokens saved from place 0, at most 40, for slot 1, got 2 from place 1",
    );
    expect(() => runtime.restore(1, { ...saved, from: 0, parts: [] })).toThrow(
      "SlotRuntime.restore: expected tokens that this model has saved, got others",
    );
    runtime.truncate(0, 0);
  });

  it("take one call at a time", async () => {
    const first = runtime.read(0, [1, 2]);
    await expect(runtime.read(1, [1])).rejects.toThrow(
      "SlotRuntime.read: expected no other call under way, got a second; await the first",
    );
    expect(() => runtime.truncate(0, 0)).toThrow("SlotRuntime.truncate: expected no other call under way");
    await first;
    runtime.truncate(0, 0);
  });

  it("hold what they held before when a signal ends a call", async () => {
    const before = (await runtime.read(0, [1, 2, 3])).slice();
    runtime.truncate(0, 2);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(runtime.read(0, [3, 4], { signal })).rejects.toThrow("enough");
    await expect(runtime.read(1, [3, 4], { signal })).rejects.toThrow("enough");
    await expect(runtime.step([{ slot: 0, token: 5 }], signal)).rejects.toThrow("enough");
    expect([0, 1].map((slot) => runtime.lengthOf(slot))).toEqual([2, 0]);
    expect(await runtime.read(0, [3])).toEqual(before);
    runtime.truncate(0, 0);
  });

  it("give hidden states of a text that stands in no slot, and leave the slots alone", async () => {
    await runtime.read(0, [7, 8]);
    const states = await runtime.hiddenStates?.([1, 2, 3]);
    expect(states).toMatchObject({ size: C, data: expect.objectContaining({ length: 3 * C }) as unknown });
    const session = await openSession(encodeModel(kinds[kind]()), { threads: 1 });
    const row = (...values: number[]) =>
      ({ dtype: "int64", shape: [1, values.length], data: BigInt64Array.from(values, BigInt) }) as const;
    const empty = { dtype: "float32", shape: [1, sizes.Hkv, 0, sizes.D], data: new Float32Array() } as const;
    const past = session.inputNames.filter((name) => name.startsWith("past")).map((name) => [name, empty] as const);
    const { last_hidden_state: expected } = await session.run(
      {
        input_ids: row(1, 2, 3),
        position_ids: row(0, 1, 2),
        attention_mask: row(1, 1, 1),
        ...Object.fromEntries(past),
      },
      { last_hidden_state: undefined },
    );
    await session.dispose();
    expect(states?.data).toEqual(expected.data);
    const alone = await runtime.hiddenStates?.([1]);
    expect(alone?.data).toEqual(states?.data.slice(0, C));
    expect([0, 1, 2].map((slot) => runtime.lengthOf(slot))).toEqual([2, 0, 0]);
    runtime.truncate(0, 0);
  });

  it("give the same hidden states of a text in pieces, between which they go on", async () => {
    const text = Array.from({ length: blockSize }, (_, index) => (3 * index + 1) % V);
    const whole = (await runtime.hiddenStates?.(text))?.data.slice();
    const rows: Float32Array[] = [];
    for (let from = 0, slot = 0; from < text.length; slot++) {
      const piece = text.slice(from, from + [1, 4, 3][slot % 3]);
      rows.push((await runtime.hiddenStates?.(piece, { from }))?.data.slice() ?? new Float32Array());
      from += piece.length;
      if (slot < runtime.slots) await runtime.read(slot, [slot, 7]);
      const held = Array.from({ length: Math.min(slot + 1, runtime.slots) }, (_, other) => other);
      await runtime.step(held.map((other) => ({ slot: other, token: other })));
      if (slot === 2) runtime.truncate(0, 0);
      if (slot === 2) await runtime.read(0, [9]);
    }
    expect(rows.flatMap((row) => [...row])).toEqual([...(whole ?? [])]);
    await expect(runtime.hiddenStates?.([1], { from: blockSize })).rejects.toThrow(
      "SlotRuntime.hiddenStates: expected from 1 to 0 tokens, got 1",
    );
    await runtime.hiddenStates?.([5, 6]);
    await expect(runtime.hiddenStates?.([1], { from: 3 })).rejects.toThrow(
      "SlotRuntime.hiddenStates: expected from to be 0 or the 2 tokens that were read of the text, got 3",
    );
    for (let slot = 0; slot < runtime.slots; slot++) runtime.truncate(slot, 0);
  });
});

describe("opening a model in slots", () => {
  it("refuses numbers that cannot be, and files that are something else", async () => {
    const bytes = encodeModel(tinyLlama());
    await expect(openSlotRuntime(bytes, { slots: 0 })).rejects.toThrow(
      "openSlotRuntime: expected slots to be an integer from 1 to 1024, got 0",
    );
    await expect(openSlotRuntime(bytes, { slots: 1, blockSize: 1 })).rejects.toThrow(
      "openSlotRuntime: expected blockSize, an integer >= 2, in the options or the model's metadata, got 1",
    );
    await expect(openSlotRuntime(bytes.subarray(0, 100), { slots: 1 })).rejects.toThrow(RangeError);
    const { graph } = tinyLlama();
    const maskless = { ...tinyLlama(), graph: { ...graph, inputs: graph.inputs.slice(0, 1) } };
    await expect(open(maskless)).rejects.toThrow("causalLMSignature: expected an input attention_mask");
  });

  it("has one slot where one is enough, and a shorter context where one is wanted", async () => {
    const runtime = await openSlotRuntime(encodeModel(tinyLlama()), { slots: 1, blockSize: 2, threads: 1 });
    expect(runtime).toMatchObject({ slots: 1, blockSize: 2, mode: "batched", hiddenStates: undefined });
    await runtime.read(0, [5]);
    expect(await runtime.step([{ slot: 0, token: 6 }])).toHaveLength(1);
    await runtime.dispose();
  });

  it("does not believe a model whose scores depend on the neighbours", async () => {
    // One scale for all activations of a batch.
    const runtime = await open(quantizeDynamically(tinyLlama()));
    expect(runtime.mode).toBe("sequential");
    expect(runtime.reason).toMatch(/^its scores (change|are other bits)/);
    await runtime.dispose();
  });

  it("does not believe a bias that is more than a mask, though it is made of one", async () => {
    const model = tinyLlama();
    const { nodes, initializers } = model.graph;
    // What is padding counts, and nothing else.
    const changed = nodes.map((node) =>
      node.opType === "Where" ? { ...node, inputs: [node.inputs[0], "hidden", "zero"] } : node,
    );
    const runtime = await open({ ...model, graph: { ...model.graph, nodes: changed, initializers } });
    expect(runtime.mode).toBe("sequential");
    expect(runtime.reason).toBe("its scores change when rows may have different lengths");
    await runtime.dispose();
  });
});
