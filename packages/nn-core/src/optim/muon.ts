/**
 * Muon: momentum, made orthogonal (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon).
 */

import { compile, type Engine, type Program } from "../engine.ts";
import { trace } from "../graph.ts";
import { formatShape } from "../shape.ts";
import { muonCoefficients, newtonSchulz, type QuinticCoefficients } from "./newtonSchulz.ts";
import {
  checkSavedStep,
  checkShares,
  checkStep,
  type GroupedParameter,
  parametersOf,
  savedArray,
  type StepOptions,
} from "./optimizer.ts";
import type { ParameterGroup } from "./parameterGroup.ts";
import { type OptimizerWorkspace, workspaceFor } from "./workspace.ts";

/** How the rate follows the shape of a matrix, under PyTorch's names. */
export type MuonScale = "original" | "match-rms-adamw";

/** Engine, momentum, and how matrices are made orthogonal. */
export interface MuonOptions {
  /** Computes the matrix products. */
  engine: Engine;
  /** Decay of the momentum, in `[0, 1)`. @defaultValue 0.95 */
  momentum?: number;
  /** Looks ahead along the momentum. @defaultValue true */
  nesterov?: boolean;
  /** Iterations, as one triple of coefficients for each. @defaultValue five times Keller Jordan's */
  coefficients?: readonly QuinticCoefficients[];
  /** Least norm of a direction to divide by. @defaultValue 1e-7 */
  eps?: number;
  /**
   * `"original"`: the rate times `sqrt(max(1, rows / columns))`. `"match-rms-adamw"`: times `0.2 sqrt(max(rows, columns))`, which makes
   * steps as large as AdamW's, so that its rate and weight decay serve (Liu et al. 2025, https://arxiv.org/abs/2502.16982).
   *
   * @defaultValue "original"
   */
  scale?: MuonScale;
  /**
   * How many matrices of equal height a parameter is, one below the other, each made orthogonal for itself: 3 of a fused projection of
   * queries, keys and values. @defaultValue 1
   */
  parts?: (name: string) => number;
}

/** What {@link Muon} remembers, by parameter name; the arrays are the optimizer's own. */
export interface MuonState {
  /** Steps taken. */
  readonly step: number;
  /** The momentum of each parameter. */
  readonly momentumBuffers: ReadonlyMap<string, Float32Array>;
}

interface Slot extends GroupedParameter {
  readonly buffer: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** A matrix, which is a parameter or a part of one. */
interface Matrix {
  readonly slot: Slot;
  /** Where its values begin in the parameter's. */
  readonly offset: number;
}

/** Matrices of one shape that are computed in one run. */
interface Batch {
  readonly rows: number;
  readonly columns: number;
  readonly matrices: readonly Matrix[];
  /** `[N, rows, columns]`; batches take turns in the same memory. */
  readonly directions: Float32Array;
}

/** Values in a run: enough for two threads to have their work, few enough to need little memory. */
const MAX_BATCH_VALUES = 1 << 20;

/**
 * One step, with the gradient g of a matrix and the learning rate lr:
 *
 *     m = momentum * m + (1 - momentum) * g
 *     direction = orthogonal(nesterov ? momentum * m + (1 - momentum) * g : m)
 *     weight -= lr * scale * direction + lr * weightDecay * weight
 *
 * as torch.optim.Muon, but in float32 throughout, where that has bfloat16 products. It is meant for the matrices inside of a network;
 * embeddings, the output layer, biases and norms are better off with AdamW beside it.
 *
 * The products are the engine's: a program is compiled for each shape at the first step, so a step is asynchronous.
 */
export class Muon {
  readonly #slots: readonly Slot[];
  readonly #workspace: OptimizerWorkspace;
  readonly #batches: readonly Batch[];
  readonly #options: Required<Omit<MuonOptions, "parts">>;
  /** By shape; several batches may have the same. */
  readonly #programs = new Map<string, Promise<Program>>();
  #step = 0;

  /**
   * @throws RangeError for a momentum outside `[0, 1)`, no iterations, a parameter that is no matrix or does not fall into its parts, an
   * eps that is not finite or not above 0, a weight decay or learningRateScale that is negative or not finite, or a name in two groups.
   */
  constructor(groups: readonly ParameterGroup[], options: MuonOptions) {
    const { engine, momentum = 0.95, nesterov = true, eps = 1e-7, scale = "original", parts = () => 1 } = options;
    const { coefficients = Array.from({ length: 5 }, () => muonCoefficients) } = options;
    checkShares("Muon", { momentum });
    if (!(eps > 0 && eps < Infinity)) throw new RangeError(`Muon: expected a finite eps > 0, got ${eps}`);
    if (coefficients.length === 0)
      throw new RangeError("Muon: expected coefficients of one iteration or more, got none");
    this.#options = { engine, momentum, nesterov, coefficients, eps, scale };
    const entries = parametersOf("Muon", groups);
    const shapes = entries.map((entry) => matrixShape(entry, parts(entry.name)));
    const most = Math.max(0, ...shapes.map(({ rows, columns }) => rows * columns), MAX_BATCH_VALUES);
    const values = Math.min(
      most,
      entries.reduce((sum, { parameter }) => sum + parameter.elementCount, 0),
    );
    this.#workspace = workspaceFor(entries, 1, [values]);
    this.#slots = entries.map((entry, index) => ({
      ...entry,
      ...shapes[index],
      buffer: this.#workspace.allocate(entry.parameter.elementCount),
    }));
    this.#batches = batchesOf(this.#slots, this.#workspace.allocate(values));
  }

  /** Names of the parameters it updates. */
  get names(): readonly string[] {
    return this.#slots.map(({ name }) => name);
  }

  /**
   * Room for the gradient of each parameter, by name: a step on these arrays is the fastest, since nothing is copied. To be the
   * `outputs` of what computes them.
   */
  get gradients(): Readonly<Record<string, Float32Array>> {
    return this.#workspace.gradients;
  }

  /**
   * Updates every parameter in place. One step at a time: wait for it before the next.
   *
   * @param gradients - By parameter name, each as long as its parameter; they may not change before it is done.
   * @param options - `learningRate` of this step; `gradientScale` multiplies every gradient first (clipping; default 1).
   * @throws RangeError for a missing gradient or one of another length, or a rate that is negative or not finite, TypeError for a gradient
   * that is no Float32Array; nothing is updated then.
   */
  async step(gradients: Readonly<Record<string, Float32Array>>, options: StepOptions): Promise<void> {
    const { learningRate, gradientScale = 1 } = options;
    checkStep("Muon.step", this.#slots, gradients, options);
    this.#step++;
    for (const batch of this.#batches) await this.#update(batch, gradients, learningRate, gradientScale);
  }

  async #update(
    { rows, columns, matrices, directions }: Batch,
    gradients: Readonly<Record<string, Float32Array>>,
    learningRate: number,
    scale: number,
  ): Promise<void> {
    const { momentum, nesterov } = this.#options;
    const size = rows * columns;
    const { updates } = this.#workspace;
    const constants = { scale, gain: 1 - momentum, ahead: nesterov ? 1 - momentum : 0 };
    for (const [index, { slot, offset }] of matrices.entries()) {
      const gradient = gradients[slot.name].subarray(offset, offset + size);
      const buffer = slot.buffer.subarray(offset, offset + size);
      const direction = directions.subarray(index * size, (index + 1) * size);
      updates.direct({ gradient, buffer, direction }, constants);
    }
    const program = await this.#programOf(matrices.length, rows, columns);
    const orthogonal = (await program.run({ directions }))["orthogonal"].data as Float32Array;
    for (const [index, { slot, offset }] of matrices.entries()) {
      const rate = learningRate * slot.learningRateScale;
      const weight = slot.parameter.data.subarray(offset, offset + size);
      updates.move(weight, orthogonal.subarray(index * size, (index + 1) * size), {
        rate: rate * this.#scaleOf(rows, columns),
        decay: rate * slot.weightDecay,
      });
    }
  }

  #programOf(count: number, rows: number, columns: number): Promise<Program> {
    const { engine, coefficients, eps } = this.#options;
    const shape = [count, rows, columns];
    const key = shape.join("x");
    let program = this.#programs.get(key);
    if (program === undefined) {
      const graph = trace({ directions: { shape } }, ({ directions }) => ({
        orthogonal: newtonSchulz(directions, coefficients, eps),
      }));
      program = compile(engine, graph);
      this.#programs.set(key, program);
    }
    return program;
  }

  #scaleOf(rows: number, columns: number): number {
    return this.#options.scale === "original"
      ? Math.sqrt(Math.max(1, rows / columns))
      : 0.2 * Math.sqrt(Math.max(rows, columns));
  }

  /** Everything that decides its future, for a checkpoint; the arrays are live, not copies. */
  state(): MuonState {
    return { step: this.#step, momentumBuffers: new Map(this.#slots.map(({ name, buffer }) => [name, buffer])) };
  }

  /**
   * Continues from a saved state.
   *
   * @throws RangeError if a momentum is missing or of another length, or `step` is not an integer >= 0; nothing changes then.
   */
  loadState({ step, momentumBuffers }: MuonState): void {
    checkSavedStep("Muon.loadState", step);
    const saved = this.#slots.map((slot) => savedArray("Muon.loadState", "a momentum buffer", slot, momentumBuffers));
    this.#slots.forEach(({ buffer }, index) => buffer.set(saved[index]));
    this.#step = step;
  }

  /** Frees its programs; it compiles them again where it takes another step. */
  async dispose(): Promise<void> {
    const programs = await Promise.all(this.#programs.values());
    this.#programs.clear();
    for (const program of programs) await program.dispose();
  }
}

/** The shape of each of a parameter's parts. */
function matrixShape(
  { name, parameter }: GroupedParameter,
  parts: number,
): { readonly rows: number; readonly columns: number } {
  const [rows, columns] = parameter.shape;
  if (parameter.shape.length !== 2) {
    throw new RangeError(
      `Muon: expected matrices, got ${formatShape(parameter.shape)} for "${name}": AdamW takes others`,
    );
  }
  if (!Number.isSafeInteger(parts) || parts < 1 || rows % parts !== 0) {
    throw new RangeError(`Muon: expected parts that divide the ${rows} rows of "${name}", got ${parts}`);
  }
  return { rows: rows / parts, columns };
}

/** Matrices in the order of their parameters, those of one shape together as far as a run takes them. */
function batchesOf(slots: readonly Slot[], memory: Float32Array): Batch[] {
  const byShape = new Map<string, Slot[]>();
  for (const slot of slots) {
    const key = `${slot.rows}x${slot.columns}`;
    byShape.set(key, [...(byShape.get(key) ?? []), slot]);
  }
  return [...byShape.values()].flatMap((alike) => {
    const [{ rows, columns }] = alike;
    const size = rows * columns;
    const matrices = alike.flatMap((slot) =>
      Array.from({ length: slot.buffer.length / size }, (_, part) => ({ slot, offset: part * size })),
    );
    const most = Math.max(1, Math.floor(MAX_BATCH_VALUES / size));
    return Array.from({ length: Math.ceil(matrices.length / most) }, (_, index) => {
      const together = matrices.slice(index * most, (index + 1) * most);
      return { rows, columns, matrices: together, directions: memory.subarray(0, together.length * size) };
    });
  });
}
