/**
 * The word and character models, which only look up what text is cut into anyway.
 */

import { characterLength, type Segmenter, type Segments } from "./segments.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Each word is a piece or unknown; a word begins with each space mark, also where models have the mark as suffix. */
export class WordSegmenter implements Segmenter {
  readonly #vocabulary: Vocabulary;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  segment(bytes: Uint8Array, length: number, segments: Segments): void {
    const { trie, unkId } = this.#vocabulary;
    segments.count = 0;
    for (let start = 0; start < length;) {
      let end = start + 1;
      while (end < length && !isSpaceMark(bytes, end)) end++;
      const id = trie.find(bytes, start, end);
      segments.push(end, id < 0 ? unkId : id);
      start = end;
    }
  }
}

/** Each character, or user-defined piece, is a piece or unknown. */
export class CharacterSegmenter implements Segmenter {
  readonly #vocabulary: Vocabulary;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  segment(bytes: Uint8Array, length: number, segments: Segments): void {
    const { trie, userDefined, unkId } = this.#vocabulary;
    segments.count = 0;
    for (let start = 0; start < length;) {
      const matched = userDefined === undefined ? 0 : userDefined.longest(bytes, start, length);
      const end = start + (matched > 0 ? matched : Math.min(length - start, characterLength(bytes[start])));
      const id = trie.find(bytes, start, end);
      segments.push(end, id < 0 ? unkId : id);
      start = end;
    }
  }
}

/** Whether U+2581 stands at an index. */
function isSpaceMark(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xe2 && bytes[at + 1] === 0x96 && bytes[at + 2] === 0x81;
}
