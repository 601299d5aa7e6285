/**
 * The fields that say how a text is written. An empty field is the model's own default, which it shows.
 */

import type { PlaygroundModel, Sampling } from "../protocol.ts";
import { byId } from "./element.ts";
import { stopStrings } from "./stopStrings.ts";

/** What the fields say. */
export interface Settings {
  readonly sampling: Sampling;
  readonly maxTokens: number;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly scorePrompt: boolean;
}

const samplingFields: readonly (keyof Sampling)[] = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "repetition_penalty",
  "frequency_penalty",
  "presence_penalty",
];

const DEFAULT_MAX_TOKENS = 200;

/** What OpenAI's API does where nothing is said. */
const neutral: Required<Sampling> = {
  temperature: 1,
  top_p: 1,
  top_k: 0,
  min_p: 0,
  repetition_penalty: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
};

/** Shows a model's defaults in the empty fields. */
export function showDefaults({ defaults, blockSize }: PlaygroundModel): void {
  for (const name of samplingFields) field(name).placeholder = String(defaults[name] ?? neutral[name]);
  const most = field("max_tokens");
  most.max = String(blockSize);
  most.placeholder = String(Math.min(DEFAULT_MAX_TOKENS, blockSize));
}

/** Reads the fields; an empty seed is drawn. */
export function readSettings({ blockSize }: PlaygroundModel): Settings {
  const given = samplingFields.flatMap((name) => {
    const value = numberOf(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    sampling: Object.fromEntries(given) as Sampling,
    maxTokens: numberOf("max_tokens") ?? Math.min(DEFAULT_MAX_TOKENS, blockSize),
    seed: numberOf("seed") ?? crypto.getRandomValues(new Uint32Array(1))[0],
    stop: stopStrings(byId("stop_strings", HTMLTextAreaElement).value),
    scorePrompt: field("score_prompt").checked,
  };
}

/** Opens the fields of the sampler, if they are not, and has the first wrong one speak. */
export function showFields(): void {
  const box = byId("sampling", HTMLDetailsElement);
  if (box.open) return;
  box.open = true;
  requestAnimationFrame(() => byId("ask", HTMLFormElement).reportValidity());
}

function numberOf(name: string): number | undefined {
  const { value, valueAsNumber } = field(name);
  return value === "" || Number.isNaN(valueAsNumber) ? undefined : valueAsNumber;
}

function field(name: string): HTMLInputElement {
  return byId(name, HTMLInputElement);
}
