/**
 * The seam between HTTP and inference: what a request asks of a model, and what comes back, as plain data that can cross threads.
 *
 * Routes know nothing of batches and slots; whoever implements this knows nothing of HTTP. What a task gives depends on the model,
 * the task and its seed alone: never on what else is running.
 */

import type { LogitBias, TokenLogprob } from "@llm-learning/onnx";

/** A model that is being served. */
export interface Engine {
  /** Longest context in tokens, prompt and answer together. */
  readonly blockSize: number;
  readonly vocabSize: number;
  /** Size of an embedding; undefined where the model was exported without one. */
  readonly embeddingSize: number | undefined;
  /**
   * Continues a prompt. Events come as soon as they are known, `end` last; nothing after it. A reader that stops reading, by `return`
   * or by the signal, ends the task.
   *
   * @throws EngineError as its code says; the signal's reason where that ended it.
   */
  generate(task: GenerationTask, signal?: AbortSignal): AsyncIterable<GenerationEvent>;
  /**
   * The mean of the last hidden states of a text's tokens, not normalized.
   *
   * @throws EngineError, also "unsupported" where `embeddingSize` is undefined.
   */
  embed(task: EmbeddingTask, signal?: AbortSignal): Promise<Float32Array>;
  /** What is going on, for metrics and for readiness. */
  stats(): EngineStats;
  /** Ends what is running, with EngineError "closed", and frees the model. */
  close(): Promise<void>;
}

/** Who asks, and how long an answer is of use. */
export interface TaskOrigin {
  /** The id of the request, in logs. */
  readonly requestId: string;
  /** Who asks: turns are shared among clients, not among tasks, and a prefix is remembered for its own client only. */
  readonly client: string;
  /** Milliseconds since 1970 after which the task ends with EngineError "deadline". @defaultValue none */
  readonly deadline?: number | undefined;
}

/** A text to embed. */
export interface EmbeddingTask extends TaskOrigin {
  /** At least one token id, at most `blockSize`. */
  readonly prompt: readonly number[];
}

/** A prompt to continue, and how. */
export interface GenerationTask extends TaskOrigin {
  /** At least one token id; with `maxTokens` at most `blockSize`. */
  readonly prompt: readonly number[];
  /** Most tokens to generate, an integer >= 0. */
  readonly maxTokens: number;
  /** Fewest tokens before a stop id or a stop string may end the text. @defaultValue 0 */
  readonly minTokens?: number | undefined;
  readonly choice: Choice;
  /** What draws at a temperature above 0 depend on, an integer from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Strings that end the text, which is without them. @defaultValue none */
  readonly stop?: readonly string[] | undefined;
  /** Tokens that end the text, which is without them. @defaultValue none */
  readonly stopIds?: readonly number[] | undefined;
  /** Whether special tokens are part of the text. @defaultValue false */
  readonly specialTokens?: boolean | undefined;
  /** How many of the most probable tokens come with each generated one, 0 to 20; undefined for no probabilities at all. */
  readonly logprobs?: number | undefined;
  /** As `logprobs`, for the tokens of the prompt, in an event `prompt`. */
  readonly promptLogprobs?: number | undefined;
  /** What the text must be. @defaultValue anything */
  readonly constraint?: TextConstraint | undefined;
}

/** How a token is chosen; the meaning of each is `ChoiceOptions`' of `@llm-learning/onnx`. */
export interface Choice {
  readonly temperature?: number | undefined;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  readonly minP?: number | undefined;
  readonly repetitionPenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly logitBias?: LogitBias | undefined;
}

/** A form that a text is held to. */
export type TextConstraint =
  | { readonly kind: "json_object" }
  | { readonly kind: "json_schema"; readonly schema: unknown };

/** The log-probability of a token, and the most probable ones at its place. */
export interface ScoredToken {
  readonly token: number;
  /** Natural logarithm of the probability in the model's own distribution; undefined for the first token of a prompt. */
  readonly logprob?: number | undefined;
  readonly topLogprobs?: readonly TokenLogprob[] | undefined;
}

export type GenerationEvent = PromptEvent | TokenEvent | EndEvent;

/** The prompt was read: the first event of every task. */
export interface PromptEvent {
  readonly type: "prompt";
  /** Tokens of the prompt that need not be computed, since this client asked about them before. */
  readonly cachedTokens: number;
  /** Seconds that the task waited for a slot, where that is known. */
  readonly queuedSeconds?: number | undefined;
  /** An entry for each token of the prompt, where `promptLogprobs` asked for them. */
  readonly tokens?: readonly ScoredToken[] | undefined;
}

/** A token was chosen that is part of the text. */
export interface TokenEvent extends ScoredToken {
  readonly type: "token";
  /** Text that is now certain: "" where it could still be half a character, or the beginning of a stop string. */
  readonly text: string;
}

/** The text is complete. */
export interface EndEvent {
  readonly type: "end";
  /** "stop": the model's end of a text, a stop string or a complete constraint; "length": `maxTokens` or the context. */
  readonly reason: "stop" | "length";
  /** The stop string or stop id that ended it. */
  readonly stopped?: string | number | undefined;
  /** The rest of the text, after that of the tokens. */
  readonly text: string;
  /** Tokens generated, the one that ended the text included. */
  readonly completionTokens: number;
}

/** What an engine is doing. */
export interface EngineStats {
  /** Tasks that hold a slot. */
  readonly running: number;
  /** Tasks that wait for one. */
  readonly waiting: number;
  readonly slots: number;
  /** Share of the cache that holds tokens, from 0 to 1. */
  readonly cacheUsage: number;
  /** Tokens looked for in the prefix cache, and found there, since the start. */
  readonly prefixQueries: number;
  readonly prefixHits: number;
}
