/**
 * The plots beside the training, drawn again as it goes on: at most four times a second, and the more seldom the longer a drawing takes.
 */

import { activationDistribution, activationSummaries, gradientNormCurve, lossCurve } from "@llm-learning/diagnostics";
import { element } from "./elements.ts";
import type { RunHistory } from "./runHistory.ts";

const INTERVAL_MS = 250;
/** A drawing is followed by at least so many times as long without one. */
const REST = 9;

let timer: ReturnType<typeof setTimeout> | undefined;
let interval = INTERVAL_MS;

/** Draws the run soon; what is asked for until then is drawn with it. */
export function drawSoon(history: RunHistory): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    const begin = performance.now();
    draw(history);
    interval = Math.max(INTERVAL_MS, REST * (performance.now() - begin));
  }, interval);
}

/** Draws the run now. */
export function draw(history: RunHistory): void {
  clearTimeout(timer);
  timer = undefined;
  if (history.last === undefined) return;
  const { validation, statistics } = history;
  place("plot-loss", (width) =>
    lossCurve({ train: history.curve("trainLoss"), ...(validation && { validation }) }, { width, scale: "linear" }),
  );
  place("plot-gradNorm", (width) => gradientNormCurve(history.curve("gradNorm"), { width, clip: 1 }));
  const layers = activationSummaries(statistics);
  if (layers.length > 0) place("plot-activations", (width) => activationDistribution(layers, { width, limit: 8 }));
}

/** Takes the plots of the run before away, and that which was to be drawn soon. */
export function clearPlots(): void {
  clearTimeout(timer);
  timer = undefined;
  for (const id of ["plot-loss", "plot-gradNorm", "plot-activations"]) {
    const figure = element(id, HTMLElement);
    figure.hidden = true;
    figure.replaceChildren();
  }
}

/** Puts a plot into its figure, laid out for the width that it has. */
function place(id: string, plot: (width: number) => string): void {
  const figure = element(id, HTMLElement);
  figure.hidden = false;
  // The plots escape whatever text they show.
  figure.innerHTML = plot(Math.min(Math.max(figure.clientWidth, 280), 2000));
}
