/**
 * What the `tokenizer` commands have in common.
 */

import { type Command, Option } from "commander";
import { patternNames } from "../../tokenizer/tokenizerModels.ts";
import type { TextOptions } from "../../tokenizer/textTokenizer.ts";

export interface TokenizerFlags {
  readonly tokenizer: string;
  readonly pattern?: string;
}

/** Adds what names the tokenizer. */
export function addTokenizerFlags(command: Command): Command {
  return command
    .requiredOption(
      "--tokenizer <name|file>",
      "an encoding (cl100k_base), a model's name (gpt-4o), a tokenizer.json, .tiktoken or .model file, or a run",
    )
    .option(
      "--pattern <name|regex>",
      `how a .tiktoken file cuts text, which is not in the file: as ${patternNames.join(", ")}, or by a regular expression`,
    );
}

export interface TextFlags {
  readonly file?: string;
  readonly special: TextOptions["specialTokens"];
  readonly addSpecialTokens?: boolean;
}

/** What the flags say of the text. */
export function textOptions({ special, addSpecialTokens = false }: TextFlags): TextOptions {
  return { specialTokens: special, addsSpecialTokens: addSpecialTokens };
}

/** Adds what says where the text is and how it is meant. */
export function addTextFlags(command: Command): Command {
  return command
    .option("--file <path>", "read the text from a file; - is standard input")
    .addOption(
      new Option("--special <meaning>", "what the spelling of a special token in the text means")
        .choices(["match", "text", "error"])
        .default("match"),
    )
    .option("--add-special-tokens", "put the tokens around the text that a tokenizer.json of others says");
}
