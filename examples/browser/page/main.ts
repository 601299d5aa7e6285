/**
 * The page: a form, a worker that trains, and what the worker tells, shown.
 */

import type { News, Order } from "../training/messages.ts";
import { element } from "./elements.ts";
import { clearPlots, draw, drawSoon } from "./plots.ts";
import { RunHistory } from "./runHistory.ts";
import { addToSample, clearSamples } from "./samples.ts";
import { openForm, readSettings } from "./settingsForm.ts";

const buttons = {
  start: element("start", HTMLButtonElement),
  pause: element("pause", HTMLButtonElement),
  stop: element("stop", HTMLButtonElement),
  weights: element("weights", HTMLButtonElement),
  metrics: element("metrics", HTMLButtonElement),
};
const problem = element("problem", HTMLElement);
const progress = element("progress", HTMLProgressElement);

/** The training that is shown; its worker stays for the weights when it has ended. */
interface Run {
  readonly worker: Worker;
  readonly history: RunHistory;
  readonly steps: number;
  isPaused: boolean;
}

let run: Run | undefined;

openForm(complain);
element("settings", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});
buttons.pause.addEventListener("click", () => {
  if (run === undefined) return;
  run.isPaused = !run.isPaused;
  order(run, { type: run.isPaused ? "pause" : "resume" });
  buttons.pause.textContent = run.isPaused ? "Resume" : "Pause";
  if (!run.isPaused) say("Training");
});
buttons.stop.addEventListener("click", () => {
  if (run === undefined) return;
  if (!run.isPaused) order(run, { type: "pause" });
  rest("Stopped: Start begins anew");
});
buttons.weights.addEventListener("click", () => run && order(run, { type: "weights" }));
buttons.metrics.addEventListener("click", () => {
  if (run !== undefined) download("metrics.jsonl", run.history.metrics(), "application/jsonl");
});
addEventListener("resize", () => run && drawSoon(run.history));

function start(): void {
  run?.worker.terminate();
  problem.hidden = true;
  clearPlots();
  clearSamples();
  const { settings, backend } = readSettings();
  const worker = new Worker(new URL("../training/trainingWorker.ts", import.meta.url), { type: "module" });
  const begun: Run = { worker, history: new RunHistory(settings), steps: settings.steps, isPaused: false };
  run = begun;
  // What a worker told before it was ended may come after another was begun.
  const isCurrent = (): boolean => run === begun;
  worker.addEventListener("message", ({ data }: MessageEvent<News>) => isCurrent() && hear(begun, data));
  worker.addEventListener("error", ({ message }) => isCurrent() && fail(message));
  order(begun, { type: "train", settings, backend });
  for (const id of ["step", "loss", "valLoss", "speed", "parameters"]) element(id, HTMLElement).textContent = "–";
  progress.value = 0;
  buttons.start.textContent = "Start anew";
  buttons.pause.textContent = "Pause";
  buttons.pause.disabled = buttons.weights.disabled = buttons.metrics.disabled = true;
  buttons.stop.disabled = false;
  say("Preparing");
}

function hear({ history, steps }: Run, news: News): void {
  switch (news.type) {
    case "prepared":
      element("parameters", HTMLElement).textContent = whole(news.parameterCount);
      buttons.pause.disabled = buttons.weights.disabled = buttons.metrics.disabled = false;
      return say("Training");
    case "step":
      history.addStep(news.record, news.milliseconds);
      progress.value = news.record.step / steps;
      showNumbers(history, steps);
      return drawSoon(history);
    case "evaluated":
      return history.addValidation(news.step, news.valLoss);
    case "watched":
      history.statistics = news.statistics;
      return undefined;
    case "written":
      return addToSample(news.step, news.text);
    case "paused":
      return buttons.stop.disabled ? undefined : say("Paused");
    case "weights":
      return download("model.safetensors", news.bytes, "application/octet-stream");
    case "finished":
      showNumbers(history, steps);
      draw(history);
      return rest(`Done: ${whole(steps)} steps`);
    case "failed":
      return fail(news.message);
  }
}

function showNumbers(history: RunHistory, steps: number): void {
  const { last, valLoss, tokensPerSecond } = history;
  if (last === undefined) return;
  element("step", HTMLElement).textContent = `${whole(last.step)} of ${whole(steps)}`;
  element("loss", HTMLElement).textContent = last.trainLoss.toFixed(3);
  element("valLoss", HTMLElement).textContent = valLoss?.toFixed(3) ?? "–";
  element("speed", HTMLElement).textContent = tokensPerSecond === undefined ? "–" : whole(tokensPerSecond);
}

function order({ worker }: Run, message: Order): void {
  worker.postMessage(message, []);
}

/** The training does not go on; what it told stays. */
function rest(status: string): void {
  buttons.pause.disabled = buttons.stop.disabled = true;
  say(status);
}

function fail(message: string): void {
  complain(message);
  rest("Ended by an error");
}

function complain(message: string): void {
  problem.textContent = message;
  problem.hidden = false;
}

function say(status: string): void {
  element("status", HTMLElement).textContent = status;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
