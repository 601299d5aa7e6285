import { Rng } from "@llm-learning/init";
import { expect, test } from "vitest";

// rand_xoshiro 0.6, src/xoshiro128plusplus.rs, test `reference`: output of the C reference for state 1, 2, 3, 4.
const REFERENCE = [
  641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
];

test("draws are those of the xoshiro128++ reference", () => {
  const rng = Rng.fromState({ algorithm: "xoshiro128++", key: [0, 0], words: [1, 2, 3, 4] });
  expect(REFERENCE.map(() => rng.nextUint32())).toEqual(REFERENCE);
});
