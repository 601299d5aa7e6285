/**
 * What a run has told so far, as the plots and the file of losses take it.
 */

import type { Curve, StatisticsRecord } from "@llm-learning/diagnostics";
import type { StepRecord } from "../training/characterTraining.ts";

/** Steps that the speed is measured over. */
const SPEED_STEPS = 20;

export class RunHistory {
  readonly #records: (StepRecord & { readonly tokensPerSecond: number })[] = [];
  readonly #validations: { readonly step: number; readonly valLoss: number }[] = [];
  readonly #tokensPerStep: number;
  /** What was seen inside the model when it was looked at last. */
  statistics: readonly StatisticsRecord[] = [];

  constructor({ batchSize, blockSize }: { batchSize: number; blockSize: number }) {
    this.#tokensPerStep = batchSize * blockSize;
  }

  addStep(record: StepRecord, milliseconds: number): void {
    this.#records.push({ ...record, tokensPerSecond: (this.#tokensPerStep * 1000) / Math.max(milliseconds, 1e-3) });
  }

  addValidation(step: number, valLoss: number): void {
    this.#validations.push({ step, valLoss });
  }

  get last(): StepRecord | undefined {
    return this.#records.at(-1);
  }

  get valLoss(): number | undefined {
    return this.#validations.at(-1)?.valLoss;
  }

  /** Of the last steps, the median: one that was looked at, or waited for something else, does not count. */
  get tokensPerSecond(): number | undefined {
    const last = this.#records.slice(-SPEED_STEPS).map(({ tokensPerSecond }) => tokensPerSecond);
    return last.toSorted((a, b) => a - b)[last.length >> 1];
  }

  curve(key: "trainLoss" | "gradNorm"): Curve {
    return { values: this.#records.map((record) => record[key]), steps: this.#records.map(({ step }) => step) };
  }

  get validation(): Curve | undefined {
    if (this.#validations.length === 0) return undefined;
    return {
      values: this.#validations.map(({ valLoss }) => valLoss),
      steps: this.#validations.map(({ step }) => step),
    };
  }

  /** A line of JSON for each step, under the names that a run of the trainer has in its metrics.jsonl. */
  metrics(): string {
    const valLosses = new Map(this.#validations.map(({ step, valLoss }) => [step, valLoss]));
    const lines = this.#records.map((record) => {
      const valLoss = valLosses.get(record.step);
      return `${JSON.stringify(valLoss === undefined ? record : { ...record, valLoss })}\n`;
    });
    return lines.join("");
  }
}
