/**
 * The rules of {@link checkInitialization} for one layer: saturation, dead units, growth and decay, each with its threshold
 * and its cure.
 */

import { calculateGain } from "./calculateGain.ts";
import { figure, type InitializationFinding, percent } from "./initializationFinding.ts";
import type { LayerStatistics } from "./layerStatistics.ts";
import { normalQuantile } from "./normalQuantile.ts";

/**
 * Share of saturated units. Unit inputs at Kaiming's gain of 5/3 for tanh saturate 21 % of the first layer and 6 % of later
 * ones, a gain of 2 does 30 %, the lectures' sick MLP 70 %.
 */
const MOST_SATURATED = 0.3;

/**
 * Share of dead rectifiers. The deeper a plain stack, the more alike its examples become, until chance switches half of the
 * units off for all of them: a batch of 32 finds 12 % in the fifth layer of a healthy Kaiming stack, 47 % in the fifteenth.
 * A bias of -1 kills 82 % of the third layer, one of -2 all of the second.
 */
const MOST_DEAD = 0.65;

/**
 * Gain of one layer, from its input's root mean square to its own before the non-linearity. The largest healthy gain is
 * tanh's 5/3; weights from N(0, 1) have sqrt(fanIn), 5.5 for 30 inputs.
 */
const LARGEST_GAIN = 3;

/**
 * Standard deviation of any layer, and of the residual stream. A healthy relu stack keeps 0.8; GPT-2's stream ends at 0.29
 * for 12 blocks of 768 and at 0.68 for 48 of 1600.
 */
const LARGEST_STD = 10;

/** Standard deviation of a non-linearity. GPT-2's start at a width of 32 has 0.06, PyTorch's default settles above 0.011. */
const SMALLEST_STD = 0.01;

/**
 * What the standard deviation may shrink to, relative to the first layer of the same kind (halved four times), as long as it
 * still shrinks by nearly half per layer. A gain of 1/2 for tanh gets there in the fifth layer. PyTorch's default Linear
 * shrinks as fast before relu, but its biases stop it: at widths up to 1024 it has slowed to 0.6 where it comes this far. (The
 * fifth plain relu layer of 2048 units is a finding, then, and rightly so: little else but the biases is left in it.)
 */
const SMALLEST_RATIO = 1 / 16;
const SHRINKING = 0.55;

/** What is wrong with one layer, given those of its kind before it; undefined for kinds that have no rule. */
export function checkLayer(
  layer: LayerStatistics,
  before: readonly LayerStatistics[],
): InitializationFinding | undefined {
  const { name, kind, mean, std, saturated = 0, dead = 0 } = layer;
  const nonlinear = kind === "tanh" || kind === "sigmoid" || kind === "relu" || kind === "gelu";
  if (!nonlinear && kind !== "linear" && kind !== "residual") return undefined;

  if (kind === "relu" && dead > MOST_DEAD) {
    const measured = `${percent(dead)} of the units are 0 for every example`;
    const cure = "start its bias at 0 (a little above, should that not do) and center its inputs";
    return { layer: name, problem: "dead", measured, expected: `at most ${percent(MOST_DEAD)}`, cure };
  }
  if ((kind === "tanh" || kind === "sigmoid") && saturated > MOST_SATURATED) {
    const offCentre = Math.abs(mean - (kind === "sigmoid" ? 0.5 : 0)) > std;
    return {
      layer: name,
      problem: "saturated",
      measured: `${percent(saturated)} of the outputs saturated${offCentre ? ` around a mean of ${figure(mean)}` : ""}`,
      expected: `at most ${percent(MOST_SATURATED)}`,
      cure: offCentre
        ? "start its bias at 0 and center its inputs"
        : smallerWeight(layer, gainOf(layer, before.at(-1))),
    };
  }
  // Branches and logits may well start at zero; a non-linearity or a stream that is constant has units that stay alike.
  if (std === 0 && kind !== "linear") {
    const cure = "draw the weights before it at random: units that start alike have the same gradient and stay alike";
    return { layer: name, problem: "constant", measured: "standard deviation 0", expected: "above 0", cure };
  }
  const gain = gainOf(layer, before.at(-1));
  if ((kind === "relu" || kind === "gelu") && gain > LARGEST_GAIN) {
    const measured = `standard deviation ${figure(std)}, a gain of about ${figure(gain)}`;
    const expected = `a gain of at most about ${figure(Math.SQRT2)}`;
    return { layer: name, problem: "too large", measured, expected, cure: smallerWeight(layer, gain) };
  }
  const wasLarge = before.some((earlier) => earlier.std > LARGEST_STD);
  if (std > LARGEST_STD && !wasLarge) {
    const growth = growthPerLayer([...before, layer]);
    return {
      layer: name,
      problem: "too large",
      measured: `standard deviation ${figure(std)}${afterLayers(kind, before.length + 1, growth)}`,
      expected: `about 1, and at most ${LARGEST_STD}`,
      cure:
        kind === "residual"
          ? "divide the last weight of every branch by sqrt(2 nLayer) (gpt2Normal), start it at 0 (zeroProjection), or normalize"
          : before.length === 0
            ? smallerWeight(layer, gain)
            : `divide the weights of these layers by ${figure(growth)} (${kaiming(kind)} keeps the size), or normalize`,
    };
  }
  const shrinking = before.length > 0 && std < SHRINKING * before.at(-1)!.std;
  const smallest = shrinking ? Math.max(SMALLEST_STD, SMALLEST_RATIO * before[0].std) : SMALLEST_STD;
  const wasSmall = before.some((earlier) => earlier.std < smallest);
  if (nonlinear && std < smallest && !wasSmall) {
    const growth = growthPerLayer([...before, layer]);
    return {
      layer: name,
      problem: "too small",
      measured: `standard deviation ${figure(std)}${afterLayers(kind, before.length + 1, growth)}`,
      expected: `at least ${figure(smallest)}`,
      cure:
        before.length > 0
          ? `multiply the weights of these layers by ${figure(1 / growth)} (${kaiming(kind)} keeps the size), or normalize`
          : `enlarge its weight (${kaiming(kind)}) or its inputs`,
    };
  }
  return undefined;
}

/**
 * The layer's gain as its output shows it, for inputs as large as the last layer of its kind gives, or 1 for the first.
 * Half of a normal distribution's mean square is above 0, so a rectifier's input has sqrt(2) times its output's; a tanh tells
 * by the share beyond 0.97, which is 2 (1 - Phi(artanh 0.97 / std)).
 */
function gainOf(layer: LayerStatistics, previous: LayerStatistics | undefined): number {
  const input = previous ? rootMeanSquare(previous) : 1;
  return input > 0 ? standardDeviationBefore(layer) / input : 0;
}

function standardDeviationBefore(layer: LayerStatistics): number {
  const { kind, std, saturated = 0 } = layer;
  if (kind === "relu" || kind === "gelu") return Math.SQRT2 * rootMeanSquare(layer);
  if (kind !== "tanh" && kind !== "sigmoid") return std;
  // Without saturated units there is no telling, and it is small; when all are, it is beyond telling.
  if (saturated === 0) return 0;
  return ((kind === "tanh" ? 1 : 2) * Math.atanh(0.97)) / normalQuantile(1 - Math.min(saturated, 0.999) / 2);
}

function rootMeanSquare({ mean, std }: LayerStatistics): number {
  return Math.hypot(mean, std);
}

/** The mean factor from one layer to the next. */
function growthPerLayer(layers: readonly LayerStatistics[]): number {
  return layers.length < 2 ? layers[0].std : (layers.at(-1)!.std / layers[0].std) ** (1 / (layers.length - 1));
}

function afterLayers(kind: string, count: number, growth: number): string {
  return count < 2 ? "" : ` after ${count} ${kind} layers, each with ${figure(growth)} times that of the one before`;
}

function smallerWeight({ kind, fanIn }: LayerStatistics, gain: number): string {
  const target = calculateGain(kind === "tanh" || kind === "relu" ? kind : kind === "gelu" ? "relu" : "linear");
  const scale = `multiply its weight by ${figure(target / gain)}`;
  if (fanIn === undefined) return `${scale}, or draw it by ${kaiming(kind)}`;
  return (
    `${scale}; ${kaiming(kind)} gives it a standard deviation of ${figure(target / Math.sqrt(fanIn))} for its ${fanIn} ` +
    `inputs, where it seems to have ${figure(gain / Math.sqrt(fanIn))}`
  );
}

function kaiming(kind: string): string {
  const nonlinearity = kind === "gelu" ? "relu" : kind;
  return `kaimingNormal with nonlinearity "${nonlinearity}"`;
}
