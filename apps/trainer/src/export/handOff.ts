/**
 * Directories for one other program each, which `--format` names alone: they are laid out as that program wants them, and not as a
 * model directory is.
 */

import type { Run } from "../run/openRun.ts";
import type { ExportedModel } from "./exportModel.ts";
import { exportNanoGpt } from "./nanogpt/exportNanoGpt.ts";
import { exportPeft } from "./peft/exportPeft.ts";
import type { Quantization } from "./quantizedForms.ts";
import type { ReplaceOptions } from "./replaceDirectory.ts";
import { exportTriton } from "./triton/exportTriton.ts";

/** What was written, and the weights in it. */
export interface HandedOff extends ExportedModel {
  /** Optimizer steps behind the weights. */
  readonly step: number;
  /** Validation loss at that step, in nats per token; undefined where it was not taken. */
  readonly validationLoss: number | undefined;
}

/** Writes a run into a directory. */
export type HandOff = (run: Run, out: string, options?: ReplaceOptions) => Promise<HandedOff>;

/** The programs. */
export const handOffs = ["nanogpt", "peft", "triton"] as const;

/**
 * The hand-off that `--format` names, undefined where it names forms of a model directory.
 *
 * @throws RangeError where a hand-off is named among other formats, or has no such form.
 */
export function handOffOf(
  format: string,
  { quantize, portable }: { readonly quantize: readonly Quantization[]; readonly portable: boolean },
): HandOff | undefined {
  const names = format.split(",").map((name) => name.trim());
  const program = handOffs.find((handOff) => names.includes(handOff));
  if (program === undefined) return undefined;
  if (names.length > 1) {
    throw new RangeError(`expected --format ${program} alone, which is a directory of its own, got ${format}`);
  }
  if (program === "triton") {
    if (quantize.length > 1) {
      throw new RangeError(`expected --quantize of one form with --format triton, got ${quantize.join()}`);
    }
    const [form] = quantize;
    return (run, out, options) => exportTriton(run, out, { form, portable, ...options });
  }
  const [given] = [...quantize.map((form) => `--quantize ${form}`), ...(portable ? ["--portable"] : [])];
  if (given !== undefined) {
    throw new RangeError(
      `expected --format ${program} without forms of the ONNX model, which it has none of, got ${given}`,
    );
  }
  return program === "peft" ? exportPeft : exportNanoGpt;
}
