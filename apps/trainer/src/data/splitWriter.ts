/**
 * Writes one part of a folder of token shards, the training part or the validation part: texts in, files of tokens out, and for the
 * index what is in them.
 */

import { basename, join } from "node:path";
import { TokenShardWriter, type TokenShardDType, type WrittenTokenShard } from "@llm-learning/datasets/node";
import type { TokenSplitIndex } from "./tokenIndex.ts";

export interface SplitWriterOptions {
  /** Where the files go. */
  readonly folder: string;
  /** Of a file alone `train.bin`, of several `train-00001.bin` and so on: the first part of the name. */
  readonly name: string;
  readonly dtype: TokenShardDType;
  /** Most tokens of a file. @defaultValue as many as there are, in one file */
  readonly shardTokens: number | undefined;
}

export class SplitWriter {
  readonly #options: SplitWriterOptions;
  readonly #shards: WrittenTokenShard[] = [];
  #writer: TokenShardWriter | undefined;
  #tokens = 0;
  #documents = 0;
  #bytes = 0;

  constructor(options: SplitWriterOptions) {
    this.#options = options;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /**
   * Appends tokens.
   *
   * @param bytes - UTF-8 of the text that they stand for.
   */
  async write(tokens: Uint32Array, bytes: number): Promise<void> {
    const { shardTokens = Infinity } = this.#options;
    for (let begin = 0; begin < tokens.length;) {
      if (this.#writer !== undefined && this.#writer.tokens >= shardTokens) await this.#finishShard();
      this.#writer ??= await this.#nextShard();
      const end = Math.min(tokens.length, begin + shardTokens - this.#writer.tokens);
      await this.#writer.write(tokens.subarray(begin, end));
      begin = end;
    }
    this.#tokens += tokens.length;
    this.#bytes += bytes;
  }

  /** Counts a document that ends here. */
  endDocument(): void {
    this.#documents++;
  }

  /** Puts the last file in its place. @returns what the index says; undefined where there are no tokens. */
  async finish(): Promise<TokenSplitIndex | undefined> {
    if (this.#tokens === 0) return undefined;
    await this.#finishShard();
    const shards = this.#shards.map(({ path, tokens, hash }) => ({ file: basename(path), tokens, hash }));
    return { tokens: this.#tokens, documents: this.#documents, bytes: this.#bytes, shards };
  }

  /** Gives up the file that is being written. */
  async abort(): Promise<void> {
    await this.#writer?.abort();
    this.#writer = undefined;
  }

  async #finishShard(): Promise<void> {
    if (this.#writer === undefined) return;
    this.#shards.push(await this.#writer.finish());
    this.#writer = undefined;
  }

  #nextShard(): Promise<TokenShardWriter> {
    const { folder, name, dtype, shardTokens } = this.#options;
    const number = String(this.#shards.length + 1).padStart(5, "0");
    const file = shardTokens === undefined ? `${name}.bin` : `${name}-${number}.bin`;
    return TokenShardWriter.create(join(folder, file), { dtype });
  }
}
