/**
 * What scripted engines say to clients: texts with probabilities, texts that never end, refusals.
 */

import { EngineError, type GenerationEvent, type GenerationTask } from "@llm-learning/server";
import { saying } from "../scriptedEngine.ts";

/** Repeats the prompt in capital letters. */
export function shouting({ prompt }: GenerationTask): GenerationEvent[] {
  return saying(Buffer.from(prompt).toString().toUpperCase());
}

/** Each token of the text with probability one half, and the token after it in the alphabet with a quarter. */
export function* guessing(text: string, { logprobs }: GenerationTask): Generator<GenerationEvent> {
  for (const event of saying(text)) {
    if (event.type !== "token" || logprobs === undefined) {
      yield event;
      continue;
    }
    const best = { token: event.token, logprob: Math.log(0.5) };
    const other = { token: event.token + 1, logprob: Math.log(0.25) };
    yield { ...event, logprob: best.logprob, topLogprobs: [best, other].slice(0, logprobs) };
  }
}

/** A text without an end, and what became of it. */
export function endless(): {
  script: (task: GenerationTask, signal?: AbortSignal) => AsyncGenerator<GenerationEvent>;
  ended: Promise<void>;
} {
  let end: () => void;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    ended,
    async *script(_task, signal) {
      try {
        yield { type: "prompt", cachedTokens: 0 };
        for (;;) {
          if (signal?.aborted) return;
          yield { type: "token", token: 97, text: "a" };
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      } finally {
        end();
      }
    },
  };
}

/** Has no room for the first `times` tasks, then says the text. */
export function full(times: number, text: string): () => GenerationEvent[] {
  let asked = 0;
  return () => {
    if (++asked <= times) throw new EngineError("queue_full", "too many requests wait", { retryAfter: 1 });
    return saying(text);
  };
}
