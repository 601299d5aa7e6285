export { traceCausalLM } from "./causalLM.ts";
export { Block, FeedForward, GPT, type GPTContext } from "./gpt.ts";
export { type GPTConfig, type GPTOptions, gpt2Defaults, gptConfig } from "./gptConfig.ts";
