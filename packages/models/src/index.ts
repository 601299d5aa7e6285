/**
 * Language models, each written once: GPT in GPT-2's form, and its trace for inference.
 */

export { traceCausalLM } from "./causalLM.ts";
export { Block, FeedForward, GPT, type GPTContext } from "./gpt.ts";
export type { LanguageModel } from "./languageModel.ts";
export { type GPTConfig, type GPTOptions, gpt2Defaults, gptConfig } from "./gptConfig.ts";
