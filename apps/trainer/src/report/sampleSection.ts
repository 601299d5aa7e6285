/**
 * Text that the exported model writes, and what it wrote on the way there.
 */

import { stat } from "node:fs/promises";
import { generateSamples } from "../generation/generateSamples.ts";
import { sampleHtml, stepSampleHtml } from "../page/callout.ts";
import { html } from "../page/html.ts";
import type { Run } from "../run/openRun.ts";
import type { RunHistory } from "./runHistory.ts";
import type { Section } from "./section.ts";

/** Samples of a report, and tokens of each. */
const COUNT = 3;
const TOKENS = 240;

/** Steps whose samples are shown. */
const SHOWN_STEPS = 8;

/** Samples, the same in each report of the same weights; undefined where no model was exported yet. */
export async function sampleSection({ config, paths }: Run, signal?: AbortSignal): Promise<Section | undefined> {
  const isExported = await stat(paths.model).then(
    () => true,
    () => false,
  );
  if (!isExported) return undefined;
  const { temperature, seed } = config;
  const { samples } = await generateSamples(paths.model, {
    count: COUNT,
    maxTokens: TOKENS,
    temperature,
    seed,
    signal,
  });
  return samplesAsSection(
    samples.map(({ text }) => text),
    `Written by the exported model, from the start of a line, at temperature ${temperature}.`,
  );
}

/** What the model wrote at some steps on the way, from the first to the newest; undefined where it was not asked to. */
export function progressSection({ samples }: RunHistory): Section | undefined {
  if (samples.length === 0) return undefined;
  const count = Math.min(SHOWN_STEPS, samples.length);
  const shown = Array.from({ length: count }, (_, i) =>
    count === 1 ? samples[0] : samples[Math.round((i * (samples.length - 1)) / (count - 1))],
  );
  return {
    id: "progress",
    title: "How its writing changed",
    lead: html`<p>
      What the weights of a step wrote, while training went on; all of it is in <code>samples.jsonl</code>.
    </p>`,
    rest: shown.map(stepSampleHtml),
  };
}

/** Texts one below the other. */
function samplesAsSection(texts: readonly string[], lead: string): Section {
  return {
    id: "samples",
    title: "What it writes",
    lead: html`<p>${lead}</p>`,
    rest: texts.map((text) => sampleHtml(text.trim())),
  };
}
