/**
 * The parts of a tokenizer in the order in which a text passes them. Immutable: what is added makes a new one.
 */

import type { AddedVocabulary } from "./addedVocabulary.ts";
import { isHighSurrogate, type AlignedText } from "./alignedText.ts";
import { type ByteLevelEncoder, byteLevelEncoder } from "./byteLevelEncoder.ts";
import { type Columns, type Details, joined, ofSequence, ofType, textColumns } from "./columns.ts";
import type { Decoder } from "./decoders/decoder.ts";
import type { Model } from "./models/model.ts";
import type { PostProcessor } from "./postProcessors/postProcessor.ts";
import type { PreTokenizer } from "./preTokenizers/preTokenizer.ts";
import { TokenSink } from "./tokenSink.ts";

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
}

export class Pipeline {
  readonly parts: PipelineParts;
  readonly #fast: ByteLevelEncoder | undefined;

  constructor(parts: PipelineParts, fast?: ByteLevelEncoder) {
    this.parts = parts;
    this.#fast = fast ?? byteLevelEncoder(parts.model, parts.preTokenizer);
  }

  /** The same with other added tokens. */
  withAdded(added: AddedVocabulary): Pipeline {
    return new Pipeline({ ...this.parts, added }, this.#fast);
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

  #process(parts: readonly Columns[], texts: readonly string[], { addsSpecial }: Run): Columns {
    const { postProcessor } = this.parts;
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
    if (this.#fast !== undefined && !run.isDetailed && run.rng === undefined) {
      const { encoder, addsPrefixSpace } = this.#fast;
      encoder.reset();
      for (const { text: part, id } of segments) {
        if (id >= 0) encoder.push(id);
        else encoder.encode(addsPrefixSpace && !part.text.startsWith(" ") ? ` ${part.text}` : part.text);
      }
      return textColumns(encoder.ids(), typeId, undefined);
    }
    const { model, preTokenizer } = this.parts;
    const sink = new TokenSink(true);
    const details: Details = { tokens: sink.tokens, offsets: [], words: [], sources: [] };
    let piece = 0;
    const finish = (aligned: AlignedText): void => {
      placeTokens(aligned, sink, details.offsets);
      while (details.words.length < sink.count) {
        details.words.push(word < 0 ? piece : word);
        details.sources.push(source);
      }
      piece++;
    };
    for (const segment of segments) {
      if (segment.id >= 0) {
        sink.push(segment.id, segment.text.text, 0, Number.MAX_SAFE_INTEGER);
        finish(segment.text);
        continue;
      }
      for (const part of preTokenizer === undefined ? [segment.text] : preTokenizer.split(segment.text)) {
        if (part.text === "") continue;
        model.tokenize(part.text, sink, run.rng);
        finish(part);
      }
    }
    return textColumns(sink.ids.slice(0, sink.count), typeId, details);
  }
}

/** Turns the places of tokens in a piece, in bytes, into places in the original, in UTF-16 units: those of whole characters. */
function placeTokens(aligned: AlignedText, sink: TokenSink, offsets: number[]): void {
  const { text } = aligned;
  const { places } = sink;
  /** The character under way, for beginnings and for ends: where it begins, in units and in bytes, and where it ends. */
  let [start, startByte, end, endByte] = [0, 0, 0, 0];
  for (let i = offsets.length; i < places.length; i += 2) {
    const [from, to] = [places[i], places[i + 1]];
    for (;;) {
      const unit = text.charCodeAt(start);
      const after = startByte + bytesOf(unit);
      if (after > from || start >= text.length) break;
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
