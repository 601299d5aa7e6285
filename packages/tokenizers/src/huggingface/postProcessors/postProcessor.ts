/**
 * The post-processors of a `tokenizer.json`: what is put around the tokens of a text, and how a text and its pair become one.
 */

import type { Columns } from "../columns.ts";
import type { Fields } from "../fields.ts";
import { MAX_DEPTH } from "../normalizers/normalizer.ts";
import { OffsetTrimmer } from "./offsetTrimmer.ts";
import { PairProcessor } from "./pairProcessor.ts";
import { Template } from "./template.ts";

/** Works on the encodings of a text and, where there is one, of its pair. */
export interface PostProcessor {
  /** Number of tokens that it adds. */
  addedTokens(isPair: boolean): number;

  /**
   * @param parts - Encodings, the text's first.
   * @param addsSpecial - Whether tokens are added.
   * @param texts - The texts by number, see {@link Details.sources}.
   */
  process(parts: readonly Columns[], addsSpecial: boolean, texts: readonly string[]): readonly Columns[];
}

/** Several post-processors, one after another. */
class PostProcessorSequence implements PostProcessor {
  readonly #processors: readonly PostProcessor[];

  constructor(processors: readonly PostProcessor[]) {
    this.#processors = processors;
  }

  addedTokens(isPair: boolean): number {
    return this.#processors.reduce((sum, one) => sum + one.addedTokens(isPair), 0);
  }

  process(parts: readonly Columns[], addsSpecial: boolean, texts: readonly string[]): readonly Columns[] {
    return this.#processors.reduce((processed, one) => one.process(processed, addsSpecial, texts), parts);
  }
}

/** Reads a post-processor. */
export function readPostProcessor(fields: Fields, depth = 0): PostProcessor {
  const type = fields.string("type");
  switch (type) {
    case "Sequence":
      if (depth === MAX_DEPTH) throw fields.error("type", `nested at most ${MAX_DEPTH} deep`);
      return new PostProcessorSequence(fields.objects("processors").map((one) => readPostProcessor(one, depth + 1)));
    case "ByteLevel":
      return new OffsetTrimmer(fields.boolean("trim_offsets"), fields.boolean("add_prefix_space"));
    case "TemplateProcessing":
      return Template.read(fields);
    case "BertProcessing":
      return PairProcessor.readBert(fields);
    case "RobertaProcessing":
      return PairProcessor.readRoberta(fields);
    default:
      throw fields.error("type", "the type of a post-processor");
  }
}
