/**
 * Networks at step 0, forward only and by hand: their layers' statistics and first loss, as a training program would hand
 * them to `checkInitialization`.
 */
import { gpt2Normal, type Initializer, type LayerStatistics, normal, Rng, zeros } from "@llm-learning/init";

/** What {@link checkInitialization} takes, as measured. */
export interface Measured {
  readonly layers: readonly LayerStatistics[];
  readonly loss: number;
  readonly vocabSize: number;
}

/** Rows are examples. */
type Matrix = readonly Float32Array[];

export interface StackOptions {
  readonly kind: "tanh" | "relu";
  readonly inFeatures?: number;
  readonly width?: number;
  /** Hidden layers. */
  readonly depth?: number;
  readonly examples?: number;
  readonly vocabSize?: number;
  /** Hidden weights. */
  readonly weight: (rng: Rng) => Initializer;
  readonly bias?: (rng: Rng, fanIn: number) => Initializer;
  readonly outputWeight: (rng: Rng) => Initializer;
  readonly outputBias?: (rng: Rng, fanIn: number) => Initializer;
}

/** A plain stack on inputs from N(0, 1), as an embedding of random tokens gives them, with random targets. */
export function stack({
  kind,
  inFeatures = 30,
  width = 100,
  depth = 5,
  examples = 128,
  vocabSize = 27,
  weight,
  bias = () => zeros,
  outputWeight,
  outputBias = () => zeros,
}: StackOptions): Measured {
  const rng = new Rng(5);
  const activation = kind === "tanh" ? Math.tanh : (x: number) => Math.max(0, x);
  const layers: LayerStatistics[] = [];
  let x: Matrix = Array.from({ length: examples }, () => draw([inFeatures], (data) => normal(data, { rng })));
  for (let layer = 0; layer < depth; layer++) {
    const fanIn = x[0].length;
    x = linear(x, width, weight(rng), bias(rng, fanIn)).map((row) => row.map(activation));
    layers.push(statistics(`hidden.${layer}`, kind, x, fanIn));
  }
  const logits = linear(x, vocabSize, outputWeight(rng), outputBias(rng, width));
  layers.push(statistics("output", "logits", logits, width));
  return { layers, loss: crossEntropy(logits, rng), vocabSize };
}

/** A GPT without its keys and queries: attention at the start is close to the average of the past, and so it is here. */
export function gpt2({ nLayer = 4, nEmbd = 128, T = 24, vocabSize = 65, std = 0.02 } = {}): Measured {
  const rng = new Rng(6);
  const fill =
    (role: "embedding" | "hidden" | "residual"): Initializer =>
    (data) =>
      gpt2Normal(data, { role, nLayer, std, rng });
  const layers: LayerStatistics[] = [];
  const tokens = Array.from({ length: vocabSize }, () => draw([nEmbd], fill("embedding")));
  let x: Matrix = Array.from({ length: T }, () => {
    const position = draw([nEmbd], fill("embedding"));
    return tokens[rng.integer(vocabSize)].map((value, k) => value + position[k]);
  });
  for (let block = 0; block < nLayer; block++) {
    const values = linear(layerNorm(x), nEmbd, fill("hidden"));
    const past = values.map((_, t) => values[0].map((_, k) => mean(values.slice(0, t + 1).map((row) => row[k]))));
    x = add(x, linear(past, nEmbd, fill("residual")));
    const hidden = linear(layerNorm(x), 4 * nEmbd, fill("hidden")).map((row) => row.map(gelu));
    layers.push(statistics(`blocks.${block}.mlp`, "gelu", hidden, nEmbd));
    x = add(x, linear(hidden, nEmbd, fill("residual")));
    layers.push(statistics(`blocks.${block}`, "residual", x));
  }
  const final = layerNorm(x);
  const logits = final.map((row) => Float32Array.from(tokens, (token) => row.reduce((s, v, k) => s + v * token[k], 0)));
  layers.push(statistics("output", "logits", logits, nEmbd));
  return { layers, loss: crossEntropy(logits, rng), vocabSize };
}

function draw(shape: readonly number[], fill: Initializer): Float32Array {
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
  fill(data, shape);
  return data;
}

function linear(x: Matrix, width: number, weightInit: Initializer, biasInit: Initializer = zeros): Matrix {
  const fanIn = x[0].length;
  const weight = draw([width, fanIn], weightInit);
  const bias = draw([width], biasInit);
  return x.map((row) =>
    bias.map((b, i) => {
      let sum = b;
      for (let k = 0; k < fanIn; k++) sum += weight[i * fanIn + k] * row[k];
      return sum;
    }),
  );
}

function add(a: Matrix, b: Matrix): Matrix {
  return a.map((row, i) => row.map((value, k) => value + b[i][k]));
}

function layerNorm(x: Matrix): Matrix {
  return x.map((row) => {
    const { mean, std } = meanAndStd(row);
    return row.map((value) => (value - mean) / std);
  });
}

function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function meanAndStd(values: ArrayLike<number>): { mean: number; std: number } {
  const average = mean(values);
  return { mean: average, std: Math.sqrt(mean(Array.from(values, (value) => (value - average) ** 2))) };
}

/** The lecture's: saturated is |h| > 0.97; a unit is dead that is off, or beyond 0.99, for every example. */
function statistics(name: string, kind: LayerStatistics["kind"], x: Matrix, fanIn?: number): LayerStatistics {
  const values = x.flatMap((row) => Array.from(row));
  const share = (test: (value: number) => boolean) => values.filter(test).length / values.length;
  const off = kind === "relu" ? (value: number) => value === 0 : (value: number) => Math.abs(value) > 0.99;
  const dead = mean(Array.from(x[0], (_, unit) => Number(x.every((row) => off(row[unit])))));
  return {
    name,
    kind,
    ...meanAndStd(values),
    ...(kind === "tanh" && { saturated: share((value) => Math.abs(value) > 0.97) }),
    ...((kind === "tanh" || kind === "relu") && { dead }),
    ...(fanIn && { fanIn }),
  };
}

function crossEntropy(logits: Matrix, rng: Rng): number {
  return mean(
    logits.map((row) => {
      const max = row.reduce((a, b) => Math.max(a, b));
      const logSum = max + Math.log(row.reduce((sum, value) => sum + Math.exp(value - max), 0));
      return logSum - row[rng.integer(row.length)];
    }),
  );
}
