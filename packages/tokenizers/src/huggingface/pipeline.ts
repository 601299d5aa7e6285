/**
 * The parts of a tokenizer in the order in which a text passes them. Immutable: what is added makes a new one.
 */

import type { AddedVocabulary, Segment } from "./addedVocabulary.ts";
import { isHighSurrogate, type AlignedText } from "./alignedText.ts";
import { type ByteLevelEncoder, byteLevelEncoder } from "./byteLevelEncoder.ts";
import { type Columns, type Details, joined, ofSequence, ofType, textColumns } from "./columns.ts";
import type { Decoder } from "./decoders/decoder.ts";
import type { Model } from "./models/model.ts";
import type { PostProcessor } from "./postProcessors/postProcessor.ts";
import type { PreTokenizer } from "./preTokenizers/preTokenizer.ts";
import { TokenSink } from "./tokenSink.ts";
import { type Truncation, truncated } from "./truncation.ts";

/** What a pipeline is made of. */
export interface PipelineParts {
  readonly model: Model;
  readonly added: AddedVocabulary;
  readonly preTokenizer: PreTokenizer | undefined;
  readonly postProcessor: PostProcessor | undefined;
  readonly decoder: Decoder | undefined;
}

/** One input: a text, or its words. */
export type Sequence = string | readonly string[];

/** How to encode. */
export interface Run {
  readonly addsSpecial: boolean;
  readonly findsSpecial: boolean;
  readonly isDetailed: boolean;
  readonly rng: (() => number) | undefined;
  readonly truncation: Required<Truncation> | undefined;
}

/** So much text is encoded without making tables for more. */
const FEW = 4096;

export class Pipeline {
  readonly parts: PipelineParts;
  /** Made when its tables, which take a moment, are worth it; null if there is no fast way. */
  #fast: ByteLevelEncoder | null | undefined;
  /** UTF-16 units encoded so far. */
  #seen = 0;

  constructor(parts: PipelineParts) {
    this.parts = parts;
  }

  /** The same with other added tokens. */
  withAdded(added: AddedVocabulary): Pipeline {
    const pipeline = new Pipeline({ ...this.parts, added });
    pipeline.#fast = this.#fast;
    return pipeline;
  }

  /**
   * Encodes a text, or a text and its pair.
   *
   * @param sequences - One or two, of well-formed text.
   * @param texts - All texts in them, in order.
   */
  encode(sequences: readonly Sequence[], texts: readonly string[], run: Run): Columns {
    let source = 0;
    const parts = sequences.map((sequence, number) => {
      if (typeof sequence === "string") return this.#encodeText(sequence, number, source++, -1, run);
      return joined(sequence.map((word, index) => this.#encodeText(word, number, source++, index, run)));
    });
    return this.#process(parts, texts, run);
  }

  #process(encoded: readonly Columns[], texts: readonly string[], { addsSpecial, truncation }: Run): Columns {
    const { postProcessor } = this.parts;
    const added = addsSpecial ? (postProcessor?.addedTokens(encoded.length === 2) ?? 0) : 0;
    const parts = truncation === undefined ? encoded : truncated(encoded, truncation, added);
    if (postProcessor === undefined) return parts.length === 1 ? parts[0] : joined(parts.map(ofSequence));
    const prepared = parts.map((part, number) => ({
      ...ofSequence(ofType(part, number), number),
      overflowing: part.overflowing.map((one) => ofSequence(one, number)),
    }));
    return joined(postProcessor.process(prepared, addsSpecial, texts));
  }

  /** @param word - Its number if it is one of several, otherwise -1. */
  #encodeText(text: string, typeId: number, source: number, word: number, run: Run): Columns {
    const segments = this.parts.added.segments(text, run.findsSpecial);
    this.#seen += text.length;
    if (!run.isDetailed && run.rng === undefined) {
      const ids = this.#idsOf(segments);
      if (ids !== undefined) return textColumns(ids, typeId, undefined);
    }
    const sink = new TokenSink(true);
    const details: Details = { tokens: sink.tokens, offsets: [], words: [], sources: [] };
    this.#piecesOf(segments).forEach((piece, index) => {
      if (piece.id < 0) this.parts.model.tokenize(piece.text.text, sink, run.rng);
      else sink.push(piece.id, piece.text.text, 0, Number.MAX_SAFE_INTEGER);
      placeTokens(piece.text, sink, details.offsets);
      while (details.words.length < sink.count) {
        details.words.push(word < 0 ? index : word);
        details.sources.push(source);
      }
    });
    return textColumns(sink.ids.slice(0, sink.count), typeId, details);
  }

  /** The ids by the fast way, if there is one. */
  #idsOf(segments: readonly Segment[]): Uint32Array<ArrayBuffer> | undefined {
    if (this.#fast === undefined && this.#seen < FEW) return undefined;
    if (this.#fast === undefined) this.#fast = byteLevelEncoder(this.parts.model, this.parts.preTokenizer) ?? null;
    if (this.#fast === null) return undefined;
    const { encoder, addsPrefixSpace } = this.#fast;
    encoder.reset();
    for (const { text: part, id } of segments) {
      if (id >= 0) encoder.push(id);
      else encoder.encode(addsPrefixSpace && !part.text.startsWith(" ") ? ` ${part.text}` : part.text);
    }
    return encoder.ids();
  }

  /** Added tokens, and between them the pieces for the model. */
  #piecesOf(segments: readonly Segment[]): readonly Segment[] {
    const { preTokenizer } = this.parts;
    if (preTokenizer === undefined) return segments;
    const pieces: Segment[] = [];
    for (const segment of segments) {
      if (segment.id >= 0) pieces.push(segment);
      else for (const text of preTokenizer.split([segment.text])) if (text.text !== "") pieces.push({ text, id: -1 });
    }
    return pieces;
  }
}

/** Turns the places of tokens in a piece, in bytes, into places in the original, in UTF-16 units: those of whole characters. */
function placeTokens(aligned: AlignedText, sink: TokenSink, offsets: number[]): void {
  const { text } = aligned;
  const { places } = sink;
  // The characters under way, for beginnings and for ends.
  let start = 0;
  let startByte = 0;
  let end = 0;
  let endByte = 0;
  for (let i = offsets.length; i < places.length; i += 2) {
    const from = places[i];
    const to = places[i + 1];
    while (start < text.length) {
      const unit = text.charCodeAt(start);
      const after = startByte + bytesOf(unit);
      if (after > from) break;
      startByte = after;
      start += isHighSurrogate(unit) ? 2 : 1;
    }
    while (endByte < to && end < text.length) {
      const unit = text.charCodeAt(end);
      endByte += bytesOf(unit);
      end += isHighSurrogate(unit) ? 2 : 1;
    }
    offsets.push(aligned.startOf(start), aligned.endOf(end - 1));
  }
}

/** Bytes of the character that begins with a unit. */
function bytesOf(unit: number): number {
  if (unit < 0x80) return 1;
  return unit < 0x800 ? 2 : isHighSurrogate(unit) ? 4 : 3;
}
