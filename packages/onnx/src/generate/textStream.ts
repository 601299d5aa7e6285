/**
 * The text of a row as its tokens come: decoded one by one, cut before a stop string. The tokenizer is the caller's; the text that a
 * stop string is looked for in is what its decoder says, so that one may span any number of tokens and begin inside one.
 */

import { StopStrings } from "./stopStrings.ts";

/** Turns ids into text one by one; `decodeStream()` of every tokenizer of `@llm-learning/tokenizers` is one. */
export interface TokenDecoder {
  /** Takes the next id. @returns the text that is now certain, possibly "", never half a character. */
  push(id: number): string;
  /** Ends the text. @returns what was held back. */
  end(): string;
}

/** Options of {@link TextStream}. */
export interface TextStreamOptions {
  /** Strings that end the text, which is without them. @defaultValue none */
  readonly stop?: readonly string[] | undefined;
}

/**
 * Text from tokens. The strings that it gives, joined, are the decoded text up to the first stop string.
 *
 * @example
 * ```ts
 * const text = new TextStream(tokenizer.decodeStream(), { stop: ["\n\n"] });
 * const isLast = () => text.stop !== undefined;
 * for await (const { token } of generator.stream([prompt], { maxTokens: 100, isLast })) show(text.push(token));
 * show(text.end());
 * ```
 */
export class TextStream {
  readonly #decoder: TokenDecoder;
  readonly #stops: StopStrings;

  /** @throws TypeError or RangeError for a stop string that cannot be. */
  constructor(decoder: TokenDecoder, { stop = [] }: TextStreamOptions = {}) {
    this.#decoder = decoder;
    this.#stops = new StopStrings(stop);
  }

  /** The stop string that ended the text. */
  get stop(): string | undefined {
    return this.#stops.found;
  }

  /** Takes the next token. @returns the text that is now certain; "" once a stop string was found. */
  push(token: number): string {
    return this.#stops.push(this.#decoder.push(token));
  }

  /** Ends the text. @returns what was held back; "" once a stop string was found. */
  end(): string {
    return this.#stops.push(this.#decoder.end()) + this.#stops.end();
  }
}
