/**
 * The text of one sample, as its tokens come.
 */

import { type GeneratedToken, TextStream, type TokenDecoder } from "@llm-learning/onnx";
import type { DecodeStream, Tokenizer } from "@llm-learning/tokenizers";
import { type SampledTokenProbability, sampleLogprobs } from "./sampleLogprobs.ts";

/** A continuation of the prompt. */
export interface Sample {
  /** The text after the prompt. */
  readonly text: string;
  /** Tokens generated, those of the stop string included. */
  readonly tokens: number;
  /** Whether the model or a stop string ended the text, or the number of tokens did. */
  readonly finishReason: "stop" | "length";
  /** The stop string that ended the text, where one did. */
  readonly stop?: string;
  /** How probable each token was, where `logprobs` were asked for. */
  readonly logprobs?: readonly SampledTokenProbability[];
}

/** What a row has written so far. */
export class SampleText {
  readonly #tokenizer: Tokenizer;
  readonly #stream: TextStream;
  readonly #logprobs: SampledTokenProbability[] = [];
  #text = "";
  #tokens = 0;

  /** @throws RangeError for a stop string that cannot be. */
  constructor(tokenizer: Tokenizer, stop: readonly string[] | undefined) {
    this.#tokenizer = tokenizer;
    this.#stream = new TextStream(decoderOf(tokenizer.decodeStream()), { stop });
  }

  /** Whether a stop string ended it. */
  get isStopped(): boolean {
    return this.#stream.stop !== undefined;
  }

  /** @returns the text that is now certain. */
  push(token: GeneratedToken): string {
    this.#tokens++;
    const logprobs = sampleLogprobs(token, this.#tokenizer);
    if (logprobs !== undefined) this.#logprobs.push(logprobs);
    return this.#add(this.#stream.push(token.token));
  }

  /** @returns the text that was held back. */
  end(): string {
    return this.#add(this.#stream.end());
  }

  sample(maxTokens: number): Sample {
    const { stop } = this.#stream;
    return {
      text: this.#text,
      tokens: this.#tokens,
      finishReason: stop !== undefined || this.#tokens < maxTokens ? "stop" : "length",
      ...(stop !== undefined && { stop }),
      ...(this.#logprobs.length > 0 && { logprobs: this.#logprobs }),
    };
  }

  #add(text: string): string {
    this.#text += text;
    return text;
  }
}

/** Of an id that the vocabulary leaves out and no text ever taught the model, a mark stands in the text. */
function decoderOf(decoder: DecodeStream): TokenDecoder {
  return {
    push: (id) => {
      try {
        return decoder.push(id);
      } catch (error) {
        if (error instanceof RangeError) return "\ufffd";
        throw error;
      }
    },
    end: () => decoder.end(),
  };
}
