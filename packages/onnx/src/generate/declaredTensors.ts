/**
 * The inputs or outputs of a model as its file declares them, looked up by name, type and number of axes.
 */

import { described } from "../format/described.ts";
import type { OnnxDataType } from "../format/dataTypes.ts";
import type { OnnxTensorType, OnnxValueInfo } from "../format/valueInfo.ts";

/** Ends the reading of a signature: what was expected, what the file has. */
export type Refusal = (expected: string, got: string) => never;

export class DeclaredTensors {
  readonly kind: "input" | "output";
  readonly #infos: ReadonlyMap<string, OnnxValueInfo>;
  readonly #refuse: Refusal;

  constructor(kind: "input" | "output", infos: readonly OnnxValueInfo[], refuse: Refusal) {
    this.kind = kind;
    this.#infos = new Map(infos.map((info) => [info.name, info]));
    this.#refuse = refuse;
  }

  get names(): readonly string[] {
    return [...this.#infos.keys()];
  }

  has(name: string): boolean {
    return this.#infos.has(name);
  }

  /** The axes of a tensor: sizes, names of sizes, or undefined. @throws where it is missing, or of another type or rank. */
  shapeOf(name: string, dataType: OnnxDataType, rank: number): readonly unknown[] {
    const info = this.#infos.get(name);
    if (info === undefined) return this.#refuse(`an ${this.kind} ${name}`, "none");
    const { dataType: actual, shape } = info as Partial<OnnxTensorType>;
    if (actual === dataType && shape?.length === rank) return shape;
    return this.#refuse(
      `${this.kind} ${name} to be ${dataType} of ${rank} axes`,
      `${String(actual)} of ${shape?.length ?? "unknown"} axes`,
    );
  }

  /** The last axis, which has to be a number. */
  lastSizeOf(name: string, dataType: OnnxDataType, rank: number): number {
    const size = this.shapeOf(name, dataType, rank).at(-1);
    return isSize(size) ? size : this.#refuse(`${this.kind} ${name} to have a fixed last axis`, described(size));
  }
}

/** Whether a value is an integer of at least 1. */
export function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}
