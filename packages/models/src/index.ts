/**
 * Language models, each written once, from the bigram table to GPT, and their traces for inference.
 */

export type { LanguageModel } from "./languageModel.ts";

// makemore
export { Bigram, type BigramConfig, type BigramOptions } from "./bigram.ts";
export { MLP, type MLPConfig, type MLPOptions } from "./mlp.ts";

// GPT
export { Block, FeedForward, GPT, type GPTContext } from "./gpt.ts";
export { type GPTConfig, type GPTOptions, gpt2Defaults, gptConfig } from "./gptConfig.ts";

// Inference
export { traceCausalLM } from "./causalLM.ts";
export { traceNextToken } from "./nextToken.ts";
