/**
 * A first text, before anybody waits for one: it brings weights into memory, and shows that the model can generate at all.
 */

import type { Engine } from "../engine/engine.ts";
import type { ModelDirectory } from "../model/modelDirectory.ts";

/** Tokens of the prompt, and of the answer, as far as the context has room. */
const LENGTH = 8;

/** @throws what the engine throws, and Error where no token came. */
export async function warmUp(
  engine: Engine,
  { beginId, stopIds }: Pick<ModelDirectory, "beginId" | "stopIds">,
): Promise<void> {
  const length = Math.max(1, Math.min(LENGTH, engine.blockSize >> 1));
  const prompt = Array.from({ length }, () => beginId ?? stopIds[0] ?? 0);
  const maxTokens = Math.min(LENGTH, engine.blockSize - length);
  const task = { requestId: "warm-up", client: "warm-up", prompt, maxTokens, choice: { temperature: 0 }, seed: 0 };
  let tokens = 0;
  for await (const event of engine.generate(task)) if (event.type === "end") tokens = event.completionTokens;
  if (tokens < maxTokens) throw new Error(`warmUp: expected ${maxTokens} tokens, got ${tokens}`);
}
