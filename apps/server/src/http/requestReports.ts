/**
 * What engines did for the requests that are being answered, by the ids of those: for the line that each leaves in the log.
 */

import type { EmbeddingTask, GenerationTask } from "../engine/engine.ts";
import type { TaskOutcome } from "../metrics/measuredEngine.ts";

interface Report {
  readonly outcomes: TaskOutcome[];
  running: number;
  /** Waits for the tasks that still run, once the request is over. */
  onEnd?: (outcomes: readonly TaskOutcome[]) => void;
}

export class RequestReports {
  readonly #reports = new Map<string, Report>();

  isRunning(requestId: string): boolean {
    return this.#reports.has(requestId);
  }

  begin(requestId: string): void {
    this.#reports.set(requestId, { outcomes: [], running: 0 });
  }

  taskBegan({ requestId }: GenerationTask | EmbeddingTask): void {
    const report = this.#reports.get(requestId);
    if (report !== undefined) report.running++;
  }

  taskEnded(outcome: TaskOutcome): void {
    const report = this.#reports.get(outcome.task.requestId);
    if (report === undefined) return;
    report.outcomes.push(outcome);
    report.running--;
    this.#endIfDone(outcome.task.requestId, report);
  }

  /**
   * Ends a request: a client that leaves does so before its tasks know, so what came of them is told when the last one has ended.
   *
   * @param tell - Gets the outcomes in the order in which tasks ended.
   */
  end(requestId: string, tell: (outcomes: readonly TaskOutcome[]) => void): void {
    const report = this.#reports.get(requestId);
    if (report === undefined) return;
    report.onEnd = tell;
    this.#endIfDone(requestId, report);
  }

  #endIfDone(requestId: string, { outcomes, running, onEnd }: Report): void {
    if (running > 0 || onEnd === undefined) return;
    this.#reports.delete(requestId);
    onEnd(outcomes);
  }
}
