/**
 * What the live page shows of a training: filled by its events, drawn when asked.
 */

import type { TrainConfig } from "../config/trainConfig.ts";
import { sampleHtml, warningHtml } from "../page/callout.ts";
import { type Figure, NARROW_PLOT } from "../page/figure.ts";
import { Html, html } from "../page/html.ts";
import { learningFigures } from "../report/learningSection.ts";
import { runFacts } from "../report/reportFacts.ts";
import { type Fact, factHtml } from "../report/reportPage.ts";
import { RunHistory } from "../report/runHistory.ts";
import type { TrainingEvent, TrainingOutcome } from "../training/trainingEvent.ts";
import type { Screen } from "./dashboardServer.ts";

/** Width of a plot where two stand beside each other. */
const WIDE_PLOT = 600;

/** Characters of a sample that are kept. */
const SAMPLE_LIMIT = 100_000;

export interface DashboardSubject {
  readonly config: TrainConfig;
  readonly vocabSize: number;
  readonly parameterCount: number;
}

const endings = {
  finished: "finished",
  stopped: "stopped and saved",
  diverged: "diverged",
} as const satisfies Record<TrainingOutcome["status"], string>;

export class DashboardView {
  readonly #subject: DashboardSubject;
  readonly #samples: string[] = [];
  readonly #warnings = new Map<string, Html>();
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
      case "overfitting":
        this.#warnings.set("overfitting", overfittingHtml(event.best));
        break;
      case "exported":
        this.#status = "writing samples";
        break;
      case "sample":
        this.#samples[event.index] = `${this.#samples[event.index] ?? ""}${event.text}`.slice(0, SAMPLE_LIMIT);
        break;
    }
  }

  end({ status, step, baseline }: Pick<TrainingOutcome, "status" | "step" | "baseline">): void {
    if (baseline !== undefined && !("skipped" in baseline)) this.#history.baseline = baseline;
    this.#status = endings[status];
    if (status === "diverged") {
      const text =
        "Train again with a lower learningRate, a longer warm-up, or a gradClip; lr-find shows which rate is too high.";
      this.#warnings.set(status, warningHtml({ title: `The loss was no number at step ${step}.`, text }));
    }
  }

  /** The pieces of the page, in their order. */
  render(screen: Screen): Map<string, string> {
    const { config } = this.#subject;
    const status: Fact = ["Status", this.#status, `${config.engine} engine, seed ${config.seed}`];
    const facts = [status, ...runFacts({ ...this.#subject, history: this.#history })];
    const pieces = new Map<string, Html>([["facts/all", html`<dl class="tiles">${facts.map(factHtml)}</dl>`]]);
    for (const [name, warning] of this.#warnings) pieces.set(`notes/${name}`, warning);
    for (const figure of learningFigures(this.#history, config)) {
      pieces.set(`charts/${figure.name}`, figureOf(figure, screen));
    }
    const texts = this.#samples.filter((text) => text !== "");
    if (texts.length > 0)
      pieces.set(
        "samples/all",
        html`<h2>What it writes</h2>
          ${texts.map(sampleHtml)}`,
      );
    return new Map([...pieces].map(([id, { text }]) => [id, text]));
  }
}

function figureOf({ draw, caption }: Figure, screen: Screen): Html {
  try {
    const svg = draw(screen === "wide" ? WIDE_PLOT : NARROW_PLOT);
    return html`<figure>${new Html(svg)}${caption !== undefined && html`<figcaption>${caption}</figcaption>`}</figure>`;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return html`<p class="muted">Nothing to draw yet: ${error.message}.</p>`;
  }
}

function overfittingHtml(best: { step: number; valLoss: number }): Html {
  return warningHtml({
    title: "The model learns the text by heart.",
    text:
      `Validation loss has risen three times in a row and is above its best, ${best.valLoss.toFixed(4)} at step ${best.step}, ` +
      "whose weights are kept. Stop here, or train again with dropout, a smaller model or more text.",
  });
}
