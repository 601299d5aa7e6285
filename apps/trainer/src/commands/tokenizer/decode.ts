/**
 * `llm-learning tokenizer decode`: ids as text, while they come.
 */

import type { Command } from "commander";
import { IdReader } from "../../tokenizer/idReader.ts";
import { expectPipedInput } from "../../tokenizer/inputText.ts";
import { openTokenizer } from "../../tokenizer/openTokenizer.ts";
import { writeJson, writeOut } from "../../terminal/standardOutput.ts";
import { withUserInputSync } from "../../usageError.ts";
import { addTokenizerFlags, type TokenizerFlags } from "./tokenizerFlags.ts";

interface DecodeFlags extends TokenizerFlags {
  readonly skipSpecialTokens?: boolean;
  readonly json?: boolean;
}

export function registerDecode(group: Command): void {
  const command = group
    .command("decode")
    .description("print the text of ids")
    .argument("[ids...]", "the ids (default: standard input: numbers with spaces, lines or commas between them)");
  addTokenizerFlags(command)
    .option("--skip-special-tokens", "leave special tokens out of the text")
    .option("--json", "print one JSON document on standard output")
    .action(runDecode);
}

async function runDecode(given: readonly string[], flags: DecodeFlags): Promise<void> {
  const { tokenizer: source, pattern, skipSpecialTokens = false, json = false } = flags;
  const tokenizer = await openTokenizer(source, pattern);
  if (given.length === 0) expectPipedInput("ids");
  const reader = new IdReader(tokenizer.vocabSize);
  const stream = tokenizer.decodeStream({ skipSpecialTokens });
  const parts: string[] = [];
  let count = 0;
  let last = "\n";
  const decode = async (ids: readonly number[], isLast = false): Promise<void> => {
    const text = withUserInputSync(() => ids.map((id) => stream.push(id)).join("") + (isLast ? stream.end() : ""));
    count += ids.length;
    if (text === "") return;
    last = text.slice(-1);
    if (json) parts.push(text);
    else await writeOut(text);
  };
  if (given.length > 0) {
    await decode([...reader.push(given.join(" ")), ...reader.end()], true);
  } else {
    process.stdin.setEncoding("utf8");
    for await (const part of process.stdin as AsyncIterable<string>) await decode(reader.push(part));
    await decode(reader.end(), true);
  }
  if (json) await writeJson({ tokenizer: source, count, text: parts.join("") });
  // Elsewhere the text is written as it is, so that nothing is added to a file.
  else if (process.stdout.isTTY && last !== "\n") await writeOut("\n");
}
