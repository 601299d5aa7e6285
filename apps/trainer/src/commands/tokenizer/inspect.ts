/**
 * `llm-learning tokenizer inspect`: the pieces of a text, drawn, or a vocabulary.
 */

import type { Command } from "commander";
import picocolors from "picocolors";
import { readInputText } from "../../tokenizer/inputText.ts";
import { openTokenizer } from "../../tokenizer/openTokenizer.ts";
import { textFacts } from "../../tokenizer/textFacts.ts";
import type { PlacedTokens, TextTokenizer } from "../../tokenizer/textTokenizer.ts";
import { visibleBytes, visibleText } from "../../tokenizer/visibleText.ts";
import { vocabularyFacts } from "../../tokenizer/vocabularyFacts.ts";
import type { DrawnPiece } from "../../terminal/pieceDrawing.ts";
import { formatCount } from "../../terminal/format.ts";
import { writeJson, writeOut } from "../../terminal/standardOutput.ts";
import { withUserInputSync } from "../../usageError.ts";
import { integerOption } from "../numberOption.ts";
import { addTextFlags, addTokenizerFlags, type TextFlags, textOptions, type TokenizerFlags } from "./tokenizerFlags.ts";

interface InspectFlags extends TokenizerFlags, TextFlags {
  readonly list: number;
  readonly pieces: number;
  readonly json?: boolean;
}

/** Columns where there is no terminal to ask. */
const COLUMNS = 80;

export function registerInspect(group: Command): void {
  const command = group
    .command("inspect")
    .description("draw the pieces of a text with their ids; without a text, look through the vocabulary")
    .argument("[text]", "the text");
  addTextFlags(addTokenizerFlags(command))
    .option("--pieces <n>", "most pieces to draw", integerOption("--pieces", 0), 1000)
    .option("--list <n>", "most tokens in each list", integerOption("--list", 0, 100_000), 10)
    .option("--json", "print one JSON document on standard output")
    .action(runInspect);
}

async function runInspect(argument: string | undefined, flags: InspectFlags): Promise<void> {
  const { tokenizer: source, pattern, file, list, json = false } = flags;
  const tokenizer = await openTokenizer(source, pattern);
  // Only now: measuring the width of text takes longer to load than the other commands to run.
  const { describeVocabularyFacts } = await import("../../terminal/describeTokens.ts");
  if (argument !== undefined || file !== undefined) {
    await inspectText(tokenizer, await readInputText({ text: argument, file }), flags);
    return;
  }
  const facts = vocabularyFacts(tokenizer, list);
  if (json) await writeJson({ tokenizer: source, ...facts });
  else await writeOut(describeVocabularyFacts(source, facts));
}

async function inspectText(tokenizer: TextTokenizer, text: string, flags: InspectFlags): Promise<void> {
  const { tokenizer: source, list, pieces: most, json = false } = flags;
  const placed = withUserInputSync(() => tokenizer.encodeWithPlaces(text, textOptions(flags), "utf16"));
  const facts = textFacts(tokenizer, text, placed.ids, list);
  const pieces = drawnPieces(tokenizer, text, placed, most);
  if (json) {
    await writeJson({
      tokenizer: source,
      ...facts,
      pieces: pieces.map(({ id, text: shown }) => ({ id, text: shown })),
    });
    return;
  }
  const { describeTextFacts } = await import("../../terminal/describeTokens.ts");
  const { drawPieces } = await import("../../terminal/pieceDrawing.ts");
  await writeOut(drawPieces(pieces, { columns: process.stdout.columns ?? COLUMNS, hasColors: hasColors() }));
  const left = placed.ids.length - pieces.length;
  if (left > 0) await writeOut(`and ${formatCount(left)} more\n`);
  await writeOut(`\n${describeTextFacts(source, tokenizer, facts)}`);
}

/** The first pieces: each as its bytes say, or where it is not known as the text does. */
function drawnPieces(
  tokenizer: TextTokenizer,
  text: string,
  { ids, starts, ends }: PlacedTokens,
  most: number,
): DrawnPiece[] {
  const special = new Set(tokenizer.specialTokens.values());
  return Array.from(ids.subarray(0, most), (id, index) => {
    const part = text.slice(starts[index], ends[index]);
    const bytes = tokenizer.bytesOf(id);
    const shown = special.has(id) || bytes === undefined ? visibleText(part) : visibleBytes(bytes);
    return { id, text: shown, endsLine: part.includes("\n") };
  });
}

/** On a terminal that has them, and elsewhere where FORCE_COLOR asks for them. */
function hasColors(): boolean {
  return picocolors.isColorSupported && (process.stdout.isTTY || (process.env.FORCE_COLOR ?? "") !== "");
}
