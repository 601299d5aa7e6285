import { describe, expect, test } from "vitest";
import { expectedModels, loadModel } from "./models.ts";

const withLattices = Object.entries(expectedModels).flatMap(([name, { lattice }]) =>
  lattice === undefined ? [] : [{ name, lattice }],
);

describe.each(withLattices)("the model $name", ({ name, lattice }) => {
  const processor = loadModel(name);

  test("has the 12 best segmentations of C++ SentencePiece, equally good ones in its order", () => {
    for (const { text, nbest } of lattice) {
      const ours = processor.nbestEncode(text, 12);
      expect(
        ours.map(({ ids, score }) => ({ ids: [...ids], score })),
        JSON.stringify(text),
      ).toEqual(nbest);
    }
  });

  test("has the entropies of C++ SentencePiece", () => {
    for (const { text, entropy } of lattice) {
      for (const [alpha, expected] of Object.entries(entropy)) {
        // Sums of float32: one unit in the last place where the platforms' exp differ.
        expect(Math.abs(processor.calculateEntropy(text, Number(alpha)) - expected)).toBeLessThanOrEqual(
          1e-6 * Math.max(1, expected),
        );
      }
    }
  });
});
