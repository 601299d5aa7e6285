/**
 * What is in the text, before any model: which token follows which.
 */

import type { TokenSequence } from "@llm-learning/datasets";
import { bigramHeatmap } from "@llm-learning/diagnostics";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { html } from "../page/html.ts";
import { tokenNames } from "./modelSection.ts";
import type { Section } from "./section.ts";

/** As many tokens are counted: more change nothing that can be seen. */
const MOST_COUNTED = 10_000_000;

/** Largest vocabulary whose table of pairs can be looked at. */
const MOST_TOKENS = 100;

/**
 * The table of pairs of a text, where the vocabulary is small.
 *
 * @param sequence - The part to train on; of more than ten million tokens the first are counted.
 * @param boundary - The token behind every document, which the first one follows too; undefined in one text.
 */
export function dataSection(
  sequence: TokenSequence,
  tokenizer: Tokenizer,
  boundary: number | undefined,
): Section | undefined {
  const V = tokenizer.vocabSize;
  if (V > MOST_TOKENS || sequence.length < 2) return undefined;
  const tokens = sequence.subarray(0, Math.min(sequence.length, MOST_COUNTED));
  const counts = new Float64Array(V * V);
  if (boundary !== undefined) counts[boundary * V + tokens[0]]++;
  for (let i = 1; i < tokens.length; i++) counts[tokens[i - 1] * V + tokens[i]]++;
  const names = Array.from({ length: V }, (_, id) => tokenNames(tokenizer)(id));
  return {
    id: "data",
    title: "The text",
    lead: html`<p>
      How often each token follows each other in the part that is trained on. A model that knows this table and nothing
      else is a bigram model; what a network adds begins where it is better than that.
    </p>`,
    figures: [{ name: "bigrams", draw: (width) => bigramHeatmap({ counts, tokens: names }, { width }) }],
  };
}
