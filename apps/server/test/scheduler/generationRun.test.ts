/**
 * How an answer ends, and what is told of its tokens; scores are put in by hand.
 */

import type { GenerationEvent, GenerationTask } from "@llm-learning/server";
import { describe, expect, it } from "vitest";
import { type FinishingConstraint, GenerationRun } from "../../src/scheduler/generationRun.ts";

const V = 128;
const endId = 0;

/** The text of token n is the character of code n. */
const decoder = { push: (id: number) => String.fromCharCode(id), end: () => "" };

function runOf(task: Partial<GenerationTask> = {}, constraint?: FinishingConstraint): GenerationRun {
  const whole = {
    requestId: "",
    client: "",
    prompt: [1],
    maxTokens: 100,
    choice: {},
    seed: 0,
    stopIds: [endId],
    ...task,
  };
  return new GenerationRun(whole, { vocabSize: V, blockSize: 200, decoder, constraint });
}

/** Scores in which the characters of `best` lead, the first one most. */
function scores(best: string): Float32Array {
  const logits = new Float32Array(V);
  for (const [at, character] of Array.from(best).entries()) logits[character.charCodeAt(0)] = 20 - at;
  return logits;
}

/** Writes characters for as long as the answer goes on. */
function write(run: GenerationRun, text: string): GenerationEvent[] {
  return Array.from(text).flatMap((character) => (run.isEnded ? [] : run.next(scores(character))));
}

const textOf = (events: readonly GenerationEvent[]): string =>
  events.map((event) => (event.type === "prompt" ? "" : event.text)).join("");

describe("an answer", () => {
  it("ends with a token that ends texts, which is no part of it but is counted", () => {
    const events = write(runOf(), "hi\0there");
    expect(events.slice(0, 2).map(({ type }) => type)).toEqual(["token", "token"]);
    expect(events.slice(2)).toEqual([{ type: "end", reason: "stop", stopped: endId, text: "", completionTokens: 3 }]);
    expect(textOf(events)).toBe("hi");
  });

  it("ends before a stop string, wherever tokens begin and end", () => {
    const run = runOf({ stop: ["END", "\n\n"] });
    const events = write(run, "a E\nEND of it");
    expect(textOf(events)).toBe("a E\n");
    expect(events.at(-1)).toMatchObject({ reason: "stop", stopped: "END", completionTokens: 7 });
  });

  it("gives at its end what was held back as the beginning of a stop string", () => {
    const events = write(runOf({ stop: ["xyz"], maxTokens: 4 }), "abxy");
    expect(textOf(events.slice(0, -1))).toBe("ab");
    expect(events.at(-1)).toEqual({
      type: "end",
      reason: "length",
      stopped: undefined,
      text: "xy",
      completionTokens: 4,
    });
  });

  it("is not ended by what its first minTokens tokens say", () => {
    const stop = ["ab"];
    expect(textOf(write(runOf({ stop, minTokens: 2, maxTokens: 8 }), "ababc"))).toBe("ab");
    expect(textOf(write(runOf({ stop, minTokens: 3, maxTokens: 5 }), "ababc"))).toBe("ababc");
    const run = runOf({ minTokens: 2 });
    const events = [..."123"].flatMap(() => run.next(scores("\0x")));
    expect(textOf(events)).toBe("xx");
    expect(events.at(-1)).toMatchObject({ reason: "stop", stopped: endId, completionTokens: 3 });
  });

  it("tells how probable its tokens are in the model's own distribution", () => {
    const run = runOf({ logprobs: 2, choice: { logitBias: new Map([[98, 100]]) } });
    const [token] = run.next(scores("abc"));
    // e^-1 of the best, whose share of e^20 + e^19 + e^18 + 125 is nearly 0.665.
    expect(token).toMatchObject({ type: "token", token: 98, logprob: expect.closeTo(-1.4076, 4) });
    const { topLogprobs = [] } = token.type === "token" ? token : {};
    expect(topLogprobs.map((top) => top.token)).toEqual([97, 98]);
  });

  it("depends on the seed where tokens are drawn", () => {
    const draw = (seed: number) =>
      textOf(write(runOf({ seed, maxTokens: 20, choice: { temperature: 30 } }), "a".repeat(20)));
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
  });

  it("ends where the form that it is held to is complete", () => {
    const allowed = new Uint32Array(V / 32);
    allowed[97 >>> 5] = 1 << (97 & 31);
    let count = 0;
    const constraint: FinishingConstraint = {
      allowed: () => allowed,
      accept: () => void count++,
      get isComplete() {
        return count === 2;
      },
    };
    const events = write(runOf({}, constraint), "zzz");
    expect(textOf(events)).toBe("aa");
    expect(events.at(-1)).toMatchObject({ reason: "stop", stopped: undefined, completionTokens: 2 });
  });

  it("ends early where its form leaves nothing but the end", () => {
    const onlyEnd: FinishingConstraint = {
      allowed: () => Uint32Array.of(1, 0, 0, 0),
      accept: () => undefined,
      isComplete: false,
    };
    expect(runOf({ minTokens: 5 }, onlyEnd).next(scores("a"))).toMatchObject([{ type: "end", stopped: endId }]);
  });
});
