/**
 * What a person sees of a training: a line about what is trained, progress, evaluations, samples, and what to type next. On a
 * terminal the progress is a bar with the course of the losses beneath, elsewhere plain lines.
 */

import { isAbsolute } from "node:path";
import { ByteTokenizer, CharacterTokenizer } from "@llm-learning/tokenizers";
import picocolors from "picocolors";
import { batchTitle } from "../config/batchTitle.ts";
import { formatMixture, mixtureOf } from "../data/dataMixture.ts";
import type { Metrics } from "../run/metrics.ts";
import type { SamplesLine } from "../run/samplesLines.ts";
import type { TrainPlan } from "../training/train.ts";
import type { TrainingEvent } from "../training/trainingEvent.ts";
import { pathForUser } from "./commandLine.ts";
import { excerpt } from "./excerpt.ts";
import { formatBytes, formatCount, formatDuration, formatParameters } from "./format.ts";
import { LossTrend } from "./lossTrend.ts";
import { ProgressBar } from "./progressBar.ts";

/** Width of a line where there is no terminal. */
const COLUMNS = 100;

export class TrainingProgress {
  readonly #stream: NodeJS.WriteStream;
  readonly #plan: TrainPlan;
  readonly #heading: string;
  readonly #colors: ReturnType<typeof picocolors.createColors>;
  readonly #trend = new LossTrend();
  #bar: ProgressBar | undefined;
  #begin = 0;
  #firstStep = 0;
  #valLoss: number | undefined;
  #sampleIndex = -1;

  constructor(stream: NodeJS.WriteStream, plan: TrainPlan) {
    this.#stream = stream;
    this.#plan = plan;
    // Described now: the plan's tokens move to the training thread.
    this.#heading = describePlan(plan);
    this.#colors = picocolors.createColors(stream.isTTY && picocolors.isColorSupported);
  }

  handle(event: TrainingEvent): void {
    switch (event.type) {
      case "ready":
        return this.#ready(event.step);
      case "step":
        return this.#bar?.update({
          step: event.step,
          text: this.#barText(event),
          below: this.#trend.lines(this.#stream.columns),
        });
      case "metrics":
        this.#trend.add(event.metrics);
        return this.#metrics(event.metrics, event.isBest);
      case "statistics":
        return this.#trend.addUpdates(event.line);
      case "checkpoint":
        return undefined;
      case "overfitting":
        return this.#line(
          this.#colors.yellow(
            `warning: validation loss has risen 3 times in a row and is above its best, ${event.best.valLoss.toFixed(4)} at ` +
              `step ${event.best.step}: the model learns the text by heart. The best checkpoint is kept; stop here (Ctrl-C), or ` +
              "train again with dropout or a smaller model",
          ),
        );
      case "exported":
        this.stop();
        for (const warning of event.warnings) this.#line(this.#colors.yellow(`note: ${warning}`));
        return this.#line(`exported the weights of step ${event.step} to ${pathForUser(event.path)}`);
      case "samples":
        return this.#samples(event.line);
      case "answer":
        return this.#answer(event);
      case "sample":
        return this.#sample(event.index, event.text);
    }
  }

  /** Writes a line above the bar. */
  note(text: string): void {
    this.#line(text);
  }

  /** Leaves the terminal as it was found. */
  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #ready(step: number): void {
    const { maxSteps } = this.#plan.config;
    this.#begin = performance.now();
    this.#firstStep = step;
    // Not before: a run that cannot begin is one line of error and nothing else.
    this.#line(this.#heading);
    if (step > 0) this.#line(`goes on at step ${step} of ${maxSteps}`);
    if (this.#stream.isTTY) this.#bar = new ProgressBar(this.#stream, { step, total: maxSteps });
  }

  #metrics(metrics: Metrics, isBest: boolean): void {
    const { step, trainLoss, valLoss, evalTrainLoss, tokensPerSecond } = metrics;
    const at = this.#at(step);
    if (step === 0) {
      const { vocabSize } = this.#plan.data.tokenizer;
      const chance = Math.log(vocabSize).toFixed(4);
      this.#line(
        `${at}: loss ${trainLoss.toFixed(4)}; guessing among ${vocabSize} tokens gives ln ${vocabSize} = ${chance}`,
      );
    }
    if (valLoss !== undefined && evalTrainLoss !== undefined) {
      this.#valLoss = valLoss;
      const best = isBest ? ", the best so far" : "";
      this.#line(`${at}: train loss ${evalTrainLoss.toFixed(4)}, val loss ${valLoss.toFixed(4)}${best}`);
    } else if (this.#bar === undefined && step > 0) {
      const rate = `${formatCount(tokensPerSecond)} tokens/s`;
      this.#line(`${at}: loss ${trainLoss.toFixed(4)}, ${rate}, ${formatDuration(this.#secondsLeft(step))} left`);
    }
  }

  #barText({ step, trainLoss, tokensPerSecond }: { step: number; trainLoss: number; tokensPerSecond: number }): string {
    const val = this.#valLoss === undefined ? "" : `  val ${this.#valLoss.toFixed(3)}`;
    const left = formatDuration(this.#secondsLeft(step));
    return `  loss ${trainLoss.toFixed(3)}${val}  ${formatCount(tokensPerSecond)} tok/s  ETA ${left}`;
  }

  #secondsLeft(step: number): number {
    const taken = step - this.#firstStep;
    if (taken <= 0) return 0;
    return ((performance.now() - this.#begin) / 1000 / taken) * (this.#plan.config.maxSteps - step);
  }

  #answer(event: Extract<TrainingEvent, { type: "answer" }>): void {
    if (event.request === "samples") return this.#samples(event.line);
    const at = this.#at(event.step);
    if (event.request === "checkpoint") return this.#line(`${at}: saved`);
    this.#line(`${at}: train loss ${event.evalTrainLoss.toFixed(4)}, val loss ${event.valLoss.toFixed(4)}`);
  }

  /** What the model writes by now, on one line. */
  #samples({ step, texts }: SamplesLine): void {
    const label = `${this.#at(step)} writes: `;
    const columns = this.#stream.isTTY ? this.#stream.columns : COLUMNS;
    this.#line(
      `${label}${excerpt(texts.join(this.#plan.config.lines ? ", " : " "), Math.max(16, columns - label.length))}`,
    );
  }

  /** The step as it begins a line. */
  #at(step: number): string {
    return `step ${String(step).padStart(String(this.#plan.config.maxSteps).length)}`;
  }

  #sample(index: number, text: string): void {
    if (index !== this.#sampleIndex) {
      const { sampleCount: count, lines } = this.#plan.config;
      const isFirst = this.#sampleIndex < 0;
      const title = lines ? `${count} sample${count === 1 ? "" : "s"}` : `sample ${index + 1} of ${count}`;
      const heading = `\n${this.#colors.dim(title)}`;
      this.#stream.write(`${isFirst ? "" : "\n"}${isFirst || !lines ? `${heading}\n` : ""}`);
      this.#sampleIndex = index;
    }
    this.#stream.write(text);
  }

  #line(text: string): void {
    if (this.#bar === undefined) this.#stream.write(`${text}\n`);
    else this.#bar.log(text);
  }
}

/** How long the text is, in the tokenizer's own unit. */
function describeLength({ tokenizer, allTokens, bytes, documents }: TrainPlan["data"]): string {
  const count = formatCount(allTokens);
  if (documents !== undefined) return `${formatCount(documents)} lines, ${count} tokens`;
  if (tokenizer instanceof CharacterTokenizer) return `${count} characters`;
  if (tokenizer instanceof ByteTokenizer) return `${count} bytes`;
  return bytes === undefined ? `${count} tokens` : `${count} tokens of ${(bytes / allTokens).toFixed(2)} bytes each`;
}

/** How many tokens there are, and how many were asked for where the text does not give so many. */
function describeVocabulary({ config, data }: TrainPlan): string {
  const { vocabSize } = data.tokenizer;
  const asked = config.vocabSize ?? vocabSize;
  return `${vocabSize}${asked > vocabSize ? ` of ${asked}, for which the text is too short` : ""}`;
}

/** What a step sees. */
function describeBatch({ config, data }: TrainPlan): string {
  return config.batchSize === 0 ? `all ${formatCount(data.trainExamples)} lines` : batchTitle(config);
}

/** What is learned beside the parameters that there are. */
function describeLora({ loraRank, loraTargets }: TrainPlan["config"]): string {
  return loraRank === 0 ? "" : ` as they are, beside them changes of rank ${loraRank} in ${loraTargets}`;
}

/** Where the data is, as the user can type it. */
function describeData({ data }: TrainPlan["config"]): string {
  return formatMixture(
    mixtureOf(data).map((part) => ({ ...part, data: isAbsolute(part.data) ? pathForUser(part.data) : part.data })),
  );
}

/** What will be trained, on one line. */
function describePlan(plan: TrainPlan): string {
  const { root, config, data, parameterCount, estimatedMemory, resume } = plan;
  const threads = `${config.threads} thread${config.threads === 1 ? "" : "s"}`;
  return [
    `${resume ? "resuming" : "training"} ${config.preset} in ${pathForUser(root)}`,
    `${describeData(config)}, ${describeLength(data)} (${formatCount(data.trainTokens)} to train on, ` +
      `${formatCount(data.validationTokens)} to validate with), vocabulary ${describeVocabulary(plan)}`,
    `${formatParameters(parameterCount)} parameters${describeLora(config)}`,
    `${formatCount(config.maxSteps)} steps of ${describeBatch(plan)}`,
    `${config.engine === "onnxruntime" ? threads : `${config.engine} engine`}, about ${formatBytes(estimatedMemory)} of memory`,
  ].join("; ");
}
