import { Rng } from "@llm-learning/init";
import { GPT, MLP } from "@llm-learning/models";
import { referenceEngine, compile, trace } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import { inspectModel } from "../../src/report/inspectModel.ts";

const tokens = Uint16Array.from({ length: 60 }, (_, i) => (7 * i + (i % 3)) % 11);
const text = { validation: [tokens.subarray(20)], boundary: undefined };

function tinyGpt(): GPT {
  return new GPT({ vocabSize: 11, blockSize: 8, nLayer: 2, nHead: 2, nEmbd: 8 }, { rng: new Rng(3) });
}

describe("inspectModel", () => {
  it("gives the loss of every token but the first, from half a context at least", async () => {
    const model = tinyGpt();
    const { tokens: read, losses } = await inspectModel(model, text, referenceEngine());
    expect([...read]).toEqual([...tokens.subarray(20)]);
    expect(losses[0]).toBeNaN();
    expect(losses).toHaveLength(40);
    expect([...losses.subarray(1)].every((loss) => loss > 0)).toBe(true);
    // Token 15 of the passage by hand: windows of 8 begin at 0, 4, 8, ...; the first that predicts it begins at 8.
    const spec = { inputs: { shape: [1, 8], dtype: "int32" }, targets: { shape: [1, 8], dtype: "int32" } } as const;
    const program = await compile(
      referenceEngine(),
      trace(spec, ({ inputs, targets }) => ({ loss: model.loss(inputs, targets) })),
    );
    const targets = new Int32Array(8).fill(-1);
    targets[6] = tokens[20 + 15];
    const { loss } = await program.run({ inputs: Int32Array.from(tokens.subarray(28, 36)), targets });
    // Means and sums of float32 differ in the last place.
    expect(losses[15]).toBeCloseTo(Number(loss.data[0]), 5);
  });

  it("gives the attention of each head, rows that add up to 1 and see nothing that comes later", async () => {
    const { attention, attentionTokens } = await inspectModel(tinyGpt(), text, referenceEngine());
    expect([...attentionTokens]).toEqual([...tokens.subarray(20, 28)]);
    expect(attention.map(({ heads }) => heads.length)).toEqual([2, 2]);
    for (const { heads } of attention) {
      for (const rows of heads) {
        for (const [t, row] of rows.entries()) {
          // Eight float32 numbers.
          expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
          expect([...row.subarray(t + 1)].every((share) => share === 0)).toBe(true);
        }
      }
    }
  });

  it("finds the token embedding", async () => {
    const model = tinyGpt();
    const { embedding } = await inspectModel(model, text, referenceEngine());
    expect(embedding?.name).toBe("tokenEmbedding.weight");
    expect(embedding?.rows.map((row) => [...row]).flat()).toEqual([...model.tokenEmbedding.weight.data]);
  });

  it("reads documents one by one, with a model of the last token", async () => {
    const model = new MLP({ vocabSize: 11, blockSize: 3, nEmbd: 4, nHidden: 6 }, { rng: new Rng(4) });
    const parts = { validation: [Uint16Array.from([3, 0, 4, 5, 6, 0, 7, 0])], boundary: 0 };
    const { tokens: read, losses, attention } = await inspectModel(model, parts, referenceEngine());
    expect([...read]).toEqual([3, 0, 4, 5, 6, 0, 7, 0]);
    expect([...losses].every((loss) => loss > 0)).toBe(true);
    expect(attention).toEqual([]);
    // A document is read from its own beginning: what stands before it changes nothing.
    const others = { ...parts, validation: [Uint16Array.from([9, 0, 4, 5, 6, 0, 7, 0])] };
    const again = await inspectModel(model, others, referenceEngine());
    expect([...again.losses.subarray(2)]).toEqual([...losses.subarray(2)]);
  });
});
