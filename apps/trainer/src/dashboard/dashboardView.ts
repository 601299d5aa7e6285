/**
 * What the live page shows of a training: filled by its events, drawn when asked.
 */

import { describeBad } from "@llm-learning/diagnostics";
import type { TrainConfig } from "../config/trainConfig.ts";
import { sampleHtml, stepSampleHtml, warningHtml } from "../page/callout.ts";
import { type Figure, NARROW_PLOT } from "../page/figure.ts";
import { Html, html } from "../page/html.ts";
import { distributionFigures, insideFigures } from "../report/insideSection.ts";
import { learningFigures } from "../report/learningSection.ts";
import { runFacts } from "../report/reportFacts.ts";
import { type Fact, factHtml } from "../report/reportPage.ts";
import { RunHistory } from "../report/runHistory.ts";
import { warningBox, warningsOf } from "../report/warnings.ts";
import { ClosingSamples } from "../training/closingSamples.ts";
import type { TrainingEvent, TrainingOutcome } from "../training/trainingEvent.ts";
import type { Screen } from "./dashboardServer.ts";
import { Paced } from "./paced.ts";

/** Width of a plot where two stand beside each other. */
const WIDE_PLOT = 600;

/** Distributions over time: of many layers some. */
const DISTRIBUTIONS = 6;

/** Steps whose samples are shown, newest first. */
const WRITTEN_STEPS = 16;

export interface DashboardSubject {
  readonly config: TrainConfig;
  readonly vocabSize: number;
  readonly parameterCount: number;
}

/** How a training ended, as far as the page tells. */
type DashboardEnd = Pick<TrainingOutcome, "status" | "step" | "baseline" | "firstBad">;

const endings = {
  finished: "finished",
  stopped: "stopped and saved",
  diverged: "diverged",
} as const satisfies Record<TrainingOutcome["status"], string>;

export class DashboardView {
  readonly #subject: DashboardSubject;
  readonly #samples = new ClosingSamples();
  /** Of a long run every loss is judged: not with every drawing. */
  readonly #warnings = new Paced(() => warningsOf(this.#history, this.#subject.vocabSize));
  #divergence: Html | undefined;
  #failure: Html | undefined;
  #history = new RunHistory();
  #status = "preparing";

  constructor(subject: DashboardSubject) {
    this.#subject = subject;
  }

  /** What a resumed run has written before. */
  begin(history: RunHistory): void {
    this.#history = history;
  }

  handle(event: TrainingEvent): void {
    switch (event.type) {
      case "ready":
        this.#status = "training";
        break;
      case "metrics":
        this.#history.add(event.metrics);
        break;
      case "statistics":
        this.#history.addStatistics(event.line);
        break;
      case "samples":
        this.#history.addSamples(event.line);
        break;
      case "exported":
        this.#status = "writing samples";
        break;
      case "sample":
        this.#samples.handle(event);
        break;
    }
  }

  end({ status, step, baseline, firstBad }: DashboardEnd): void {
    if (baseline !== undefined && !("skipped" in baseline)) this.#history.baseline = baseline;
    this.#status = endings[status];
    this.#warnings.expire();
    if (status !== "diverged") return;
    this.#divergence = warningHtml({
      title: `Something was no number at step ${step}${firstBad === undefined ? "" : `, first in ${describeBad(firstBad)}`}.`,
      text: "Train again with a lower learningRate, a longer warm-up, or a gradClip; lr-find shows which rate is too high.",
    });
  }

  /** Shows what went wrong here: a page that fails must not end the training that it shows. */
  fail(error: unknown): void {
    const text = `${error instanceof Error ? error.message : String(error)}. The training goes on.`;
    this.#failure = warningHtml({ title: "This page does not show everything.", text });
  }

  /** The pieces of the page, in their order. */
  render(screen: Screen): Map<string, string> {
    try {
      return this.#pieces(screen);
    } catch (error) {
      this.fail(error);
      return new Map([["notes/all", (this.#failure as Html).text]]);
    }
  }

  #pieces(screen: Screen): Map<string, string> {
    const { config } = this.#subject;
    const status: Fact = ["Status", this.#status, `${config.engine} engine, seed ${config.seed}`];
    const facts = [status, ...runFacts({ ...this.#subject, history: this.#history })];
    const pieces = new Map<string, Html>([["facts/all", html`<dl class="tiles">${facts.map(factHtml)}</dl>`]]);
    const warnings = this.#warnings.value;
    pieces.set("notes/all", html`${this.#failure}${this.#divergence}${warnings.map(warningBox)}`);
    const slots = { charts: learningFigures(this.#history, config, warnings), inside: this.#inside() };
    for (const [slot, figures] of Object.entries(slots)) {
      for (const figure of figures) pieces.set(`${slot}/${figure.name}`, figureOf(figure, screen));
    }
    const texts = this.#samples.texts.filter((text) => text !== "");
    if (texts.length > 0)
      pieces.set(
        "samples/all",
        html`<h2>What it writes</h2>
          ${texts.map(sampleHtml)}`,
      );
    const written = this.#history.samples.toReversed().slice(0, WRITTEN_STEPS);
    if (written.length > 0)
      pieces.set(
        "progress/all",
        html`<h2>What it writes as it learns</h2>
          ${written.map(stepSampleHtml)}`,
      );
    return new Map([...pieces].map(([id, { text }]) => [id, text]));
  }

  #inside(): Figure[] {
    return [...insideFigures(this.#history), ...distributionFigures(this.#history.statistics).slice(0, DISTRIBUTIONS)];
  }
}

function figureOf({ draw }: Figure, screen: Screen): Html {
  try {
    const svg = draw(screen === "wide" ? WIDE_PLOT : NARROW_PLOT);
    return html`<figure>${new Html(svg)}</figure>`;
  } catch (error) {
    const what = error instanceof RangeError ? "Nothing to draw yet" : "Not drawn";
    return html`<p class="muted">${what}: ${(error as Error).message}.</p>`;
  }
}
