/** Weights as a trained layer has them: normally distributed, from a seed. */
import { Rng } from "@llm-learning/init";

export function normals(seed: number, count: number): Float32Array<ArrayBuffer> {
  const rng = new Rng(seed);
  return Float32Array.from({ length: count }, () => rng.normal());
}
