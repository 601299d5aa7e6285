/**
 * Language models, each written once, from the bigram table to GPT, and their traces for inference.
 */

export type { LanguageModel } from "./languageModel.ts";

// makemore
export { Bigram, type BigramConfig, type BigramOptions } from "./bigram.ts";
export { MLP, type MLPConfig, type MLPOptions } from "./mlp.ts";
export { DeepMLP, type DeepMLPConfig, type DeepMLPOptions } from "./deepMLP.ts";
export { WaveNet, type WaveNetConfig, type WaveNetOptions } from "./waveNet.ts";
export { GRU } from "./gru.ts";
export { RNN } from "./rnn.ts";
export type { RecurrentConfig } from "./recurrent.ts";

// BatchNorm's pattern
export { ConvNet, type ConvNetConfig, type ConvNetOptions } from "./convNet.ts";

// Let's build GPT
export { LadderGPT, type LadderGPTConfig } from "./ladderGPT.ts";
export { Block, FeedForward, GPT } from "./gpt.ts";
export { type GPTConfig, type GPTOptions, gpt2Defaults, gptConfig } from "./gptConfig.ts";

// The Llama family
export { Llama, LlamaBlock, LlamaFeedForward } from "./llama.ts";
export { type LlamaConfig, llamaConfig, type LlamaOptions } from "./llamaConfig.ts";
export { type RopeScaling, scaledRotary } from "./ropeScaling.ts";

// Fine-tuning
export { addLoRA, type AddLoRAOptions, mergeLoRA } from "./lora.ts";

// Inference
export { type CacheSizes, type CausalLM, type DecoderContext, type DecoderResult, isCausalLM } from "./decoder.ts";
export { traceAttentions } from "./attentions.ts";
export { traceCausalLM, type TraceCausalLMOptions } from "./causalLM.ts";
export { traceNextToken } from "./nextToken.ts";
