/**
 * `llm-learning tokenizer`: the commands that train, use and look into tokenizers.
 */

import type { Command } from "commander";
import { registerDecode } from "./decode.ts";
import { registerEncode } from "./encode.ts";
import { registerInspect } from "./inspect.ts";
import { registerTrain } from "./train.ts";

export function registerTokenizer(program: Command): void {
  const group = program
    .command("tokenizer")
    .description("train tokenizers; encode, decode and inspect with those of any kind");
  registerTrain(group);
  registerEncode(group);
  registerDecode(group);
  registerInspect(group);
}
