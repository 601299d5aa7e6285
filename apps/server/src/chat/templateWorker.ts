/**
 * The thread that renders chat templates: its memory is bounded, and whoever started it ends it where a template takes too long.
 */

import { parentPort, workerData } from "node:worker_threads";
import type { ChatTemplateSource } from "./chatTemplateSource.ts";
import { compileTemplate, type CompiledTemplate, type Conversation } from "./compiledTemplate.ts";

/** What the thread is asked. */
export interface RenderTask extends Conversation {
  /** Place of the template in the list that the thread was started with. */
  readonly template: number;
}

/** What it answers, in the order of the questions; first of all that it is ready. */
export type RenderAnswer = { readonly text: string } | { readonly error: string } | { readonly ready: true };

const port = parentPort!;
const compiled = new Map<number, CompiledTemplate>();

port.on("message", ({ template, ...conversation }: RenderTask) => {
  try {
    let render = compiled.get(template);
    if (render === undefined)
      compiled.set(template, (render = compileTemplate((workerData as ChatTemplateSource[])[template])));
    port.postMessage({ text: render(conversation) } satisfies RenderAnswer);
  } catch (error) {
    port.postMessage({ error: (error as Error).message } satisfies RenderAnswer);
  }
});
port.postMessage({ ready: true } satisfies RenderAnswer);
