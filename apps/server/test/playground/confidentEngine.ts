/**
 * What a model of bytes says in tests of the playground: a text, with a probability and alternatives for each of its bytes.
 */

import type { GenerationEvent, GenerationTask, ScoredToken } from "@llm-learning/server";

/** Probabilities of tokens and what else was thought of, the same at every third place. */
const certainties = [0.9, 0.5, 0.04];

/** A byte that was chosen with a probability, and four others. */
function scored(token: number, place: number): ScoredToken {
  const probability = certainties[place % certainties.length];
  const others = [..."aeo~"].map((letter) => letter.codePointAt(0)!).filter((other) => other !== token);
  const rest = (1 - probability) / 2;
  const all = [
    { token, logprob: Math.log(probability) },
    ...others.map((other, rank) => ({ token: other, logprob: Math.log(rest / 2 ** rank) })),
  ];
  return {
    token,
    logprob: Math.log(probability),
    topLogprobs: all.toSorted((a, b) => b.logprob - a.logprob).slice(0, 5),
  };
}

/** Says a text, a byte at a time, with a pause before each; the prompt comes with probabilities where they are asked for. */
export async function* confidently(
  { prompt, promptLogprobs, maxTokens }: GenerationTask,
  text: string,
  { pauseMs = 15, signal }: { pauseMs?: number; signal?: AbortSignal | undefined } = {},
): AsyncGenerator<GenerationEvent> {
  const tokens = prompt.map((token, place) => (place === 0 ? { token } : scored(token, place)));
  yield { type: "prompt", cachedTokens: 0, ...(promptLogprobs !== undefined && { tokens }) };
  const bytes = [...Buffer.from(text)].slice(0, maxTokens);
  const decoder = new TextDecoder();
  for (const [place, token] of bytes.entries()) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    signal?.throwIfAborted();
    yield { type: "token", text: decoder.decode(Uint8Array.of(token), { stream: true }), ...scored(token, place) };
  }
  yield { type: "end", reason: "length", text: decoder.decode(), completionTokens: bytes.length };
}
