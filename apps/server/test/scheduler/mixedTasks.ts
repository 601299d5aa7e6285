/**
 * Requests of every kind: short and long, greedy and drawn, with penalties, stops and probabilities, of several clients, some beginning
 * alike.
 */

import { Rng } from "@llm-learning/init";
import type { GenerationTask } from "@llm-learning/server";
import type { Tokenizer } from "@llm-learning/tokenizers";

export interface MixedTasksOptions {
  readonly tokenizer: Tokenizer;
  readonly blockSize: number;
  readonly stopIds: readonly number[];
}

const preamble = "The following is a conversation between two people who agree on nothing. ";

/** The same tasks each time. */
export function mixedTasks(count: number, { tokenizer, blockSize, stopIds }: MixedTasksOptions): GenerationTask[] {
  const rng = new Rng(11);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(rng.uniform() * values.length)];
  return Array.from({ length: count }, (_, index): GenerationTask => {
    const text = (rng.uniform() < 0.5 ? preamble : "") + `${index}`.repeat(1 + Math.floor(rng.uniform() * 12));
    const prompt = Array.from(tokenizer.encode(text)).slice(0, blockSize - 1);
    const maxTokens = Math.min(pick([0, 1, 5, 20, 40]), blockSize - prompt.length);
    return {
      requestId: `request ${index}`,
      client: pick(["one", "two", "three"]),
      prompt,
      maxTokens,
      minTokens: pick([0, 0, 3]),
      seed: index,
      stopIds,
      stop: pick([undefined, ["a"], ["\n", "e "]]),
      choice: {
        temperature: pick([0, 0.7, 1.3]),
        topK: pick([undefined, 20]),
        topP: pick([undefined, 0.9]),
        repetitionPenalty: pick([undefined, 1.2]),
        frequencyPenalty: pick([undefined, 0.5]),
        logitBias: pick([undefined, new Map([[101, 2]])]),
      },
      logprobs: pick([undefined, 0, 5]),
      promptLogprobs: pick([undefined, undefined, 2]),
    };
  });
}
