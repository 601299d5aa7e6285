/**
 * A model of bytes for tests of the routes: what it says is scripted.
 */

import { type AppContext, defaultSettings, type AppSettings, type ServedModel } from "@llm-learning/server";
import { ByteTokenizer } from "@llm-learning/tokenizers";
import { type Script, ScriptedEngine } from "./scriptedEngine.ts";

export interface ScriptedModel extends ServedModel {
  readonly engine: ScriptedEngine;
}

/** A model whose tokens are bytes, and whose conversations are lines `role: content`. */
export function scriptedModel(
  script: Script,
  { id = "scripted", ...sizes }: { id?: string; blockSize?: number; vocabSize?: number; embeddingSize?: number } = {},
): ScriptedModel {
  return {
    id,
    created: 1_700_000_000,
    engine: new ScriptedEngine(script, sizes),
    tokenizer: new ByteTokenizer(),
    beginId: undefined,
    stopIds: [],
    chatTemplate: {
      render: async (messages, addGenerationPrompt) => {
        const lines = messages.map(({ role, content }) => `${role}: ${content}\n`);
        return lines.join("") + (addGenerationPrompt ? "assistant:" : "");
      },
    },
    defaults: {},
  };
}

/** What routes are registered with, for these models. */
export function contextOf(models: readonly ServedModel[], settings: Partial<AppSettings> = {}): AppContext {
  return {
    models: new Map(models.map((model) => [model.id, model])),
    settings: { ...defaultSettings, ...settings },
    isReady: () => true,
  };
}
