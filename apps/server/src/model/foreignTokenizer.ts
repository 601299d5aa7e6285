/**
 * The `tokenizer.json` files of others, with whatever components they have, behind the contract of the library's own tokenizers.
 */

import type { DecodeOptions, DecodeStream, EncodeOptions, Tokenizer, TokenizerJson } from "@llm-learning/tokenizers";
import { Tokenizer as Pipeline } from "@llm-learning/tokenizers/huggingface";

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

/** A tokenizer of Hugging Face's library. It never cuts a text off or fills it up, whatever its file says. */
export class ForeignTokenizer implements Tokenizer {
  readonly vocabSize: number;
  /** One more than the largest id that has a token. */
  readonly tokens: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #pipeline: Pipeline;

  /**
   * @param vocabSize - Of the model, where its scores have more places than the document has tokens, as padded vocabularies do.
   * @throws TypeError or RangeError naming the first field of the document that is wrong.
   */
  constructor(document: object, vocabSize = 0) {
    this.#pipeline = Pipeline.fromJSON({ ...document, truncation: null, padding: null });
    const added = this.#pipeline.toJSON()["added_tokens"] as readonly AddedToken[];
    const largest = [...this.#pipeline.vocabulary().values()].reduce((most, id) => Math.max(most, id), -1);
    this.tokens = largest + 1;
    this.vocabSize = Math.max(this.tokens, vocabSize);
    this.specialTokens = new Map(added.filter(({ special }) => special).map(({ content, id }) => [content, id]));
  }

  /** The token that the document puts before every text, where it does. */
  get beginId(): number | undefined {
    return this.#pipeline.encode("", { addSpecialTokens: true }).ids.at(0);
  }

  encode(text: string, { specialTokens = "match" }: EncodeOptions = {}): Uint32Array {
    if (specialTokens !== "error") return this.#pipeline.encode(text, { specialTokens, addSpecialTokens: false }).ids;
    const ids = this.encode(text);
    const special = new Set(this.specialTokens.values());
    const found = ids.find((id) => special.has(id));
    if (found === undefined) return ids;
    throw new RangeError(`expected text without special tokens, got ${JSON.stringify(this.idToToken(found))}`);
  }

  decode(ids: Iterable<number> | ArrayLike<number>, options?: DecodeOptions): string {
    return this.#pipeline.decode(ids, options);
  }

  decodeStream(options?: DecodeOptions): DecodeStream {
    return this.#pipeline.decodeStream(options);
  }

  /** The token of an id; "" for one that a padded vocabulary has no token for. */
  idToToken(id: number): string {
    if (Number.isInteger(id) && id >= 0 && id < this.vocabSize) return this.#pipeline.idToToken(id) ?? "";
    throw new RangeError(`expected an id from 0 to ${this.vocabSize - 1}, got ${id}`);
  }

  tokenToId(token: string): number | undefined {
    return this.#pipeline.tokenToId(token);
  }

  tokenBytes(id: number): Uint8Array {
    const token = this.idToToken(id);
    return this.specialTokens.has(token) ? new TextEncoder().encode(token) : this.#pipeline.tokenBytes(id);
  }

  /** The file's content. Its model need not be one of those that the library itself writes. */
  toJSON(): TokenizerJson {
    return this.#pipeline.toJSON() as unknown as TokenizerJson;
  }
}
