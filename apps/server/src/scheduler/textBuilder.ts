/**
 * The text of an answer as its tokens come. Stop strings are looked for behind the first `minTokens` tokens only: what they wrote can end no
 * text, as in vLLM.
 */

import { type TokenDecoder, TextStream } from "@llm-learning/onnx";

/** Options of {@link TextBuilder}. */
export interface TextBuilderOptions {
  readonly stop?: readonly string[] | undefined;
  readonly minTokens?: number | undefined;
}

/** Text from tokens, piece by piece. */
export class TextBuilder {
  readonly #decoder: TokenDecoder;
  readonly #stream: TextStream;
  #free: number;

  /** @throws TypeError or RangeError for a stop string that cannot be. */
  constructor(decoder: TokenDecoder, { stop = [], minTokens = 0 }: TextBuilderOptions) {
    this.#decoder = decoder;
    this.#stream = new TextStream(decoder, { stop });
    this.#free = minTokens;
  }

  /** The stop string that ended the text. */
  get stop(): string | undefined {
    return this.#stream.stop;
  }

  /** Takes the next token. @returns the text that is now certain. */
  push(token: number): string {
    if (this.#free === 0) return this.#stream.push(token);
    this.#free--;
    return this.#decoder.push(token);
  }

  /** Ends the text. @returns what was held back. */
  end(): string {
    return this.#stream.end();
  }
}
