// What bench/training/compare.mjs found about a model, as text.

import { median } from "../tokenizers/interleaved.mjs";

/** A program that takes more of a core than this while others have their turn is named. */
const QUIET = 0.02;

/** @param result - As in the JSON document. */
export function reportModel({ model, title, parameters, tokensPerStep, gflop, rates, programs, failed }) {
  const [ours, ...others] = programs;
  const lines = [
    `\n${model}: ${title}; ${(parameters / 1e6).toFixed(parameters < 1e6 ? 3 : 1)} million parameters, ${tokensPerStep} predictions a step`,
    ...programs.map((program) => `  ${row(program, tokensPerStep)}`),
    ...others.map((other) => `  ours against ${other.name}: ${ratio(ours, other)}`),
    `  ${products(ours, gflop, rates)}`,
    ...programs.map((program) => `  ${remark(program)}`),
    ...failed.map(({ name, reason }) => `  ${name}: could not (${reason})`),
  ];
  return lines.join("\n");
}

function row({ name, version, threads, msPerStep, processorMsPerStep, peakMiB, stepsPerBlock }, tokensPerStep) {
  const digits = msPerStep < 10 ? 3 : 1;
  const processor = processorMsPerStep > 0 ? ` (${processorMsPerStep.toFixed(digits)} of processor time)` : "";
  const rate = Math.round((tokensPerStep / msPerStep) * 1000).toLocaleString("en");
  return (
    `${name.padEnd(14)} ${msPerStep.toFixed(digits).padStart(8)} ms per step${processor}, ` +
    `${rate.padStart(8)} tokens/s, peak ${peakMiB.toFixed(0).padStart(5)} MiB, ` +
    `threads ${threads}, ${stepsPerBlock} steps a block; ${version}`
  );
}

/** Below this, in GFLOP, a step is made of what surrounds the products. */
const FEW = 0.1;

function products(ours, gflop, rates) {
  const count = `matrix products: ${gflop.toPrecision(3)} GFLOP a step`;
  if (gflop < FEW) return `${count}, too few to be held against a rate`;
  const rate = (gflop / ours.msPerStep) * 1000;
  return (
    `${count}; ours ${rate.toFixed(0)} GFLOP/s, optimizer included: ${percent(rate / rates.square)} of the ` +
    `${rates.square.toFixed(0)} of 1024^3 alone, ${percent(rate / rates.own)} of the ${rates.own.toFixed(0)} of its own products alone`
  );
}

/** Of each block and the median of these: what a busy machine does falls on both alike. */
function ratio(ours, other) {
  if (other.blocks.length < ours.blocks.length)
    return `${(other.msPerStep / ours.msPerStep).toFixed(0)}x, of one block`;
  const ratios = other.blocks.map((time, block) => time / ours.blocks[block]);
  return `${median(ratios).toFixed(2)}x (blocks ${ratios.map((value) => value.toFixed(2)).join(" ")}; above 1 is faster)`;
}

function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}

function remark({ name, checkedSteps, firstLoss, lastLoss, largestDifference, idleShare }) {
  const losses = `losses of ${checkedSteps} steps from ${firstLoss.toFixed(4)} to ${lastLoss.toFixed(4)}`;
  const equal = name === "ours" ? losses : `${losses}, from ours by ${largestDifference.toExponential(0)} at most`;
  const busy = idleShare > QUIET ? `; while others had their turn it took ${percent(idleShare)} of a core` : "";
  return `${name}: ${equal}${busy}`;
}
