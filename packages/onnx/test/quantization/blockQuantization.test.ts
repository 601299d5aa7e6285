import { type BlockQuantizationOptions, dequantizeBlocks, quantizeBlocks } from "@llm-learning/onnx";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normals } from "./draws.ts";

const squaredError = (weight: Float32Array, other: Float32Array): number =>
  weight.reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0);

const errorOf = (weight: Float32Array, shape: readonly [number, number], options: BlockQuantizationOptions): number =>
  squaredError(weight, dequantizeBlocks(quantizeBlocks(weight, shape, options)));

/** The usual choice: the block's largest weight at the end of the grid (symmetric), or its range stretched over it. */
function stretched(block: Float32Array, bits: number, symmetric: boolean): Float32Array {
  const half = 2 ** (bits - 1);
  const top = 2 ** bits - 1;
  const largest = block.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  const [low, high] = [Math.min(0, ...block), Math.max(0, ...block)];
  const scale = Math.fround(symmetric ? largest / -half : (high - low) / top);
  const zeroPoint = symmetric ? half : Math.min(Math.round(-low / scale), top);
  return block.map((value) => {
    const level = Math.min(Math.max(Math.round(value / scale) + zeroPoint, 0), top);
    return (level - zeroPoint) * scale;
  });
}

/** The least squared error of any symmetric scale: it lies between two scales at which some weight changes its level. */
function leastError(block: Float32Array, bits: number): number {
  const half = 2 ** (bits - 1);
  const changes = [...block].flatMap((value) =>
    Array.from({ length: 2 * half }, (_, level) => value / (level - half + 0.5)).flatMap((s) => [s, -s]),
  );
  const sorted = changes.toSorted((a, b) => a - b);
  let least = Infinity;
  for (let i = 0; i + 1 < sorted.length; i++) {
    const between = (sorted[i] + sorted[i + 1]) / 2;
    if (between === 0) continue;
    const steps = block.map((value) => Math.min(Math.max(Math.round(value / between), -half), half - 1));
    const squares = steps.reduce((sum, step) => sum + step * step, 0);
    const scale = squares === 0 ? 0 : steps.reduce((sum, step, j) => sum + step * block[j], 0) / squares;
    least = Math.min(
      least,
      squaredError(
        block,
        steps.map((step) => step * scale),
      ),
    );
  }
  return least;
}

describe("the layout", () => {
  test("of 4 bits, worked by hand: two rows of 18, blocks of 16", () => {
    // Row 0 holds the multiples of 1/2 from -4 to 3.5: with scale 1/2 and zero point 8 these are the levels 0 to 15 without
    // error, so that bytes 0x10, 0x32, ... hold them, even index low. Its second block has 2 weights: with scale -1/8, 1 and
    // -1/2 are the levels 0 and 12, since weight 1 fits only where the grid has 8 steps; the filling is level 8.
    const first = Array.from({ length: 16 }, (_, i) => (i - 8) / 2);
    // Row 1: zeros have scale 0 and level 8 throughout.
    const weight = Float32Array.from([...first, 1, -0.5, ...new Array<number>(18).fill(0)]);
    const { data, scales, zeroPoints } = quantizeBlocks(weight, [2, 18], { bits: 4, blockSize: 16 });
    const hex = Array.from(data, (byte) => byte.toString(16).padStart(2, "0"));
    expect(hex.slice(0, 8)).toEqual(["10", "32", "54", "76", "98", "ba", "dc", "fe"]);
    expect(hex.slice(8, 16)).toEqual(["c0", "88", "88", "88", "88", "88", "88", "88"]);
    expect(hex.slice(16)).toEqual(new Array(16).fill("88"));
    expect([...scales]).toEqual([0.5, -0.125, 0, 0]);
    expect(zeroPoints).toBeUndefined();
  });

  test("of zero points, two in a byte, each row beginning with a byte of its own", () => {
    // Three blocks a row, each a staircase of all 16 levels that begins at -3, 0 or -15 steps of 1/4.
    const row = [3, 0, 15].flatMap((zero) => Array.from({ length: 16 }, (_, i) => (i - zero) / 4));
    const weight = Float32Array.from([...row, ...row]);
    const { data, scales, zeroPoints } = quantizeBlocks(weight, [2, 48], { bits: 4, blockSize: 16, symmetric: false });
    expect([...zeroPoints!]).toEqual([0x03, 0x0f, 0x03, 0x0f]);
    expect([...scales]).toEqual(new Array(6).fill(0.25));
    expect([...data.subarray(0, 8)]).toEqual([0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe]);
  });

  test("of 8 bits: a byte for each weight and each zero point", () => {
    const weight = Float32Array.from({ length: 256 }, (_, i) => (i - 128) / 64);
    const { data, scales } = quantizeBlocks(weight, [1, 256], { bits: 8, blockSize: 256 });
    expect([...data]).toEqual(Array.from({ length: 256 }, (_, i) => i));
    expect([...scales]).toEqual([1 / 64]);
    const shifted = quantizeBlocks(
      weight.map((value) => value + 1),
      [1, 256],
      { bits: 8, blockSize: 256, symmetric: false },
    );
    expect([...shifted.zeroPoints!]).toEqual([64]);
    expect([...shifted.data]).toEqual([...data]);
  });
});

describe("the search for a scale", () => {
  const settings = [4, 8].flatMap((bits) => [true, false].map((symmetric) => ({ bits: bits as 4 | 8, symmetric })));

  test.each(settings)("is never worse than stretching the grid over the block: %o", ({ bits, symmetric }) => {
    const weights = fc.float32Array({ minLength: 1, maxLength: 32, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(weights, (weight) => {
        const usual = squaredError(weight, stretched(weight, bits, symmetric));
        const found = errorOf(weight, [1, weight.length], { bits, symmetric });
        // Of two levels equally near, either may be taken; what they stand for is rounded to float32.
        expect(found).toBeLessThanOrEqual(Number.isNaN(usual) ? Infinity : usual * (1 + 1e-6));
      }),
    );
  });

  test("lowers the error of normal weights by a tenth at 4 bits", () => {
    const weight = normals(1, 64 * 32);
    const blocks = Array.from({ length: 64 }, (_, i) => weight.subarray(i * 32, (i + 1) * 32));
    const usual = blocks.reduce((sum, block) => sum + squaredError(block, stretched(block, 4, true)), 0);
    const found = errorOf(weight, [64, 32], { bits: 4 });
    expect(found).toBeLessThan(0.9 * usual);
  });

  test("comes within 2 % of the least error that any scale has", () => {
    const weight = normals(2, 32 * 32);
    const blocks = Array.from({ length: 32 }, (_, i) => weight.subarray(i * 32, (i + 1) * 32));
    const least = blocks.reduce((sum, block) => sum + leastError(block, 4), 0);
    const found = errorOf(weight, [32, 32], { bits: 4 });
    // The least error is in float64; that of float32 dequantization differs in the seventh digit.
    expect(found).toBeGreaterThan(0.999999 * least);
    expect(found).toBeLessThan(1.02 * least);
  });

  test("asymmetric is never worse than symmetric, and about four times better where all weights have one sign", () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true, noDefaultInfinity: true }), (weight) => {
        const shape = [1, weight.length] as const;
        const symmetric = errorOf(weight, shape, { bits: 4, blockSize: 16 });
        expect(errorOf(weight, shape, { bits: 4, blockSize: 16, symmetric: false })).toBeLessThanOrEqual(symmetric);
      }),
    );
    // Of 16 levels symmetric blocks use the 8 or 9 on one side: half the step is a quarter of the squared error.
    const positive = normals(3, 1024).map(Math.abs);
    const ratio = errorOf(positive, [32, 32], { symmetric: true }) / errorOf(positive, [32, 32], { symmetric: false });
    expect(ratio).toBeGreaterThan(3);
    expect(ratio).toBeLessThan(5);
  });

  test("bounds the error of every weight within the grid by half a step", () => {
    const weight = normals(4, 512);
    for (const bits of [4, 8] as const) {
      const quantized = quantizeBlocks(weight, [16, 32], { bits });
      const values = dequantizeBlocks(quantized);
      const inside = weight.filter((value, i) => {
        const scale = quantized.scales[Math.floor(i / 32)];
        const steps = value / scale;
        if (steps < -(2 ** (bits - 1)) - 0.5 || steps > 2 ** (bits - 1) - 0.5) return false;
        // The product of level and scale is rounded to float32.
        expect(Math.abs(value - values[i])).toBeLessThanOrEqual(Math.abs(scale) / 2 + 1e-6);
        return true;
      });
      expect(inside.length).toBeGreaterThan(480);
    }
  });

  test("gives back what lies on a grid, at the ends of float32 too", () => {
    for (const unit of [2 ** -140, 2 ** -20, 1, 2 ** 120]) {
      const weight = Float32Array.from({ length: 32 }, (_, i) => ((i % 16) - 8) * unit);
      expect(errorOf(weight, [1, 32], { bits: 4 })).toBe(0);
    }
  });

  test("finds scales that are halves where the file stores halves", () => {
    const { scales } = quantizeBlocks(normals(5, 1024), [32, 32], { scaleType: "float16" });
    const fraction = new Uint32Array(scales.buffer).map((bits) => bits & 0x1fff);
    expect(fraction.every((low) => low === 0)).toBe(true);
  });

  test("is the same each time", () => {
    const weight = normals(6, 700);
    const options = { bits: 4, symmetric: false } as const;
    expect(quantizeBlocks(weight, [7, 100], options)).toEqual(quantizeBlocks(weight, [7, 100], options));
  });
});

describe("quantizeBlocks refuses", () => {
  const weight = new Float32Array(32);

  test.each([Number.NaN, Infinity, -Infinity])("a weight of %d, and says where it is", (value) => {
    expect(() => quantizeBlocks(Float32Array.of(0, 0, 0, 0, value, 0), [2, 3])).toThrow(
      new RangeError(`quantizeBlocks: expected finite weights, got ${value} at [1, 1]: did the training diverge?`),
    );
  });

  test("shapes and options that are none", () => {
    expect(() => quantizeBlocks(weight, [2, 32])).toThrow("expected [2, 32] = 64 weights, got 32");
    expect(() => quantizeBlocks(weight, [0, 32])).toThrow("expected outFeatures and inFeatures to be integers > 0");
    expect(() => quantizeBlocks(weight, [1, 32], { bits: 3 as 4 })).toThrow("expected bits to be 4 or 8, got 3");
    expect(() => quantizeBlocks(weight, [1, 32], { blockSize: 24 })).toThrow(
      "quantizeBlocks: expected blockSize to be one of 16, 32, 64, 128, 256, got 24",
    );
    expect(() => quantizeBlocks(weight, [1, 32], { scaleType: "bfloat16" as "float16" })).toThrow(
      'expected scaleType to be "float32" or "float16", got bfloat16',
    );
    expect(() => quantizeBlocks(new Float64Array(32) as unknown as Float32Array, [1, 32])).toThrow(
      new TypeError("quantizeBlocks: expected weight to be a Float32Array, got Float64Array"),
    );
  });
});
