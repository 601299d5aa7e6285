/**
 * Hands a run over to nanoGPT: its newest weights, what the optimizer remembers, its tokens and its settings, and two scripts, for there
 * and back again.
 *
 *     config.json            sizes, settings and the step, in nanoGPT's names; `import` reads it too
 *     tokenizer.json         as in every model directory
 *     model.safetensors      the weights, in nanoGPT's names
 *     optimizer.safetensors  AdamW's moments, where the run has them
 *     train.bin  val.bin     the tokens, 16 bits each
 *     meta.json              the characters, where they are the tokens
 *     load.py  save.py       put all this into a checkout of nanoGPT; make such a directory of its checkpoint
 */

import type { TokenSequence } from "@llm-learning/datasets";
import type { FileContent } from "@llm-learning/datasets/node";
import { GPT } from "@llm-learning/models";
import { safetensorsPieces, stateDict } from "@llm-learning/nn-core";
import { CharacterTokenizer } from "@llm-learning/tokenizers";
import { loadModel } from "../../model/loadModel.ts";
import { type OptimizerState, readCheckpoint } from "../../run/checkpoint.ts";
import type { Run } from "../../run/openRun.ts";
import { loadRunData } from "../../run/runData.ts";
import { openParts } from "../../training/tokenParts.ts";
import { UsageError } from "../../usageError.ts";
import { type DirectoryLayout, directoryOf, expectReplaceable } from "../modelDirectory.ts";
import type { HandedOff } from "../handOff.ts";
import { replaceDirectory, type ReplaceOptions } from "../replaceDirectory.ts";
import { expectNanoGpt, nanoGptConfig, nanoGptWarnings } from "./nanoGptConfig.ts";
import { nanoGptMoments, nanoGptNames, nanoGptWeights } from "./nanoGptTensors.ts";
import { loadScript, saveScript } from "./pythonScripts.ts";

const layout: DirectoryLayout = {
  files: new Set([
    "config.json",
    "tokenizer.json",
    "model.safetensors",
    "optimizer.safetensors",
    "train.bin",
    "val.bin",
    "meta.json",
    "load.py",
    "save.py",
  ]),
};

/**
 * Writes the directory, as one step, from the run's last checkpoint.
 *
 * @throws UsageError where the run has none, nanoGPT cannot express it, or its text has changed; RangeError where something else stands
 * at `outDir`.
 */
export async function exportNanoGpt(run: Run, out: string, options: ReplaceOptions = {}): Promise<HandedOff> {
  const outDir = directoryOf(out);
  const { config, tokenizer } = run;
  if (config.model !== "gpt") throw new UsageError(`expected a GPT for --format nanogpt, got model ${config.model}`);
  await expectReplaceable(outDir, layout);
  const { model, step, valLoss, optimizer, dataHash } = await loadModel(run, "last");
  if (!(model instanceof GPT)) throw new UsageError("expected a GPT for --format nanogpt, got another model");
  expectNanoGpt(model, config);
  const tokens = openParts(await loadRunData(run, dataHash));
  // The last evaluation may be newer than the last checkpoint.
  const bestValLoss = (await readCheckpoint(run.paths.best))?.state.best?.valLoss;
  const names = nanoGptNames(model.config);
  const weights = stateDict(model);
  const moments = momentsOf(optimizer, names);
  const origin = { step, ...(valLoss !== undefined && { validation_loss: valLoss }) };

  function* files(): Generator<[path: string, content: FileContent]> {
    yield ["config.json", json(nanoGptConfig(model as GPT, config, { step, bestValLoss, origin }))];
    yield ["tokenizer.json", json(tokenizer.toJSON())];
    yield ["model.safetensors", safetensorsPieces(nanoGptWeights(weights, names), { format: "pt" })];
    if (moments !== undefined) {
      yield ["optimizer.safetensors", safetensorsPieces(nanoGptMoments(weights, moments, names), { format: "pt" })];
    }
    yield ["train.bin", shards(tokens.train)];
    yield ["val.bin", shards(tokens.validation)];
    if (tokenizer instanceof CharacterTokenizer) {
      const characters = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id));
      yield ["meta.json", json({ vocab_size: tokenizer.vocabSize, characters })];
    }
    yield ["load.py", loadScript];
    yield ["save.py", saveScript];
  }
  const sizes = await replaceDirectory(outDir, files(), options).finally(tokens.close);
  const written = [...sizes].map(([path, bytes]) => ({ path, bytes }));
  return { outDir, files: written, warnings: nanoGptWarnings(model, config), step, validationLoss: valLoss };
}

/** What AdamW remembers of every weight; undefined after SGD, and where low-rank changes were trained in place of the weights. */
function momentsOf(
  { firstMoments, secondMoments }: Partial<OptimizerState> = {},
  names: ReturnType<typeof nanoGptNames>,
): Required<Pick<OptimizerState, "firstMoments" | "secondMoments">> | undefined {
  if (firstMoments === undefined || secondMoments === undefined) return undefined;
  return names.every(([ours]) => firstMoments.has(ours)) ? { firstMoments, secondMoments } : undefined;
}

/** As many tokens are in memory at a time. */
const PIECE = 1 << 20;

/** Tokens as nanoGPT reads them. */
function* shards(sequences: readonly TokenSequence[]): Generator<Uint8Array> {
  for (const tokens of sequences) {
    for (let begin = 0; begin < tokens.length; begin += PIECE) {
      const ids = Uint16Array.from(tokens.subarray(begin, Math.min(tokens.length, begin + PIECE)));
      yield new Uint8Array(ids.buffer);
    }
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
