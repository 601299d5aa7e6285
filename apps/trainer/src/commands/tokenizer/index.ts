/**
 * `llm-learning tokenizer`: the commands that train, use and look into tokenizers.
 */

import type { Command } from "commander";
import { registerDecode } from "./decode.ts";
import { registerEncode } from "./encode.ts";
import { registerInspect } from "./inspect.ts";

export function registerTokenizer(program: Command): void {
  const group = program.command("tokenizer").description("encode, decode and inspect with tokenizers of any kind");
  registerEncode(group);
  registerDecode(group);
  registerInspect(group);
}
