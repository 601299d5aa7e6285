/**
 * Sequences in slots, on ONNX Runtime. The promise: the scores of a sequence are the same bits in all circumstances.
 */

import { Rng } from "@llm-learning/init";
import { encodeModel, type OnnxModel, quantizeModel } from "@llm-learning/onnx";
import { openGenerator, openSlotRuntime, type SlotRuntime } from "@llm-learning/onnx/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sizes, tinyLlama } from "./tinyLlama.ts";
import "@llm-learning/testing/toBeAllclose";

const { V, blockSize } = sizes;
const rng = new Rng(3);
const drawn = (length: number): number[] => Array.from({ length }, () => Math.floor(rng.uniform() * V));

const forms: Record<string, () => OnnxModel> = {
  fp32: () => tinyLlama(),
  "8 bits": () => quantizeModel(tinyLlama(), { bits: 8 }),
  "4 bits": () => quantizeModel(tinyLlama(), { bits: 4 }),
};

const prompt = drawn(17);
const answer = drawn(6);

/** The scores behind a prompt and behind each token of its answer, from a slot that is emptied afterwards. */
async function scoresOf(
  runtime: SlotRuntime,
  slot: number,
  read: () => Promise<Float32Array> = () => runtime.read(slot, prompt),
): Promise<Float32Array[]> {
  const scores = [(await read()).slice()];
  for (const token of answer) scores.push((await runtime.step([{ slot, token }]))[0].slice());
  runtime.truncate(slot, 0);
  return scores;
}

const cases = [...Object.keys(forms).map((form) => [form, "native"] as const), ["fp32", "node"] as const];

describe.each(cases)("a model of %s in slots, through the binding %s", (form, binding) => {
  let runtime: SlotRuntime;
  let alone: Float32Array[];

  beforeAll(async () => {
    runtime = await openSlotRuntime(encodeModel(forms[form]()), { slots: 32, threads: 1, binding });
    alone = await scoresOf(runtime, 0);
  });
  afterAll(() => runtime.dispose());

  it("runs its slots in one batch", () => {
    expect({ mode: runtime.mode, reason: runtime.reason }).toEqual({ mode: "batched", reason: undefined });
    expect(runtime).toMatchObject({ slots: 32, vocabSize: V, blockSize });
  });

  it("chooses the tokens that a generator chooses", async () => {
    const generator = await openGenerator(encodeModel(forms[form]()), { threads: 1 });
    const [expected] = await generator.generate([prompt], { maxTokens: 8 });
    await generator.dispose();
    const tokens: number[] = [];
    let logits = await runtime.read(0, prompt);
    while (tokens.length < 8) {
      const token = logits.indexOf(Math.max(...logits));
      tokens.push(token);
      [logits] = await runtime.step([{ slot: 0, token }]);
    }
    runtime.truncate(0, 0);
    expect(tokens).toEqual(expected);
  });

  it.each([2, 3, 5, 8, 17, 32])(
    "gives a sequence the same bits beside others as alone: %i of them in all",
    async (count) => {
      for (const slot of [0, count >> 1, count - 1]) {
        for (let other = 0; other < count; other++) {
          if (other !== slot) await runtime.read(other, drawn(1 + ((other * 7) % (blockSize - 8))), { scores: "none" });
        }
        const scores = [(await runtime.read(slot, prompt)).slice()];
        for (const token of answer) {
          const entries = Array.from({ length: count }, (_, other) => ({ slot: other, token: (other + token) % V }));
          entries[slot] = { slot, token };
          scores.push((await runtime.step(entries.toReversed()))[count - 1 - slot].slice());
        }
        for (let other = 0; other < count; other++) runtime.truncate(other, 0);
        expect(scores).toEqual(alone);
      }
    },
  );

  it.each([[[17]], [[1, 16]], [[16, 1]], [[15, 2]], [[8, 9]], [[1, 1, 1, 14]], [Array.from({ length: 17 }, () => 1)]])(
    "gives the same bits when a prompt is read in pieces of %j",
    async (pieces) => {
      const read = async (): Promise<Float32Array> => {
        let at = 0;
        let logits = new Float32Array() as Float32Array;
        for (const size of pieces) {
          logits = await runtime.read(5, prompt.slice(at, at + size));
          at += size;
        }
        return logits;
      };
      expect(await scoresOf(runtime, 5, read)).toEqual(alone);
    },
  );

  it("gives the same bits behind restored tokens, whatever is restored", async () => {
    await runtime.read(3, prompt);
    for (const length of [1, 8, 16]) {
      const saved = [runtime.save(3, 0, 1), ...(length > 1 ? [runtime.save(3, 1, length)] : [])];
      const read = async (): Promise<Float32Array> => {
        for (const part of saved) runtime.restore(9, part);
        expect(runtime.lengthOf(9)).toBe(length);
        return runtime.read(9, prompt.slice(length));
      };
      expect(await scoresOf(runtime, 9, read)).toEqual(alone);
    }
    runtime.truncate(3, 0);
  });

  it("gives the same bits after sequences have left and others were cut short and went on", async () => {
    for (let slot = 0; slot < 6; slot++) await runtime.read(slot, slot === 4 ? prompt : drawn(30 - slot));
    const scores: Float32Array[] = [];
    let live = [0, 1, 2, 3, 4, 5];
    for (const [step, token] of answer.entries()) {
      const logits = await runtime.step(live.map((slot) => ({ slot, token: slot === 4 ? token : step })));
      scores.push(logits[live.indexOf(4)].slice());
      if (step === 1) runtime.truncate(0, 0);
      if (step === 2) runtime.truncate(2, 7);
      if (step === 3) await runtime.read(0, drawn(20), { scores: "none" });
      live = step < 2 ? [5, 4, 3, 1] : [3, 4];
    }
    for (let slot = 0; slot < 6; slot++) runtime.truncate(slot, 0);
    expect(scores).toEqual(alone.slice(1));
  });

  it("scores every token of a text as it scores the last one of its beginnings", async () => {
    const all = (await runtime.read(1, prompt, { scores: "all" })).slice();
    expect(all.length).toBe(prompt.length * V);
    runtime.truncate(1, 0);
    for (const length of [1, 2, 9, 17]) {
      const last = await runtime.read(1, prompt.slice(0, length));
      expect(last).toEqual(all.slice((length - 1) * V, length * V));
      runtime.truncate(1, 0);
    }
  });

  it("gives the same bits for texts of every length: a single token that is left over is not computed otherwise", async () => {
    const text = drawn(blockSize - 1);
    const all = (await runtime.read(1, text, { scores: "all" })).slice();
    runtime.truncate(1, 0);
    for (let length = 1; length < text.length; length++) {
      const scores = await runtime.read(1, text.slice(0, length), { scores: "all" });
      expect(scores, `${length} tokens`).toEqual(all.subarray(0, length * V));
      runtime.truncate(1, 0);
    }
  });

  it("fills a slot to its last place", async () => {
    const text = drawn(blockSize);
    const whole = (await runtime.read(2, text)).slice();
    runtime.truncate(2, blockSize - 1);
    expect(await runtime.read(2, text.slice(-1))).toEqual(whole);
    runtime.truncate(2, blockSize - 1);
    const [stepped] = await runtime.step([{ slot: 2, token: text[blockSize - 1] }]);
    // Kernels for one token round otherwise than those for several; eight bits make a percent of it.
    expect(stepped).toBeAllclose(whole, { rtol: 0, atol: form === "fp32" ? 1e-4 : 0.1 });
    runtime.truncate(2, 0);
  });
});

describe.each([
  [
    "whose attention consists of ordinary operators",
    { ordinary: true },
    "its attention does not extend a cache where it is",
  ],
  [
    "whose attention hears by distance",
    { slopes: true },
    "its attention has a bias that is more than a mask of padding",
  ],
])("a model %s", (_, options, reason) => {
  let runtime: SlotRuntime;
  beforeAll(async () => {
    runtime = await openSlotRuntime(encodeModel(tinyLlama(options)), { slots: 3, threads: 1 });
  });
  afterAll(() => runtime.dispose());

  it("runs its slots one after the other, and says why", () => {
    expect({ mode: runtime.mode, reason: runtime.reason }).toEqual({ mode: "sequential", reason });
  });

  it("gives a sequence the same bits beside others as alone, and those that a generator has", async () => {
    const alone = await scoresOf(runtime, 0);
    await runtime.read(2, drawn(9));
    const scores = [(await runtime.read(1, prompt)).slice()];
    for (const token of answer) {
      const entries = [
        { slot: 2, token: 7 },
        { slot: 1, token },
      ];
      scores.push((await runtime.step(entries))[1].slice());
    }
    expect(scores).toEqual(alone);
    const best = scores.map((logits) => logits.indexOf(Math.max(...logits)));
    const generator = await openGenerator(encodeModel(tinyLlama(options)), { threads: 1 });
    const prompts = scores.map((_, index) => [...prompt, ...answer.slice(0, index)]);
    expect(best).toEqual((await generator.generate(prompts, { maxTokens: 1 })).flat());
    await generator.dispose();
    for (const slot of [1, 2]) runtime.truncate(slot, 0);
  });

  it("goes on from saved tokens and from its beginning", async () => {
    const whole = (await runtime.read(0, prompt)).slice();
    const saved = runtime.save(0, 0, 11);
    runtime.truncate(0, 14);
    // Softmax over fewer keys may add them in another order.
    const tolerance = { rtol: 0, atol: 1e-4 };
    expect(await runtime.read(0, prompt.slice(14))).toBeAllclose(whole, tolerance);
    runtime.restore(1, saved);
    expect(runtime.lengthOf(1)).toBe(11);
    expect(await runtime.read(1, prompt.slice(11))).toBeAllclose(whole, tolerance);
    runtime.truncate(1, 11);
    expect(await runtime.read(1, prompt.slice(11, 12), { scores: "none" })).toHaveLength(0);
    expect(await runtime.read(1, prompt.slice(12))).toBeAllclose(whole, tolerance);
    for (const slot of [0, 1]) runtime.truncate(slot, 0);
  });
});
