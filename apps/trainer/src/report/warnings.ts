/**
 * What is wrong with a run, as far as its history tells: the warnings of `diagnose`, and a model that learns its text by heart.
 */

import { diagnose, type RunWarning } from "@llm-learning/diagnostics";
import { warningHtml } from "../page/callout.ts";
import { type Html, html } from "../page/html.ts";
import { formatCount } from "../terminal/format.ts";
import type { RunHistory } from "./runHistory.ts";
import type { Section } from "./section.ts";

/** How far the validation loss has to be above its best to be called a rise, as a share of it. */
const RISE = 0.02;

/** A warning in words. */
export interface ReportWarning extends Pick<RunWarning, "message" | "cure" | "where" | "step"> {
  readonly code: RunWarning["code"] | "overfitting";
}

/** The warnings of a run so far, causes before their consequences. */
export function warningsOf(history: RunHistory, vocabSize: number): ReportWarning[] {
  const { steps, values } = history.series("trainLoss");
  const losses = steps.map((step, i) => ({ step, loss: values[i] }));
  const overfitting = overfittingOf(history);
  const warnings: ReportWarning[] = diagnose({ losses, statistics: history.statistics, vocabSize });
  return overfitting === undefined ? warnings : [...warnings, overfitting];
}

function overfittingOf(history: RunHistory): ReportWarning | undefined {
  const { best } = history;
  const last = history.latest("valLoss");
  const train = history.latest("evalTrainLoss");
  if (best === undefined || last === undefined || train === undefined) return undefined;
  if (last < best.valLoss * (1 + RISE) || train >= best.valLoss) return undefined;
  return {
    code: "overfitting",
    where: "loss",
    step: best.step,
    message:
      `the validation loss has risen from ${best.valLoss.toFixed(4)} at step ${formatCount(best.step)} to ${last.toFixed(4)}, while ` +
      `that of the training text is ${train.toFixed(4)}: the model learns the text by heart`,
    cure: "the best weights are kept; train shorter, with dropout, with a smaller model or with more text",
  };
}

/** The warnings at the top of a report, or that there are none and what that is worth. */
export function warningSection(history: RunHistory, warnings: readonly ReportWarning[]): Section {
  const section = { id: "warnings", title: "What to look at first" };
  if (warnings.length > 0) return { ...section, rest: warnings.map(warningBox) };
  if (history.step < 0) return { ...section, lead: html`<p>There is nothing to judge yet.</p>` };
  const judged =
    history.statistics.length > 0
      ? "Losses, activations, gradients and updates were looked at."
      : "Only the losses were looked at: a run with --watch-interval has its layers judged too.";
  return { ...section, lead: html`<p><strong class="good">Nothing looks wrong.</strong> ${judged}</p>` };
}

/** A warning with its cure, as a box. */
export function warningBox({ message, cure, where, step }: ReportWarning): Html {
  const place = where === "loss" ? "" : `${where}, `;
  return warningHtml({
    title: sentence(`${message}`),
    text: `${sentence(cure)} (${place}first seen at step ${formatCount(step)})`,
  });
}

function sentence(text: string): string {
  const capital = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
