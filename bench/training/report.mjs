// What bench/training/compare.mjs found about a model, as text.

import { median } from "../tokenizers/interleaved.mjs";

/** A program that takes more of a core than this while others have their turn is named. */
const QUIET = 0.02;

/** @param result - As in the JSON document. */
export function reportModel({ model, title, parameters, tokensPerStep, gflop, rates, programs }) {
  const [ours, ...others] = programs;
  const lines = [
    `\n${model}: ${title}; ${(parameters / 1e6).toFixed(parameters < 1e6 ? 3 : 1)} million parameters, ${tokensPerStep} predictions a step`,
    ...programs.map((program) => `  ${row(program, tokensPerStep)}`),
    ...others.map((other) => `  ours against ${other.name}: ${ratio(ours, other)}`),
    `  matrix products: ${gflop.toPrecision(3)} GFLOP a step; ours ${rateOf(ours, gflop).toFixed(0)} GFLOP/s, optimizer included: ` +
      `${percent(rateOf(ours, gflop) / rates.square)} of the ${rates.square.toFixed(0)} of 1024^3 alone, ` +
      `${percent(rateOf(ours, gflop) / rates.own)} of the ${rates.own.toFixed(0)} of the model's own products alone`,
    ...programs.flatMap((program) => remarks(program)),
  ];
  return lines.join("\n");
}

function row({ name, version, threads, msPerStep, peakMiB, stepsPerBlock }, tokensPerStep) {
  const ms = msPerStep < 10 ? msPerStep.toFixed(3) : msPerStep.toFixed(1);
  const rate = Math.round((tokensPerStep / msPerStep) * 1000).toLocaleString("en");
  return (
    `${name.padEnd(14)} ${ms.padStart(8)} ms per step, ${rate.padStart(8)} tokens/s, peak ${peakMiB.toFixed(0).padStart(5)} MiB, ` +
    `threads ${threads}, ${stepsPerBlock} steps a block; ${version}`
  );
}

/** Of each block and the median of these: what a busy machine does falls on both alike. */
function ratio(ours, other) {
  if (other.blocks.length < ours.blocks.length)
    return `${(other.msPerStep / ours.msPerStep).toFixed(0)}x, of one block`;
  const ratios = other.blocks.map((time, block) => time / ours.blocks[block]);
  return `${median(ratios).toFixed(2)}x (blocks ${ratios.map((value) => value.toFixed(2)).join(" ")}; above 1 is faster)`;
}

function rateOf({ msPerStep }, gflop) {
  return (gflop / msPerStep) * 1000;
}

function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}

function remarks({ name, checkedSteps, firstLoss, lastLoss, largestDifference, idleShare }) {
  const losses = `losses of ${checkedSteps} steps from ${firstLoss.toFixed(4)} to ${lastLoss.toFixed(4)}`;
  const equal = name === "ours" ? losses : `${losses}, from ours by ${largestDifference.toExponential(0)} at most`;
  const busy = idleShare > QUIET ? `; while others had their turn it took ${percent(idleShare)} of a core` : "";
  return [`  ${name}: ${equal}${busy}`];
}
