/**
 * What ONNX Runtime's profiler wrote about some runs of a session: a Chrome trace, read into the time of each operator.
 *
 * @see https://onnxruntime.ai/docs/performance/tune-performance/profiling-tools.html
 */

/** An operator of the model, in the mean of the runs that count. */
export interface Kernel {
  /** Name of the node; the runtime names those that it puts into the graph itself. */
  readonly name: string;
  /** Kind of operator: `Gemm`. */
  readonly op: string;
  readonly ms: number;
  /** Multiplications and additions of a matrix product or a convolution; 0 for other operators. */
  readonly flops: number;
}

export interface StepTrace {
  /** Runs that count. */
  readonly runs: number;
  /** Time of a whole run, in ms. */
  readonly runMs: number;
  /** In the order in which they run. */
  readonly kernels: readonly Kernel[];
}

interface Event {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly TypedShape[];
    readonly output_type_shape?: readonly TypedShape[];
  };
}

/** `{ float: [8, 16] }` */
type TypedShape = Readonly<Record<string, readonly number[]>>;

const KERNEL = "_kernel_time";

/**
 * Reads a trace.
 *
 * @param json - The file that the profiler wrote.
 * @param warmUp - First runs that do not count.
 * @throws RangeError where no run is left.
 */
export function readStepTrace(json: string, warmUp: number): StepTrace {
  const events = JSON.parse(json) as readonly Event[];
  const runs = events.filter(({ name }) => name === "model_run").slice(warmUp);
  if (runs.length === 0) throw new RangeError(`readStepTrace: expected more than ${warmUp} runs, got none beyond them`);
  const kernels = new Map<string, { op: string; ms: number; flops: number }>();
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== "Node" || !name.endsWith(KERNEL) || ts < runs[0].ts) continue;
    const node = name.slice(0, -KERNEL.length);
    const op = args?.op_name ?? "";
    const kernel = kernels.get(node) ?? { op, ms: 0, flops: 0 };
    kernels.set(node, kernel);
    kernel.ms += dur / 1000 / runs.length;
    const [inputs, outputs] = [shapes(args?.input_type_shape), shapes(args?.output_type_shape)];
    kernel.flops += operations(op, inputs, outputs[0] ?? []) / runs.length;
  }
  const total = runs.reduce((sum, { dur }) => sum + dur, 0);
  return {
    runs: runs.length,
    runMs: total / 1000 / runs.length,
    kernels: [...kernels].map(([name, kernel]) => ({ name, ...kernel })),
  };
}

function shapes(typed: readonly TypedShape[] = []): readonly (readonly number[])[] {
  return typed.map((one) => Object.values(one)[0]);
}

function operations(op: string, [a, b]: readonly (readonly number[])[], output: readonly number[]): number {
  const size = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);
  if (/^(Fused)?(Gemm|MatMul)$/.test(op)) {
    // By a vector it takes as long as the matrix takes to read: a reduction, whose rate would say nothing.
    if (output.at(-1) === 1) return 0;
    // Either axis of the first operand may be the one that is summed over: it is the one that is not the output's.
    const [rows, columns] = [a.at(-2) ?? 1, a.at(-1) ?? 1];
    return 2 * size(output) * ((rows * columns) / Math.max(1, output.at(-2) ?? 1));
  }
  if (/^(Fused)?Conv$/.test(op)) return 2 * size(output) * (size(b) / b[0]);
  if (op === "ConvTranspose") return 2 * size(a) * (size(b) / b[0]);
  return 0;
}
