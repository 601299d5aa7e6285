/**
 * What is in the text, before any model: which token follows which.
 */

import { bigramHeatmap } from "@llm-learning/diagnostics";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { html } from "../page/html.ts";
import { tokenNames } from "./modelSection.ts";
import type { Section } from "./section.ts";

/** Largest vocabulary whose table of pairs can be looked at. */
const MOST_TOKENS = 100;

/**
 * The table of pairs of a text, where the vocabulary is small.
 *
 * @param tokens - The part to train on.
 * @param boundary - The token behind every document, which the first one follows too; undefined in one text.
 */
export function dataSection(
  tokens: ArrayLike<number>,
  tokenizer: Tokenizer,
  boundary: number | undefined,
): Section | undefined {
  const V = tokenizer.vocabSize;
  if (V > MOST_TOKENS || tokens.length < 2) return undefined;
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
