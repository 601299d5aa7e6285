/** What all initializers refuse or accept alike; each function's own errors are tested beside it. */
import * as init from "@llm-learning/init";
import { expect, test } from "vitest";

const rng = new init.Rng(0);
const byName: Readonly<Record<string, (data: Float32Array, shape: readonly number[]) => void>> = {
  zeros: init.zeros,
  ones: init.ones,
  constant: (data) => init.constant(data, 1),
  uniform: (data) => init.uniform(data, { rng }),
  normal: (data) => init.normal(data, { rng }),
  truncNormal: (data) => init.truncNormal(data, { rng }),
  xavierUniform: (data, shape) => init.xavierUniform(data, shape, { rng }),
  xavierNormal: (data, shape) => init.xavierNormal(data, shape, { rng }),
  kaimingUniform: (data, shape) => init.kaimingUniform(data, shape, { rng }),
  kaimingNormal: (data, shape) => init.kaimingNormal(data, shape, { rng }),
  orthogonal: (data, shape) => init.orthogonal(data, shape, { rng }),
  sparse: (data, shape) => init.sparse(data, shape, { sparsity: 0.5, rng }),
  eye: init.eye,
  dirac: (data, shape) => init.dirac(data, [...shape, 1]),
  gpt2Normal: (data) => init.gpt2Normal(data, { role: "hidden", nLayer: 2, rng }),
  zeroProjection: (data, shape) => init.zeroProjection(data, shape, { role: "hidden", rng }),
  mupNormal: (data, shape) => init.mupNormal(data, shape, { role: "hidden", baseShape: [1, 1], rng }),
  spectralNormal: (data, shape) => init.spectralNormal(data, shape, { rng }),
};
const shapeless = ["zeros", "ones", "constant", "uniform", "normal", "truncNormal", "gpt2Normal"];
const shaped = Object.keys(byName).filter((name) => !shapeless.includes(name));

test.each(Object.entries(byName))("%s refuses data of another type", (name, fill) => {
  expect(() => fill([1, 2, 3, 4, 5, 6] as never, [2, 3])).toThrow(
    new TypeError(`${name}: expected data to be a Float32Array, got Array`),
  );
  expect(() => fill(new Float64Array(6) as never, [2, 3])).toThrow(
    new TypeError(`${name}: expected data to be a Float32Array, got Float64Array`),
  );
  expect(() => fill(undefined as never, [2, 3])).toThrow(
    new TypeError(`${name}: expected data to be a Float32Array, got Undefined`),
  );
});

test.each(shaped)("%s refuses a shape with no elements", (name) => {
  expect(() => byName[name](new Float32Array(0), [0, 3])).toThrow(
    new RegExp(`^${name}: expected a shape of integers >= 1, got \\[0, 3`),
  );
});

test.each(shaped)("%s refuses data longer or shorter than its shape", (name) => {
  for (const length of [0, 5, 7]) {
    expect(() => byName[name](new Float32Array(length), [2, 3])).toThrow(
      new RegExp(`^${name}: expected data of 6 elements for shape \\[2, 3.*\\], got ${length}$`),
    );
  }
});

test.each(shapeless)("%s, which needs no shape, leaves an empty array empty", (name) => {
  expect(() => byName[name](new Float32Array(0), [])).not.toThrow();
});
