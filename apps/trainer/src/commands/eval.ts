/**
 * `llm-learning eval`: how well a run's best weights predict a text.
 */

import { type Command, Option } from "commander";
import { type Evaluation, evaluateRun, type EvaluationSplit, evaluationSplits } from "../evaluation/evaluateRun.ts";
import { parseQuantizations, quantizations } from "../export/quantizedForms.ts";
import { formatBytes, formatCount } from "../terminal/format.ts";
import { WorkProgress } from "../terminal/workProgress.ts";
import { withUserInputSync } from "../usageError.ts";
import { untilStopped } from "./untilStopped.ts";

interface EvalFlags {
  readonly run: string;
  readonly data?: string;
  readonly split?: EvaluationSplit;
  readonly quantize?: string;
  readonly json?: boolean;
}

export function registerEval(program: Command): void {
  program
    .command("eval")
    .description("measure the loss of a run's best checkpoint over a whole text")
    .requiredOption("--run <dir>", "run directory")
    .option(
      "--data <path>",
      "another text: a file, a folder, of token shards too, or the name of bundled data (default: the run's)",
    )
    .addOption(
      new Option("--split <part>", "part of the text or of the lines (default: val, or all of other data)").choices(
        evaluationSplits,
      ),
    )
    .option("--quantize <list>", `also with the weights in fewer bits, of ${quantizations.join(",")}`)
    .option("--json", "print one JSON document on standard output")
    .action(runEval);
}

async function runEval({ run, data, split, quantize: list, json = false }: EvalFlags): Promise<void> {
  const quantize = list === undefined ? [] : withUserInputSync(() => parseQuantizations(list));
  const progress = new WorkProgress(process.stderr);
  const onProgress = (tokens: number, of: number): void => progress.update(tokens, of, "tokens");
  const evaluation = await untilStopped(
    (signal) => evaluateRun(run, { data, split, quantize, signal, onProgress }).finally(() => progress.stop()),
    "eval: stopped",
  );
  if (evaluation === undefined) return;
  process.stdout.write(json ? `${JSON.stringify({ run, ...evaluation }, null, 2)}\n` : describe(evaluation));
}

function describe(evaluation: Evaluation): string {
  const { data, split, step, loss, perplexity, bitsPerByte, tokens, bytes, seconds } = evaluation;
  const part = { val: "validation part of ", train: "training part of ", test: "test part of ", all: "" }[split];
  return [
    `${part}${data}, weights of step ${formatCount(step)}`,
    `  loss           ${loss.toFixed(4)} nats per token`,
    `  perplexity     ${perplexity.toFixed(3)}`,
    `  bits per byte  ${bitsPerByte.toFixed(4)}`,
    `  tokens         ${formatCount(tokens)} (${formatCount(bytes)} bytes), ${formatCount(tokens / seconds)} tokens/s`,
    ...describeForms(evaluation),
    "",
  ].join("\n");
}

function describeForms({ perplexity, weightBytes, quantized }: Evaluation): string[] {
  if (quantized === undefined) return [];
  const line = (form: string, value: number, change: string, bytes: number): string =>
    `  ${form.padEnd(15)}${value.toFixed(3).padEnd(12)}${change.padEnd(12)}${formatBytes(bytes)}`;
  return [
    "",
    "  weights        perplexity  change      size",
    line("as trained", perplexity, "", weightBytes),
    ...quantized.map((one) => line(one.form, one.perplexity, percent(one.change), one.weightBytes)),
  ];
}

function percent(change: number): string {
  return `${change < 0 ? "" : "+"}${(100 * change).toFixed(2)} %`;
}
