// `npm start`: from a fresh clone to a small GPT that trains. Arguments after `--` are handed to the trainer:
// `npm start -- --data book.txt --seed 7`.
import { pathToFileURL } from "node:url";
import { trainerCli } from "./paths.mjs";
import { buildTrainer, checkNode, setUp } from "./setup.mjs";
import { StepFailure } from "./steps.mjs";

checkNode();
try {
  await setUp();
  await buildTrainer();
} catch (error) {
  if (!(error instanceof StepFailure)) throw error;
  process.exit(1);
}

// A stopped npm ends the shell between us and leaves us behind: then stop as Ctrl-C would, instead of training on unseen.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  process.kill(process.pid, "SIGINT");
}, 1000).unref();

// In this process instead of a child: Ctrl-C reaches the trainer as it would without npm, and its exit status is ours.
process.argv = [process.execPath, trainerCli, "train", "--preset", "quickstart", ...process.argv.slice(2)];
await import(pathToFileURL(trainerCli).href);
