/**
 * Attention as a loop over the edges of a graph, in double precision and without a library: the oracle of the tests.
 */

import { B, C, H, T } from "./variants.ts";

/** Numbers by name: inputs, and parameters by their paths. */
export type Values = Readonly<Record<string, Float64Array>>;

/** What is not a number that can be learned. */
export interface Messages {
  readonly headDim: number;
  readonly scale: number;
  readonly softCap: number | undefined;
  /** Whether a message travels along an edge. */
  readonly hears: (to: number, from: number, text: number) => boolean;
  readonly bias: (head: number, to: number, from: number) => number;
  readonly frequencies: readonly number[];
  readonly attentionFactor: number;
  /** Position of a token. */
  readonly position: (token: number, text: number) => number;
  /** Factor that dropout gives the probability of an edge. */
  readonly kept: (head: number, to: number, from: number, text: number) => number;
  /** Number of tokens that are heard, and their width: those of `values.memory` where it is not the tokens themselves. */
  readonly memory?: { readonly tokens: number; readonly width: number };
}

/** What each token hears, `[B, T, C]`. */
export function passMessages(values: Values, messages: Messages): Float64Array {
  const { headDim: D, memory = { tokens: T, width: C } } = messages;
  const source = values.memory ?? values.x;
  const keyHeads = values["key.weight"].length / (D * memory.width);
  const output = new Float64Array(B * T * C);
  for (let text = 0; text < B; text++) {
    const speakers = Array.from({ length: memory.tokens }, (_, from) => {
      const token = source.subarray((text * memory.tokens + from) * memory.width).subarray(0, memory.width);
      return {
        keys: headsOf(values, "key", token, D).map((k) => placed(values, "keyNorm", k, from, text, messages)),
        values: headsOf(values, "value", token, D),
      };
    });
    for (let to = 0; to < T; to++) {
      const token = values.x.subarray((text * T + to) * C, (text * T + to + 1) * C);
      const heard: number[] = []; // heads side by side
      headsOf(values, "query", token, D).forEach((q, head) => {
        const query = placed(values, "queryNorm", q, to, text, messages);
        const group = Math.floor((head * keyHeads) / H);
        let total = values.sinks === undefined ? 0 : Math.exp(values.sinks[head]);
        const sum = new Array<number>(D).fill(0);
        for (let from = 0; from < memory.tokens; from++) {
          if (!messages.hears(to, from, text)) continue;
          let score = messages.scale * dot(query, speakers[from].keys[group]);
          if (messages.softCap !== undefined) score = messages.softCap * Math.tanh(score / messages.softCap);
          const weight = Math.exp(score + messages.bias(head, to, from));
          total += weight;
          const message = weight * messages.kept(head, to, from, text);
          speakers[from].values[group].forEach((value, d) => (sum[d] += message * value));
        }
        heard.push(...sum.map((value) => (total === 0 ? 0 : value / total)));
      });
      output.set(project(values, "output", heard), (text * T + to) * C);
    }
  }
  return output;
}

/** A query or key, normalized where there is a norm, and turned by the position of its token. */
function placed(
  values: Values,
  norm: string,
  x: readonly number[],
  token: number,
  text: number,
  { frequencies, attentionFactor, position }: Messages,
): number[] {
  const gain = values[`${norm}.weight`];
  const size = Math.sqrt(dot(x, x) / x.length + 1e-5);
  const y = gain === undefined ? [...x] : x.map((value, d) => (gain[d] * value) / size);
  const half = frequencies.length;
  const turned = [...y];
  frequencies.forEach((frequency, pair) => {
    const angle = position(token, text) * Math.fround(frequency); // constants of a graph are float32
    const [a, b] = [y[pair], y[pair + half]];
    turned[pair] = attentionFactor * (a * Math.cos(angle) - b * Math.sin(angle));
    turned[pair + half] = attentionFactor * (b * Math.cos(angle) + a * Math.sin(angle));
  });
  return turned;
}

/** A linear layer applied to a token, cut into heads. */
function headsOf(values: Values, name: string, token: ArrayLike<number>, D: number): number[][] {
  const features = project(values, name, token);
  return Array.from({ length: features.length / D }, (_, head) => features.slice(head * D, (head + 1) * D));
}

function project(values: Values, name: string, token: ArrayLike<number>): number[] {
  const [weight, bias] = [values[`${name}.weight`], values[`${name}.bias`]];
  const width = token.length;
  return Array.from({ length: weight.length / width }, (_, row) => {
    let sum = bias === undefined ? 0 : bias[row];
    for (let i = 0; i < width; i++) sum += weight[row * width + i] * token[i];
    return sum;
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}
