/**
 * `llm-learning tokenizer encode`: a text as ids.
 */

import { type Command, Option } from "commander";
import { readInputText } from "../../tokenizer/inputText.ts";
import { openTokenizer } from "../../tokenizer/openTokenizer.ts";
import { type PlaceUnit, placeUnits } from "../../tokenizer/textTokenizer.ts";
import { writeJson, writeLines, writeOut } from "../../terminal/standardOutput.ts";
import { withUserInputSync } from "../../usageError.ts";
import { addTextFlags, addTokenizerFlags, type TextFlags, textOptions, type TokenizerFlags } from "./tokenizerFlags.ts";

interface EncodeFlags extends TokenizerFlags, TextFlags {
  readonly count?: boolean;
  readonly unit: PlaceUnit;
  readonly json?: boolean;
}

export function registerEncode(group: Command): void {
  const command = group
    .command("encode")
    .description("print the ids of a text, one a line")
    .argument("[text]", "the text (default: --file or standard input, to their last byte)");
  addTextFlags(addTokenizerFlags(command))
    .option("--count", "print the number of ids only")
    .option("--json", "print one JSON document: ids, tokens, and the part of the text that each stands for")
    .addOption(
      new Option("--unit <unit>", "what the document's offsets count").choices(placeUnits).default("codepoint"),
    )
    .action(runEncode);
}

async function runEncode(argument: string | undefined, flags: EncodeFlags): Promise<void> {
  const { tokenizer: source, pattern, file, count = false, unit, json = false } = flags;
  const tokenizer = await openTokenizer(source, pattern);
  const text = await readInputText({ text: argument, file });
  if (!json || count) {
    const ids = withUserInputSync(() => tokenizer.encode(text, textOptions(flags)));
    if (json) await writeJson({ tokenizer: source, count: ids.length, bytes: Buffer.byteLength(text) });
    else if (count) await writeOut(`${ids.length}\n`);
    else await writeLines(ids);
    return;
  }
  const { ids, starts, ends } = withUserInputSync(() => tokenizer.encodeWithPlaces(text, textOptions(flags), unit));
  await writeJson({
    tokenizer: source,
    count: ids.length,
    bytes: Buffer.byteLength(text),
    unit,
    ids,
    tokens: { length: ids.length, at: (index: number) => tokenizer.tokenOf(ids[index]) },
    offsets: { length: ids.length, at: (index: number) => [starts[index], ends[index]] },
  });
}
