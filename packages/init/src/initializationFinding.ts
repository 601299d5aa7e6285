/** The findings of {@link checkInitialization}, and how they and their figures are worded. */

/** What can be wrong with a layer at step 0. */
export type InitializationProblem =
  | "not finite"
  | "too large"
  | "too small"
  | "saturated"
  | "dead"
  | "constant"
  | "loss too high"
  | "loss too low";

/** One thing that is wrong, in words. */
export interface InitializationFinding {
  /** Name of the layer; "loss" for a loss that no layer explains. */
  readonly layer: string;
  /** What is wrong, for a program to branch on. */
  readonly problem: InitializationProblem;
  /** What was measured. */
  readonly measured: string;
  /** What a healthy network shows. */
  readonly expected: string;
  /** What to change. */
  readonly cure: string;
}

/** A finding as one line: the layer, what was measured, what was expected, and the cure. */
export function describeFinding({ layer, measured, expected, cure }: InitializationFinding): string {
  return `${layer}: ${measured}, expected ${expected}: ${cure}`;
}

/** In whole percent. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** Two significant digits. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(2)));
}
