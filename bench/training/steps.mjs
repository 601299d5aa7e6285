// What the programs that train have in common: they answer requests of one JSON document a line (../inference/contestant.mjs).
//
//   {"do": "open", "folder", "threads"}     -> {"version"}
//   {"do": "train", "steps", "seconds"}     -> {"losses", "seconds"}: goes on from where it is; no step begins after `seconds`
//   {"do": "memory"}                        -> {"peak"}: largest resident memory so far, in MiB
//
// The folder has config.json (sizes and the optimizer's settings), model.safetensors, and batches.bin: int32 inputs, then targets, of
// one batch after the other.

/**
 * Takes steps and times them.
 *
 * @param {() => Promise<number> | number} take - Takes a step and gives its loss.
 */
export async function timeSteps({ steps, seconds = Infinity }, take) {
  const losses = [];
  const begin = performance.now();
  const elapsed = () => (performance.now() - begin) / 1000;
  do losses.push(await take());
  while (losses.length < steps && elapsed() < seconds);
  return { losses, seconds: elapsed() };
}

/** Largest resident memory of this process so far. */
export function peakMemory() {
  return { peak: process.resourceUsage().maxRSS / 1024 };
}
