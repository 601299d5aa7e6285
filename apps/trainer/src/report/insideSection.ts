/**
 * What happened inside the network while it learned: the lectures' four plots, and how distributions moved. From
 * `diagnostics.jsonl`, which a run with a `watchInterval` writes.
 */

import {
  activationDistribution,
  activationSummaries,
  gradientDistribution,
  gradientSummaries,
  histogramsOverTime,
  type StatisticsLine,
  updateRatio,
  type UpdateRatioCurve,
  weightGradientDistribution,
  weightGradientSummaries,
} from "@llm-learning/diagnostics";
import type { Figure } from "../page/figure.ts";
import { html } from "../page/html.ts";
import { formatCount } from "../terminal/format.ts";
import { attentionFigures } from "./attentionFigures.ts";
import type { RunHistory } from "./runHistory.ts";
import type { Section } from "./section.ts";

/** Distributions over time that are seen at once, and those that are folded away. */
const SHOWN = 2;
const FOLDED = 24;

export function insideSection(history: RunHistory): Section {
  const { statistics } = history;
  const section = { id: "inside", title: "Inside, while it learned" };
  if (statistics.length === 0) {
    const lead = html`<p>
      There are no statistics: train with <code>--watch-interval 50</code> and each fiftieth step leaves those of every
      layer, at little cost. Then activations, gradients and update:data are here, and are judged.
    </p>`;
    return { ...section, lead };
  }
  const moving = distributionFigures(statistics);
  const lead = html`<p>
    Each watched step leaves the statistics of every layer; there are ${formatCount(statistics.length)} of them here,
    the newest of step ${formatCount(statistics[statistics.length - 1].step)}.
  </p>`;
  return {
    ...section,
    lead,
    figures: [...insideFigures(history), ...moving.slice(0, SHOWN)],
    ...(moving.length > SHOWN && {
      folded: { summary: `${moving.length - SHOWN} more distributions over time`, figures: moving.slice(SHOWN) },
    }),
  };
}

/** update:data over time, the distributions of the newest watched step, and attention over time. */
export function insideFigures({ statistics }: RunHistory): Figure[] {
  const newest = statistics.at(-1);
  if (newest === undefined) return [];
  const { step, records } = newest;
  const at = `, step ${formatCount(step)}`;
  const activations = activationSummaries(records);
  const gradients = gradientSummaries(records);
  const weights = weightGradientSummaries(records);
  const updates = updateCurves(statistics);
  const figures: (Figure | false)[] = [
    updates.length > 0 && { name: "update-to-data", draw: (width) => updateRatio(updates, { width }) },
    activations.length > 0 && {
      name: "activations",
      draw: (width) => activationDistribution(activations, { width, title: `Activations${at}` }),
    },
    gradients.length > 0 && {
      name: "gradients",
      draw: (width) => gradientDistribution(gradients, { width, title: `Gradients of activations${at}` }),
    },
    weights.length > 0 && {
      name: "weight-gradients",
      draw: (width) => weightGradientDistribution(weights, { width, title: `Gradients of weights${at}` }),
    },
  ];
  return [...figures.filter((figure) => figure !== false), ...attentionFigures(statistics)];
}

/** The distributions of activations and weights over time: the first and last activation, then the others. */
export function distributionFigures(statistics: readonly StatisticsLine[]): Figure[] {
  const names = (statistics.at(-1)?.records ?? []).filter(({ kind }) => kind !== "attention").map(({ name }) => name);
  const activations = new Set(
    (statistics.at(-1)?.records ?? []).filter(({ kind }) => kind !== "parameter").map(({ name }) => name),
  );
  const hidden = names.filter((name) => activations.has(name));
  const ends = [...new Set([...hidden.slice(0, 1), ...hidden.slice(-1)])];
  const ordered = [...ends, ...names.filter((name) => !ends.includes(name))].slice(0, SHOWN + FOLDED);
  return ordered.flatMap((name, index) => {
    const steps: number[] = [];
    const histograms: { counts: readonly number[]; edges: readonly number[] }[] = [];
    for (const { step, records } of statistics) {
      const histogram = records.find((record) => record.name === name)?.histogram;
      if (histogram === undefined || histogram === null) continue;
      steps.push(step);
      histograms.push(histogram);
    }
    if (steps.length < 2) return [];
    return [
      {
        name: `distribution-${index}`,
        draw: (width) => histogramsOverTime({ steps, histograms, label: name }, { width }),
      },
    ];
  });
}

function updateCurves(statistics: readonly StatisticsLine[]): UpdateRatioCurve[] {
  const curves = new Map<string, { label: string; steps: number[]; values: number[] }>();
  for (const { step, records } of statistics) {
    for (const { name, updateToData } of records) {
      if (updateToData === null) continue;
      const curve = curves.get(name) ?? { label: name, steps: [], values: [] };
      curve.steps.push(step);
      curve.values.push(updateToData);
      curves.set(name, curve);
    }
  }
  return [...curves.values()];
}
