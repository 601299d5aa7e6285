/**
 * How tokens are chosen where a request does not say: as `generation_config.json` says, else as OpenAI's API does (temperature 1).
 */

import type { Choice } from "../engine/engine.ts";
import type { GenerationConfig } from "./modelConfig.ts";

/** `do_sample: false` is the best token each time, as in transformers. */
export function generationDefaults(config: GenerationConfig): Choice {
  const { temperature, top_k: topK, top_p: topP, min_p: minP, repetition_penalty: repetitionPenalty } = config;
  if (config.do_sample === false) {
    return { temperature: 0, ...(isGiven(repetitionPenalty) && { repetitionPenalty }) };
  }
  return {
    ...(isGiven(temperature) && { temperature }),
    // 0 and -1 are how others write that all tokens are drawn from.
    ...(isGiven(topK) && topK > 0 && { topK }),
    ...(isGiven(topP) && { topP }),
    ...(isGiven(minP) && { minP }),
    ...(isGiven(repetitionPenalty) && { repetitionPenalty }),
  };
}

function isGiven(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}
