/**
 * The scheduler over a runtime that counts: who is served when, what is told of it, and that nothing is left behind.
 */

import { Rng } from "@llm-learning/init";
import { describe, expect, it } from "vitest";
import type { Call } from "./countingRuntime.ts";
import { SchedulerBench } from "./schedulerBench.ts";

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

type Step = Extract<Call, { kind: "step" }>;
type Read = Extract<Call, { kind: "read" }>;

const isStep = (call: Call): call is Step => call.kind === "step";
type Embed = Extract<Call, { kind: "embed" }>;

const isEmbed = (call: Call): call is Embed => call.kind === "embed";
const isRead = (call: Call): call is Read => call.kind === "read";

/** Nothing runs, nothing waits, and no slot holds anything. */
function expectNothingLeft({ runtime, scheduler }: SchedulerBench): void {
  expect(runtime.contents.every(({ length }) => length === 0)).toBe(true);
  expect(scheduler.stats()).toMatchObject({ running: 0, waiting: 0, cacheUsage: 0 });
}

describe("a scheduler", () => {
  it("continues prompts, as many at a time as there are slots, in one batch each step", async () => {
    const bench = new SchedulerBench({ slots: 2 });
    const ids = [bench.add({ prompt: [10, 11] }), bench.add({ prompt: [20] }), bench.add({ prompt: [30] })];
    await bench.done(...ids);
    expect(ids.map((id) => bench.tokensOf(id))).toEqual([range(12, 15), range(21, 24), range(31, 34)]);
    expect(bench.events.get(0)).toEqual([
      { type: "prompt", cachedTokens: 0, tokens: undefined, queuedSeconds: 0 },
      { type: "token", token: 12, text: "12 " },
      { type: "token", token: 13, text: "13 " },
      { type: "token", token: 14, text: "14 " },
      { type: "end", reason: "length", stopped: undefined, text: "", completionTokens: 3 },
    ]);
    const [first] = bench.events.get(2) ?? [];
    expect(first.type === "prompt" && first.queuedSeconds).toBeGreaterThan(0);
    expect(bench.runtime.calls.filter(isStep).map(({ entries }) => entries.map(({ token }) => token))).toEqual([
      [12, 21],
      [13, 22],
      [31],
      [32],
    ]);
    expectNothingLeft(bench);
  });

  it("reads a long prompt in pieces, with a step after each", async () => {
    const bench = new SchedulerBench({ slots: 2 }, { prefillTokens: 64 });
    const short = bench.add({ prompt: [1], maxTokens: 100 });
    await bench.until(() => bench.tokensOf(short).length > 2);
    const begin = bench.runtime.calls.length;
    const long = bench.add({ prompt: range(0, 200), maxTokens: 1 });
    await bench.done(long);
    const kinds = bench.runtime.calls.slice(begin).map((call) => (isRead(call) ? call.tokens.length : call.kind));
    expect(kinds.slice(kinds.indexOf(64), kinds.indexOf(8) + 2)).toEqual([
      64,
      "step",
      64,
      "step",
      64,
      "step",
      8,
      "step",
    ]);
    await bench.done(short);
    expect(bench.tokensOf(short)).toEqual(range(2, 102));
    expect(bench.tokensOf(long)).toEqual([200]);
  });

  it("reads several short prompts between two steps, as far as they cost no more than a piece", async () => {
    const bench = new SchedulerBench({ slots: 8 }, { prefillTokens: 64 });
    const first = bench.add({ prompt: [1], maxTokens: 50 });
    await bench.until(() => bench.tokensOf(first).length > 2);
    const begin = bench.runtime.calls.length;
    const ids = range(0, 6).map(() => bench.add({ prompt: [1, 2, 3, 4] }));
    await bench.done(...ids);
    const kinds = bench.runtime.calls.slice(begin).map(({ kind }) => kind);
    expect(kinds.join(" ")).toMatch(/^(step )*read read read read step read read step/);
  });

  it("ends a text where the context ends", async () => {
    const bench = new SchedulerBench({ blockSize: 6 });
    const ids = [bench.add({ prompt: [1, 2, 3], maxTokens: 9 }), bench.add({ prompt: range(0, 6), maxTokens: 9 })];
    await bench.done(...ids);
    expect(ids.map((id) => bench.tokensOf(id))).toEqual([[4, 5, 6], []]);
    expect(ids.map((id) => bench.events.get(id)?.at(-1))).toMatchObject([
      { reason: "length", completionTokens: 3 },
      { reason: "length", completionTokens: 0 },
    ]);
  });

  it("scores a prompt without continuing it, in pieces too", async () => {
    const bench = new SchedulerBench({ slots: 2 }, { prefillTokens: 2 });
    const running = bench.add({ prompt: [500], maxTokens: 20 });
    const id = bench.add({ prompt: [7, 8, 9, 5, 6], maxTokens: 0, promptLogprobs: 1 });
    await bench.done(running, id);
    const [prompt, end] = bench.events.get(id) ?? [];
    expect(end).toMatchObject({ type: "end", reason: "length", completionTokens: 0 });
    const tokens = prompt?.type === "prompt" ? (prompt.tokens ?? []) : [];
    expect(tokens.map(({ token }) => token)).toEqual([7, 8, 9, 5, 6]);
    // A token that follows the one before has a lead of 50, any other lags by as much.
    const logprobs = tokens.map(({ logprob }) => logprob && Math.round(logprob));
    expect(logprobs.map((logprob) => logprob && Math.abs(logprob))).toEqual([undefined, 0, 0, 50, 0]);
    expect(tokens.map(({ topLogprobs }) => topLogprobs?.[0].token)).toEqual([undefined, 8, 9, 10, 6]);
  });

  it("answers at once where nothing is wanted", async () => {
    const bench = new SchedulerBench();
    const id = bench.add({ prompt: [7, 8], maxTokens: 0 });
    await bench.done(id);
    expect(bench.events.get(id)).toMatchObject([
      { type: "prompt", cachedTokens: 0 },
      { type: "end", reason: "length", completionTokens: 0 },
    ]);
    expect(bench.runtime.calls).toEqual([]);
  });

  it("embeds texts beside those that run: the mean of their tokens' hidden states", async () => {
    const bench = new SchedulerBench();
    const running = bench.add({ prompt: [1], maxTokens: 10 });
    bench.scheduler.embed(100, { requestId: "", client: "two", prompt: [1, 2, 6] });
    await bench.done(running, 100);
    expect(bench.embeddings.get(100)).toEqual(Float32Array.of(3, 41 / 3));
    expectNothingLeft(bench);
  });

  it("embeds long texts in pieces, with a step after each, one after the other and clients by turns", async () => {
    const bench = new SchedulerBench({ slots: 2 }, { prefillTokens: 64 });
    const short = bench.add({ prompt: [1], maxTokens: 100 });
    await bench.until(() => bench.tokensOf(short).length > 2);
    const begin = bench.runtime.calls.length;
    for (const id of [100, 101]) {
      bench.scheduler.embed(id, { requestId: "", client: "two", prompt: range(0, 150) });
    }
    bench.scheduler.embed(102, { requestId: "", client: "three", prompt: [1, 2, 6] });
    expect(bench.scheduler.stats()).toMatchObject({ running: 1, waiting: 3 });
    await bench.until(() => bench.runtime.calls.slice(begin).filter(isEmbed).length === 2);
    bench.scheduler.cancel(101);
    await bench.done(100, 102, short);
    const calls = bench.runtime.calls.slice(begin);
    const kinds = calls.map((call) => (isEmbed(call) ? call.tokens.length : call.kind)).join(" ");
    expect(kinds).toMatch(/^(step )*64 step 64 step 22 3 step/);
    expect(calls.filter(isEmbed)).toHaveLength(4);
    expect(bench.embeddings.get(100)?.[0]).toBe(149 / 2);
    expect(bench.embeddings.get(102)).toEqual(Float32Array.of(3, 41 / 3));
    expect(bench.tokensOf(short)).toEqual(range(2, 102));
    expectNothingLeft(bench);
  });

  it.each([
    [{ prompt: [] }, "expected a prompt of 1 to 1000 tokens, got 0"],
    [{ prompt: [1, 1000] }, "expected token ids from 0 to 999, got 1000"],
    [{ prompt: [1], choice: { temperature: -1 } }, /temperature/],
    [{ prompt: [1], stop: [""] }, /empty/],
  ])("refuses a task that cannot be: %j", (task, message) => {
    const bench = new SchedulerBench();
    expect(() => bench.add(task)).toThrow(message);
    expect(() => bench.add(task)).toThrow(expect.objectContaining({ code: "invalid" }));
    expectNothingLeft(bench);
  });
});

describe("turns", () => {
  it("a client with a hundred waiting tasks delays another's first by no more than one", async () => {
    const bench = new SchedulerBench({ slots: 1 });
    const many = range(0, 100).map(() => bench.add({ client: "many", prompt: [1, 2] }));
    await bench.until(() => bench.begun.length > 3);
    const begun = bench.begun.length;
    const one = bench.add({ client: "few", prompt: [5, 6] });
    await bench.done(one, ...many);
    expect(bench.begun.indexOf(one) - begun).toBeLessThanOrEqual(1);
    expectNothingLeft(bench);
  });

  it("are even between two clients that both have much to do", async () => {
    const bench = new SchedulerBench({ slots: 1 });
    const first = range(0, 20).map(() => bench.add({ client: "first", prompt: [1, 2] }));
    const second = range(0, 20).map(() => bench.add({ client: "second", prompt: [1, 2] }));
    await bench.done(...first, ...second);
    for (const count of [10, 20, 30]) {
      const served = bench.begun.slice(0, count).filter((id) => first.includes(id)).length;
      expect(Math.abs(served - count / 2), `of the first ${count}`).toBeLessThanOrEqual(1);
    }
  });

  it("a client's short prompt is not kept waiting by another's long one", async () => {
    const bench = new SchedulerBench({ slots: 3 }, { prefillTokens: 16 });
    const running = bench.add({ client: "third", prompt: [1], maxTokens: 200 });
    await bench.until(() => bench.tokensOf(running).length > 2);
    const long = bench.add({ client: "long", prompt: range(0, 500), maxTokens: 1 });
    const begin = bench.runtime.calls.length;
    const short = bench.add({ client: "short", prompt: [1, 2, 3], maxTokens: 1 });
    await bench.done(short);
    expect(bench.runtime.calls.slice(begin).filter(isStep).length).toBeLessThan(5);
    await bench.done(long, running);
  });
});

describe("the waiting line", () => {
  it("is bounded, and says when to come back", async () => {
    const bench = new SchedulerBench({ slots: 2 }, { maxQueue: 3 });
    const ids = range(0, 5).map(() => bench.add({ prompt: [1], maxTokens: 50 }));
    expect(() => bench.add({ prompt: [1] })).toThrow(
      expect.objectContaining({ code: "queue_full", retryAfter: expect.any(Number) }),
    );
    await bench.done(...ids);
    await bench.done(bench.add({ prompt: [1] }));
    expectNothingLeft(bench);
  });

  it("of no length still lets slots be used", async () => {
    const bench = new SchedulerBench({ slots: 2 }, { maxQueue: 0 });
    const ids = [bench.add({ prompt: [1] }), bench.add({ prompt: [2] })];
    expect(() => bench.add({ prompt: [3] })).toThrow(expect.objectContaining({ code: "queue_full" }));
    await bench.done(...ids);
  });
});

describe("a task that ends early", () => {
  it("gives its slot back when it is cancelled, and is heard of no more", async () => {
    const bench = new SchedulerBench({ slots: 1 });
    const running = bench.add({ prompt: [1], maxTokens: 500 });
    const waiting = bench.add({ prompt: [1], maxTokens: 500 });
    const next = bench.add({ prompt: [40] });
    await bench.until(() => bench.tokensOf(running).length > 3);
    bench.scheduler.cancel(waiting);
    bench.scheduler.cancel(running);
    bench.scheduler.cancel(12_345);
    const told = bench.events.get(running)?.length;
    await bench.done(next);
    expect(bench.tokensOf(next)).toEqual([41, 42, 43]);
    expect(bench.events.get(running)?.length).toBe(told);
    expect(bench.ended).toEqual([next]);
    expectNothingLeft(bench);
  });

  it("gives its slot back after the piece of its prompt that is being read", async () => {
    let reads = 0;
    const bench: SchedulerBench = new SchedulerBench({
      before: ({ kind }) => {
        if (kind === "read" && ++reads === 1) bench.scheduler.cancel(0);
      },
    });
    bench.add({ prompt: range(0, 900) });
    const other = bench.add({ prompt: [3] });
    await bench.done(other);
    expect(reads).toBe(2);
    expectNothingLeft(bench);
  });

  it("fails when its deadline has passed, whether it waits or runs", async () => {
    const bench = new SchedulerBench({ slots: 1 });
    const running = bench.add({ prompt: [1], maxTokens: 500, deadline: 20 });
    const waiting = bench.add({ prompt: [1], deadline: 10 });
    const next = bench.add({ prompt: [40] });
    await bench.done(running, waiting, next);
    expect(bench.failures.get(running)).toMatchObject({ code: "deadline" });
    expect(bench.failures.get(waiting)).toMatchObject({ code: "deadline" });
    expect(bench.tokensOf(running).length).toBeGreaterThan(5);
    expect(bench.ended).toEqual([waiting, running, next]);
    expectNothingLeft(bench);
  });

  it("takes nobody with it where reading its prompt fails", async () => {
    const bench = new SchedulerBench({
      slots: 3,
      before: (call) => {
        if (isRead(call) && call.tokens.includes(666)) throw new Error("out of memory");
      },
    });
    const ids = [[1], [665, 666], [3]].map((prompt) => bench.add({ prompt }));
    await bench.done(...ids);
    expect([...bench.failures]).toEqual([[1, { code: "failed", message: "out of memory" }]]);
    expect(bench.tokensOf(0)).toEqual([2, 3, 4]);
    expectNothingLeft(bench);
  });

  it("fails with all that run where a step fails; the next ones are served", async () => {
    let steps = 0;
    const bench = new SchedulerBench({
      slots: 2,
      before: ({ kind }) => {
        if (kind === "step" && ++steps === 2) throw new Error("the runtime refuses");
      },
    });
    const ids = [[1], [2], [3]].map((prompt) => bench.add({ prompt, maxTokens: 5 }));
    await bench.done(...ids);
    expect([...bench.failures.keys()]).toEqual([0, 1]);
    expect(bench.tokensOf(2)).toEqual([4, 5, 6, 7, 8]);
    expectNothingLeft(bench);
  });

  it("is closed with all others", async () => {
    const bench = new SchedulerBench({ slots: 1 });
    const ids = [[1], [2]].map((prompt) => bench.add({ prompt, maxTokens: 500 }));
    await bench.until(() => bench.tokensOf(0).length > 1);
    await bench.scheduler.close();
    expect(ids.map((id) => bench.failures.get(id)?.code)).toEqual(["closed", "closed"]);
    expect(() => bench.add({ prompt: [1] })).toThrow(expect.objectContaining({ code: "closed" }));
    expectNothingLeft(bench);
  });
});

describe("the prefix cache", () => {
  const prompt = range(0, 100);

  it("spares what the same client's prompt began with, but for its last token", async () => {
    const bench = new SchedulerBench();
    const texts = [];
    for (const [client, tokens] of [
      ["one", prompt],
      ["one", prompt],
      ["one", prompt.slice(0, 64)],
      ["two", prompt],
    ] as const) {
      const id = bench.add({ client, prompt: tokens });
      await bench.done(id);
      texts.push(bench.tokensOf(id));
    }
    const cached = [...bench.events.values()].map(([event]) => event.type === "prompt" && event.cachedTokens);
    expect(cached).toEqual([0, 96, 32, 0]);
    expect(texts).toEqual([range(100, 103), range(100, 103), range(64, 67), range(100, 103)]);
    expect(bench.scheduler.stats()).toMatchObject({ prefixQueries: 364, prefixHits: 128 });
  });

  it("never holds what was generated, nor serves a prompt whose scores are wanted", async () => {
    const bench = new SchedulerBench();
    await bench.done(bench.add({ prompt, maxTokens: 100 }));
    const longer = bench.add({ prompt: range(0, 200), maxTokens: 1 });
    await bench.done(longer);
    const scored = bench.add({ prompt, maxTokens: 0, promptLogprobs: 0 });
    await bench.done(scored);
    expect(bench.events.get(longer)?.[0]).toMatchObject({ cachedTokens: 96 });
    expect(bench.events.get(scored)?.[0]).toMatchObject({ cachedTokens: 0 });
  });

  it("lets two prompts that begin alike and come together share their beginning", async () => {
    const bench = new SchedulerBench({ slots: 2 });
    const ids = [bench.add({ prompt }), bench.add({ prompt })];
    await bench.done(...ids);
    expect(bench.events.get(1)?.[0]).toMatchObject({ cachedTokens: 96 });
  });
});

it("a thousand tasks, a third of them cancelled at any time, leave nothing behind and change no other", async () => {
  const rng = new Rng(5);
  const bench = new SchedulerBench({ slots: 4 }, { prefixBytes: 4000, prefillTokens: 16, maxQueue: 1000 });
  const kept: number[] = [];
  for (let index = 0; index < 1000; index++) {
    const length = 1 + Math.floor(rng.uniform() * 80);
    const start = Math.floor(rng.uniform() * 4) * 200;
    const client = `client ${Math.floor(rng.uniform() * 5)}`;
    const id = bench.add({
      client,
      prompt: range(start, start + length),
      maxTokens: 1 + Math.floor(rng.uniform() * 30),
    });
    if (rng.uniform() < 1 / 3) setTimeout(() => bench.scheduler.cancel(id), rng.uniform() * 200);
    else kept.push(id);
    if (index % 100 === 99) await bench.until(() => bench.ended.length > index / 3);
  }
  await bench.done(...kept);
  await bench.scheduler.close();
  for (const id of kept) {
    const tokens = bench.tokensOf(id);
    expect(tokens).toEqual(range(tokens[0], tokens[0] + tokens.length));
    expect(bench.events.get(id)?.at(-1)).toMatchObject({ reason: "length", completionTokens: tokens.length });
  }
  expect(bench.failures.size).toBe(0);
  expectNothingLeft(bench);
});
