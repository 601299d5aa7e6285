/**
 * What the playground's page and its routes say to each other. Types alone: the page is compiled for browsers, the routes for Node.
 *
 * The page needs the ids of tokens, those not chosen among them, to write on from any place of a text; OpenAI's formats have none.
 */

/** A model, as the page offers it: `GET /playground/models` gives a list of them. */
export interface PlaygroundModel {
  readonly id: string;
  /** Longest text in tokens, prompt and answer together. */
  readonly blockSize: number;
  readonly vocabSize: number;
  /** Whether `POST /playground/attention` has an answer. */
  readonly attention: boolean;
  /** What is used where the page leaves a field empty. */
  readonly defaults: Sampling;
}

/** How tokens are chosen, under OpenAI's and vLLM's names; what is left out is as the model's defaults say. */
export interface Sampling {
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly min_p?: number;
  readonly repetition_penalty?: number;
  readonly frequency_penalty?: number;
  readonly presence_penalty?: number;
}

/** A message of a conversation. */
export interface PlaygroundMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** The body of `POST /playground/generate`, with exactly one of `prompt`, `tokens` and `messages`. */
export interface GenerateRequest extends Sampling {
  readonly model: string;
  /** A text to continue. */
  readonly prompt?: string;
  /** The same as ids. */
  readonly tokens?: readonly number[];
  /** A conversation to answer, by the model's own template. */
  readonly messages?: readonly PlaygroundMessage[];
  readonly max_tokens: number;
  readonly seed: number;
  readonly stop?: readonly string[];
  /** Whether the tokens of the prompt come with probabilities too, which takes time. */
  readonly score_prompt?: boolean;
}

/** A token and its text: "" where it is a part of a character that a later token completes. */
export interface ShownToken {
  readonly id: number;
  readonly text: string;
  /** Natural logarithm of its probability in the model's own distribution; absent where it was not asked for. */
  readonly logprob?: number;
  /** The most probable tokens at its place, best first. */
  readonly top?: readonly Alternative[];
}

/** A token that could have been chosen. */
export interface Alternative {
  readonly id: number;
  /** Its text by itself; bytes that are no text as `\xe2`. */
  readonly text: string;
  readonly logprob: number;
}

/** A server-sent event of the answer to `POST /playground/generate`. */
export type PlaygroundEvent =
  | { readonly type: "prompt"; readonly tokens: readonly ShownToken[] }
  | ({ readonly type: "token" } & ShownToken)
  | { readonly type: "end"; readonly reason: "stop" | "length"; readonly stopped?: string };

/** The body of `POST /playground/attention`. */
export interface AttentionRequest {
  readonly model: string;
  /** At most 256 ids, of which the last one listens. */
  readonly tokens: readonly number[];
}

/** Its answer. */
export interface AttentionAnswer {
  readonly layers: number;
  readonly heads: number;
  /** For each layer and head the share that the last token gives to each token, itself included. */
  readonly weights: readonly (readonly (readonly number[])[])[];
}
