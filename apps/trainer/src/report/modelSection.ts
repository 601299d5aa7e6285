/**
 * What the model has made of the text: where its attention goes, where it puts each token, what it writes.
 */

import { attentionMap, deadNeuronMatrix, embeddingScatter, tokenLoss } from "@llm-learning/diagnostics";
import type { Tokenizer } from "@llm-learning/tokenizers";
import type { Figure } from "../page/figure.ts";
import { html } from "../page/html.ts";
import type { ModelInsight } from "./inspectModel.ts";
import type { Section } from "./section.ts";

/** Vocabularies beyond which a scatter of names is a cloud. */
const MOST_TOKENS = 400;

/** Most heads of a layer that are drawn. */
const MOST_HEADS = 8;

/** Layers that are seen at once; the others are folded away. */
const SHOWN_LAYERS = 1;

/** What a look into the model has shown while it read a passage of the validation text. */
export function modelSection(insight: ModelInsight, tokenizer: Tokenizer, step: number): Section {
  const { embedding } = insight;
  const name = tokenNames(tokenizer);
  const attention = attentionFigures(insight, name);
  const units = unitFigures(insight);
  const more = [...units.slice(SHOWN_LAYERS), ...attention.slice(SHOWN_LAYERS)];
  const hasScatter = embedding !== undefined && embedding.rows.length <= MOST_TOKENS;
  return {
    id: "model",
    title: "While it reads",
    lead: html`<p>
      What the weights of step ${step}, the best so far, do while they read text that they were not trained on.
    </p>`,
    figures: [
      passageFigure(insight, name),
      ...(hasScatter ? [scatter(embedding, name)] : []),
      ...units.slice(0, SHOWN_LAYERS),
      ...attention.slice(0, SHOWN_LAYERS),
    ],
    ...(more.length > 0 && { folded: { summary: `More layers (${more.length} figures)`, figures: more } }),
  };
}

function passageFigure({ tokens, losses }: ModelInsight, nameOf: (id: number) => string): Figure {
  const names = Array.from(tokens, nameOf);
  return {
    name: "token-loss",
    draw: (width) => tokenLoss({ tokens: names, losses }, { width }),
    caption: html`<p>
      The beginning of the validation text. Where words begin the model has to guess; their ends it should know.
    </p>`,
  };
}

function attentionFigures({ attention, attentionTokens }: ModelInsight, nameOf: (id: number) => string): Figure[] {
  const read = Array.from(attentionTokens, nameOf);
  return attention.map(({ name, heads }, layer) => ({
    name: `attention-${layer}`,
    draw: (width) =>
      attentionMap({ probabilities: flat(heads.slice(0, MOST_HEADS)), tokens: read }, { width, title: titleOf(name) }),
  }));
}

/** `blocks.0.attention.probabilities` as `Attention, blocks.0`. */
function titleOf(tap: string): string {
  const place = tap.replace(/\.?(attention\.)?probabilities$/, "");
  return place === "" ? "Attention" : `Attention, ${place}`;
}

function unitFigures({ units }: ModelInsight): Figure[] {
  return units.map(({ name, kind, outputs: activations, neurons }, layer) => ({
    name: `units-${layer}`,
    draw: (width) =>
      deadNeuronMatrix({ activations, neurons }, { width, nonlinearity: kind, title: `Saturated units, ${name}` }),
  }));
}

function scatter({ name, rows }: NonNullable<ModelInsight["embedding"]>, nameOf: (id: number) => string): Figure {
  return {
    name: "embedding",
    draw: (width) => embeddingScatter({ embedding: flat([rows]), tokens: rows.map((_, id) => nameOf(id)) }, { width }),
    caption: html`<p>
      The first two of ${rows[0].length} dimensions of <code>${name}</code>. Tokens that the model uses alike, such as
      vowels or digits, tend to lie together; in many dimensions most of that is out of sight.
    </p>`,
  };
}

/** The text of each token, that of bytes which are no character of their own spelled as in the vocabulary. */
export function tokenNames(tokenizer: Tokenizer): (id: number) => string {
  return (id) => {
    try {
      const text = tokenizer.decode([id]);
      return text === "" || text.includes("\ufffd") ? tokenizer.idToToken(id) : text;
    } catch {
      return `#${id}`;
    }
  };
}

function flat(matrices: readonly (readonly Float32Array[])[]): Float32Array {
  const rows = matrices.flat();
  const length = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * length);
  for (const [i, row] of rows.entries()) all.set(row, i * length);
  return all;
}
