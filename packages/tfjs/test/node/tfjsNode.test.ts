/**
 * Every op on TensorFlow's own kernels against the reference engine in double precision, where `@tensorflow/tfjs-node` is set up; and what
 * is said where it is not.
 */

import { compile, graphOf, iota, type OpName } from "@llm-learning/nn-core";
import { type Case, cases } from "@llm-learning/testing-engines/cases";
import {
  differencesFromReference,
  drawCase,
  gradientGraph,
  graphOfCase,
} from "@llm-learning/testing-engines/engineCases";
import { loadTfjsNode, tfjsNodeEngine } from "@llm-learning/tfjs/node";
import { describe, expect, it } from "vitest";

const engine = tfjsNodeEngine();
const tf = await loadTfjsNode().catch((error: Error) => error);
if (tf instanceof Error) console.log(`tfjsNode: nothing is compared with TensorFlow: ${tf.message}`);

describe.skipIf(tf instanceof Error)("on tfjs-node", () => {
  describe.each(Object.entries(cases) as [OpName, readonly Case[]][])("%s", (_, list) => {
    it.each(list)("equals the reference, forward and gradient: $name", async (one) => {
      const before = countOf(tf);
      const { sizes, feeds } = drawCase(one, 1);
      expect(await differencesFromReference(engine, graphOfCase(one, sizes), feeds)).toEqual([]);
      const gradients = gradientGraph(one, sizes, 1);
      if (gradients !== undefined) expect(await differencesFromReference(engine, gradients, feeds)).toEqual([]);
      expect(countOf(tf) - before).toBe(0);
    });
  });
});

it.runIf(tf instanceof Error)("says what to do where tfjs-node is not there", async () => {
  await expect(compile(engine, graphOf({ y: iota(2) }))).rejects.toThrow(
    /^loadTfjsNode: expected .*@tensorflow\/tfjs-node/,
  );
});

function countOf(namespace: typeof tf): number {
  return namespace instanceof Error ? 0 : namespace.memory().numTensors;
}
