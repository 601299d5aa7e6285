/**
 * SentencePiece models for the `tokenizer` commands. Their normalization may change a text, so pieces need not be what stands
 * in it.
 */

import type { DecodeStream } from "@llm-learning/tokenizers";
import type { SentencePieceProcessor } from "@llm-learning/tokenizers/sentencepiece";
import type { PlacedTokens, PlaceUnit, TextOptions, TextTokenizer } from "./textTokenizer.ts";

/** The mark that SentencePiece writes for a space. */
const SPACE_MARK = "\u2581";
const utf8 = new TextEncoder();

/** A SentencePiece model; control symbols never come from text, so it has no special tokens to be matched. */
export class SentencePieceTokenizer implements TextTokenizer {
  readonly kind: string;
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #processor: SentencePieceProcessor;

  constructor(processor: SentencePieceProcessor) {
    this.kind = `SentencePiece ${processor.modelType}`;
    this.vocabSize = processor.vocabSize;
    const ids = Array.from({ length: processor.vocabSize }, (_, id) => id);
    const isSpecial = (id: number): boolean => ["control", "unknown"].includes(processor.getKind(id));
    this.specialTokens = new Map(ids.filter(isSpecial).map((id) => [processor.idToPiece(id), id]));
    this.#processor = processor;
  }

  encode(text: string): Uint32Array {
    return this.#processor.encode(text);
  }

  encodeWithPlaces(text: string, _: TextOptions, unit: PlaceUnit): PlacedTokens {
    const { ids, offsets: starts, ends } = this.#processor.encodeWithOffsets(text, { unit });
    return { ids, starts, ends };
  }

  decodeStream(): DecodeStream {
    return this.#processor.decodeStream();
  }

  ids(): Iterable<number> {
    return new Uint32Array(this.vocabSize).keys();
  }

  tokenOf(id: number): string {
    return this.#processor.idToPiece(id);
  }

  bytesOf(id: number): Uint8Array {
    const piece = this.#processor.idToPiece(id);
    const kind = this.#processor.getKind(id);
    if (kind === "byte") return Uint8Array.of(Number.parseInt(piece.slice(3, 5), 16));
    return utf8.encode(kind === "control" || kind === "unknown" ? piece : piece.replaceAll(SPACE_MARK, " "));
  }
}
