/**
 * Text that the exported model writes.
 */

import { stat } from "node:fs/promises";
import { generateSamples } from "../generation/generateSamples.ts";
import { sampleHtml } from "../page/callout.ts";
import { html } from "../page/html.ts";
import type { Run } from "../run/openRun.ts";
import type { Section } from "./section.ts";

/** Samples of a report, and tokens of each. */
const COUNT = 3;
const TOKENS = 240;

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

/** Texts one below the other. */
function samplesAsSection(texts: readonly string[], lead: string): Section {
  return {
    id: "samples",
    title: "What it writes",
    lead: html`<p>${lead}</p>`,
    rest: texts.map((text) => sampleHtml(text.trim())),
  };
}
