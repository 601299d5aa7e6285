/**
 * Tells that requests are taken: on a terminal in a few lines for a person, else in a line of the log.
 */

import type { FastifyBaseLogger } from "fastify";
import type { Settings } from "../settings/settingsTable.ts";
import { defaultThreads } from "../settings/settingsTable.ts";
import { shownBytes } from "./memoryPlan.ts";
import type { ServingPlan } from "./modelPlan.ts";

export function announce({
  settings,
  plan: { models, bytes },
  log,
  url,
}: {
  readonly settings: Settings;
  readonly plan: ServingPlan;
  readonly log: FastifyBaseLogger;
  readonly url: string;
}): void {
  const { workers } = settings;
  const threads = settings.threads ?? defaultThreads({ workers });
  const memory = shownBytes(bytes);
  if (!process.stdout.isTTY) {
    log.info({ url, models: models.map(({ id }) => id), workers, threads, memory }, "ready");
    return;
  }
  const [{ id }] = models;
  const lines = [
    `llm-serve  ${url}${settings.playground ? "  (open it in a browser to try the model)" : ""}`,
    ...models.map(({ id: name, directory, slots }) => {
      return `  model    ${name}: ${directory.weights}, ${slots} texts at a time, from ${directory.path}`;
    }),
    `  process  ${workers === 1 ? "one" : `${workers} workers`}, ${threads} ${threads === 1 ? "thread" : "threads"}, ` +
      `at most ${memory} of weights and caches${workers === 1 ? "" : " each"}`,
    `  try      curl ${url}/v1/completions -H 'content-type: application/json' -d '{"model": ${JSON.stringify(id)}, "prompt": "The"}'`,
    "  stop     Ctrl-C: running requests finish first",
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
