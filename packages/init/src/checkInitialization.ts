/**
 * Looks at a network before its first step and says which layers start wrong, and what to change. It takes plain numbers
 * and knows no tensors: whoever trains measures one batch and hands the statistics over.
 *
 * The thresholds stand apart from what healthy networks show: Kaiming's tanh and relu stacks, GPT-2's start, PyTorch's
 * default Linear. Each says what it was measured on; the tests of this package measure it again.
 */

import { checkLayer } from "./checkLayer.ts";
import { expectedInitialLoss } from "./expectedInitialLoss.ts";
import { figure, type InitializationFinding } from "./initializationFinding.ts";
import { checkStatistics, type LayerStatistics } from "./layerStatistics.ts";

/** Options of {@link checkInitialization}: both or neither. */
export interface CheckInitializationOptions {
  /** Mean cross-entropy of the first batch before any step, in nats. May be NaN or infinite. */
  readonly initialLoss?: number | undefined;
  /** Number of classes that it chooses among, an integer >= 1. */
  readonly vocabSize?: number | undefined;
}

/** Standard deviation of logits: GPT-2 0.12 (width 32) to 0.8 (1600), a gain of 1 on unit inputs 1, the lectures' sick MLP 13. */
const LARGEST_LOGITS = 1.5;

/** Nats above ln V: logits of N(0, 1) cost about 1/2, the largest that the rule above lets pass 1.5^2 / 2, about 1. */
const LARGEST_EXCESS = 1;

/**
 * Share of ln V below which no fresh model can be. One whose output bias starts at the tokens' frequencies has the unigram
 * entropy: 0.86 of ln V for the letters of names, 0.80 for those of Shakespeare, about 0.7 for GPT-2's tokens.
 */
const SMALLEST_LOSS = 0.6;

/**
 * What is wrong with a network at step 0, layer by layer; nothing if it is healthy.
 *
 * Judged are the standard deviation of every layer, its growth from each layer to the next of its kind, the saturated share
 * of tanh and sigmoid, the dead share of relu, the size of the logits, and the first loss against `ln(vocabSize)`.
 *
 * @param layers - Statistics over one batch, in the order in which the network computes. Of layers behind the first one that
 *   is NaN or infinite nothing is said, and growth without end is reported where it first passes the limit.
 * @throws TypeError or RangeError if `layers` is not a list of statistics, or only one of `initialLoss` and `vocabSize` is there.
 *
 * @example
 * ```ts
 * const findings = checkInitialization([{ name: "output", kind: "logits", mean: 0, std: 9.2 }], {
 *   initialLoss: 27.3,
 *   vocabSize: 27,
 * });
 * describeFinding(findings[0]);
 * // output: standard deviation 9.2 and a first loss of 27.3, expected at most about 1 and ln 27 = 3.30: scale the output
 * // layer's weight by 0.01 and start its bias at 0
 * ```
 */
export function checkInitialization(
  layers: readonly LayerStatistics[],
  { initialLoss, vocabSize }: CheckInitializationOptions = {},
): InitializationFinding[] {
  checkStatistics("checkInitialization", layers);
  if ((initialLoss === undefined) !== (vocabSize === undefined)) {
    throw new TypeError("checkInitialization: expected initialLoss and vocabSize together, got only one of them");
  }
  const loss = initialLoss === undefined ? undefined : { value: initialLoss, vocabSize: vocabSize! };

  const findings: InitializationFinding[] = [];
  const seen = new Map<string, LayerStatistics[]>();
  for (const layer of layers) {
    if (!Number.isFinite(layer.mean) || !Number.isFinite(layer.std)) {
      return [...findings, notFinite(layer.name, `mean ${layer.mean}, standard deviation ${layer.std}`)];
    }
    const before = seen.get(layer.kind) ?? [];
    seen.set(layer.kind, [...before, layer]);
    const finding = layer.kind === "logits" ? checkLogits(layer, loss, findings) : checkLayer(layer, before);
    if (finding) findings.push(finding);
  }
  const logitsFound = findings.some(({ layer }) =>
    layers.some(({ name, kind }) => name === layer && kind === "logits"),
  );
  const finding = loss && checkLoss(loss, logitsFound);
  return finding ? [...findings, finding] : findings;
}

interface Loss {
  readonly value: number;
  readonly vocabSize: number;
}

function notFinite(layer: string, measured: string): InitializationFinding {
  const cure =
    "look for a division by zero, a logarithm of zero or an overflow in it; what was computed before it is finite";
  return { layer, problem: "not finite", measured, expected: "finite numbers", cure };
}

function checkLogits(
  { name, std }: LayerStatistics,
  loss: Loss | undefined,
  findings: readonly InitializationFinding[],
): InitializationFinding | undefined {
  if (std <= LARGEST_LOGITS) return undefined;
  const source = findings.find(({ problem }) => problem === "too large");
  const costly = loss !== undefined && loss.value > expectedInitialLoss(loss.vocabSize) + LARGEST_EXCESS;
  return {
    layer: name,
    problem: "too large",
    measured: `standard deviation ${figure(std)}${costly ? ` and a first loss of ${loss.value.toPrecision(3)}` : ""}`,
    expected: `at most about 1${costly ? ` and ${uniformLoss(loss.vocabSize)}` : ""}`,
    cure: source
      ? `change ${source.layer} first, from which it comes`
      : // To a standard deviation of 0.1, which costs 0.005 nats.
        `scale the output layer's weight by ${Number((0.1 / std).toPrecision(1))} and start its bias at 0`,
  };
}

/** What is wrong with the loss itself; a high one goes without saying where the logits have been found too large. */
function checkLoss({ value, vocabSize }: Loss, logitsFound: boolean): InitializationFinding | undefined {
  const uniform = expectedInitialLoss(vocabSize);
  const finding = { layer: "loss", measured: `first loss ${value.toPrecision(3)}`, expected: uniformLoss(vocabSize) };
  if (!Number.isFinite(value)) return notFinite("loss", `first loss ${value}`);
  if (value > uniform + LARGEST_EXCESS && !logitsFound) {
    const cure =
      "scale the output layer's weight by 0.01 and start its bias at 0; if its logits are small already, look at the targets";
    return { ...finding, problem: "loss too high", cure };
  }
  if (value < SMALLEST_LOSS * uniform) {
    const cure =
      "a fresh model cannot know this: look for targets among the inputs (a mask that is not causal, targets that are not " +
      "shifted), or for weights that are not fresh";
    return { ...finding, problem: "loss too low", cure };
  }
  return undefined;
}

function uniformLoss(vocabSize: number): string {
  return `ln ${vocabSize} = ${expectedInitialLoss(vocabSize).toPrecision(3)}`;
}
