/**
 * Writes the report of a run: one HTML page, and each of its figures as an SVG file.
 */

import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { makeDirectory, writeFileAtomic } from "@llm-learning/datasets/node";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { replaceDirectory } from "../export/replaceDirectory.ts";
import { loadModel } from "../model/loadModel.ts";
import { modelParameterCount } from "../model/modelSize.ts";
import { drawFigure, type DrawnFigure, type Figure } from "../page/figure.ts";
import { html } from "../page/html.ts";
import { batchTitle } from "../config/batchTitle.ts";
import { openRun, type Run } from "../run/openRun.ts";
import { readCheckpoint } from "../run/checkpoint.ts";
import { loadRunData } from "../run/runData.ts";
import { joinedTokens } from "../training/joinedTokens.ts";
import { dataTitle } from "../training/sourceData.ts";
import { openParts, type OpenParts } from "../training/tokenParts.ts";
import { UsageError } from "../usageError.ts";
import { configSection } from "./configSection.ts";
import { dataSection } from "./dataSection.ts";
import { inspectModel } from "./inspectModel.ts";
import { insideSection } from "./insideSection.ts";
import { learningSection } from "./learningSection.ts";
import { modelSection } from "./modelSection.ts";
import { runFacts } from "./reportFacts.ts";
import { type DrawnSection, type ReportHead, reportPage } from "./reportPage.ts";
import { RunHistory } from "./runHistory.ts";
import { progressSection, sampleSection } from "./sampleSection.ts";
import type { Section } from "./section.ts";
import { type ReportWarning, warningSection, warningsOf } from "./warnings.ts";

export interface WriteReportOptions {
  /** The page; its figures go to a folder beside it, `NAME-figures`. @defaultValue `report/index.html` in the run, figures beside it */
  readonly out?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what is being done. */
  readonly onProgress?: ((what: string) => void) | undefined;
}

export interface WrittenReport {
  /** The page. */
  readonly path: string;
  /** The SVG files. */
  readonly figures: readonly string[];
  /** What is wrong with the run, as far as its history tells. */
  readonly warnings: readonly ReportWarning[];
  /** What the report could not show, and why. */
  readonly notes: readonly string[];
}

/** Width of a plot in the column of the page, and of the SVG files. */
const PLOT_WIDTH = 760;

/**
 * Writes a report of the run at `root`: files appear complete or not at all.
 *
 * @throws UsageError where the run is missing or damaged, or the report cannot be written.
 */
export async function writeReport(root: string, options: WriteReportOptions = {}): Promise<WrittenReport> {
  const run = await openRun(root);
  const history = await RunHistory.read(run.paths);
  const warnings = warningsOf(history, run.tokenizer.vocabSize);
  const notes: string[] = [];
  const sections = [
    warningSection(history, warnings),
    ...(await sectionsOf(run, history, { options, warnings, notes })),
  ];
  const drawn = sections.map(drawSection);
  const svgs = new Map<string, string>();
  for (const { figures, folded } of drawn) {
    for (const { name, wide } of [...figures, ...(folded?.figures ?? [])]) {
      if (wide !== undefined) svgs.set(`${name}.svg`, wide);
    }
  }
  const page = reportPage(headOf(run, history), drawn);
  return { ...(await writeFiles(run, options.out, page, svgs)), warnings, notes };
}

function drawSection({ figures = [], folded, ...section }: Section): DrawnSection {
  const draw = (list: readonly Figure[]): DrawnFigure[] => list.map((figure) => drawFigure(figure, PLOT_WIDTH));
  return {
    ...section,
    figures: draw(figures),
    folded: folded && { summary: folded.summary, figures: draw(folded.figures) },
  };
}

interface SectionContext {
  readonly options: WriteReportOptions;
  readonly warnings: readonly ReportWarning[];
  readonly notes: string[];
}

async function sectionsOf(
  run: Run,
  history: RunHistory,
  { options: { signal, onProgress }, warnings, notes }: SectionContext,
): Promise<Section[]> {
  onProgress?.("reading the text");
  const checkpoint = await readCheckpoint(run.paths.best);
  if (checkpoint === undefined) {
    notes.push("Nothing of the model is shown: the run has no checkpoint of its best weights yet.");
  }
  const data = await dataOf(run, checkpoint?.state.dataHash, notes);
  try {
    signal?.throwIfAborted();
    onProgress?.("looking into the model");
    const model = data && checkpoint && (await modelOf(run, data));
    signal?.throwIfAborted();
    onProgress?.("letting the model write");
    const samples = await samplesOf(run, notes, signal);
    const sections = [
      learningSection(history, run.config, warnings),
      insideSection(history),
      model,
      samples,
      progressSection(history),
      data && dataSection(joinedTokens(data.train), run.tokenizer, data.boundary),
      configSection(run.config),
    ].filter((section) => section !== undefined);
    return notes.length === 0 ? sections : [...sections, missing(notes)];
  } finally {
    data?.close();
  }
}

/** The text, where it is still there and still the same; a report without it is a report. */
async function dataOf(run: Run, dataHash: string | undefined, notes: string[]): Promise<OpenParts | undefined> {
  return orNote(notes, "Nothing of the text, and of the model on it, is shown", async () =>
    openParts(await loadRunData(run, dataHash)),
  );
}

async function samplesOf(run: Run, notes: string[], signal?: AbortSignal): Promise<Section | undefined> {
  return orNote(notes, "No samples are shown", () => sampleSection(run, signal));
}

/** What `work` gives; undefined and a note where something of the user's that it needs is missing or damaged. */
async function orNote<T>(notes: string[], what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    notes.push(`${what}: ${error.message}.`);
    return undefined;
  }
}

async function modelOf(run: Run, data: OpenParts): Promise<Section | undefined> {
  const { model, step } = await loadModel(run, "best");
  const engine = onnxruntimeEngine({ threads: availableParallelism() });
  const insight = await inspectModel(model, data, engine);
  return modelSection(insight, run.tokenizer, step);
}

function missing(notes: readonly string[]): Section {
  return {
    id: "missing",
    title: "What is missing",
    rest: html`<ul>
      ${notes.map((note) => html`<li>${note}</li>`)}
    </ul>`,
  };
}

function headOf(run: Run, history: RunHistory): ReportHead {
  const { config, tokenizer, paths } = run;
  const parameterCount = modelParameterCount(config, tokenizer.vocabSize);
  return {
    title: basename(resolve(paths.root)),
    description:
      `Preset ${config.preset} on ${dataTitle(config.data)}, ${config.maxSteps} steps of ` +
      `${batchTitle(config)}, seed ${config.seed}.`,
    facts: runFacts({ history, config, vocabSize: tokenizer.vocabSize, parameterCount }),
  };
}

async function writeFiles(
  run: Run,
  out: string | undefined,
  page: string,
  svgs: ReadonlyMap<string, string>,
): Promise<{ path: string; figures: string[] }> {
  try {
    if (out === undefined) {
      const folder = run.paths.report;
      await replaceDirectory(folder, new Map([["index.html", page], ...svgs]));
      return { path: join(folder, "index.html"), figures: [...svgs.keys()].map((name) => join(folder, name)) };
    }
    const folder = join(dirname(out), `${basename(out).replace(/\.html?$/i, "")}-figures`);
    await makeDirectory(folder);
    for (const [name, svg] of svgs) await writeFileAtomic(join(folder, name), svg);
    await writeFileAtomic(out, page);
    return { path: out, figures: [...svgs.keys()].map((name) => join(folder, name)) };
  } catch (error) {
    const { code } = (error as { cause?: NodeJS.ErrnoException }).cause ?? (error as NodeJS.ErrnoException);
    throw new UsageError(
      `expected a place that can be written to, got ${JSON.stringify(out ?? run.paths.report)} (${code ?? (error as Error).message})`,
      { cause: error },
    );
  }
}
