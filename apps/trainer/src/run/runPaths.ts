/**
 * Where the files of a run directory are.
 */

import { join } from "node:path";

export interface RunPaths {
  readonly root: string;
  readonly config: string;
  readonly tokenizer: string;
  /** What an imported model came with besides weights and a tokenizer. */
  readonly conventions: string;
  /** A line of JSON for each logged step. */
  readonly metrics: string;
  /** What an n-gram model of the same tokens achieves. */
  readonly baseline: string;
  /** A line of JSON for each watched step. */
  readonly diagnostics: string;
  /** A line of JSON for each step at which samples were taken. */
  readonly samples: string;
  readonly checkpoints: string;
  /** The checkpoint that `--resume` continues from. */
  readonly last: string;
  /** The weights of the lowest validation loss. */
  readonly best: string;
  /** The exported model directory. */
  readonly model: string;
  readonly report: string;
  /** There while a process trains. */
  readonly lock: string;
}

export function runPaths(root: string): RunPaths {
  const checkpoints = join(root, "checkpoints");
  return {
    root,
    config: join(root, "config.json"),
    tokenizer: join(root, "tokenizer.json"),
    conventions: join(root, "conventions.json"),
    metrics: join(root, "metrics.jsonl"),
    baseline: join(root, "baseline.json"),
    diagnostics: join(root, "diagnostics.jsonl"),
    samples: join(root, "samples.jsonl"),
    checkpoints,
    last: join(checkpoints, "last.safetensors"),
    best: join(checkpoints, "best.safetensors"),
    model: join(root, "model"),
    report: join(root, "report"),
    lock: join(root, ".lock"),
  };
}
