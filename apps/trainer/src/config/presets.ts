/**
 * Named configurations: the quick start, and the runs whose results Karpathy published.
 *
 * A preset leaves out what follows from its other keys (see resolveConfig.ts). All train on bundled data unless `--data` says
 * otherwise; the published figures are of tiny Shakespeare by characters, and of the lectures' list of names.
 */

import { lecturePresets, nanoGPTPresets, quickstartPresets } from "./gptPresets.ts";
import { ladderPresets } from "./ladderPresets.ts";
import { llamaPresets } from "./llamaPresets.ts";
import { namePresets } from "./namePresets.ts";
import type { Preset } from "./presetForm.ts";
import { tunedPresets } from "./tunedPresets.ts";

export type { Preset } from "./presetForm.ts";

/** The presets by name, in the order in which they are listed. */
export const presets = {
  ...quickstartPresets,
  ...nanoGPTPresets,
  ...tunedPresets,
  ...llamaPresets,
  ...ladderPresets,
  ...lecturePresets,
  ...namePresets,
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

export const presetNames: readonly PresetName[] = Object.keys(presets) as PresetName[];

/** Headings of the listing, and the presets below each. */
export const presetGroups: Readonly<Record<string, readonly PresetName[]>> = {
  "The first minutes": namesOf(quickstartPresets),
  "nanoGPT, on a text": namesOf(nanoGPTPresets),
  "The best in a time, on a text": namesOf(tunedPresets),
  "Llama and Qwen3, on a text": namesOf(llamaPresets),
  "Let's build GPT, on a text": [...namesOf(ladderPresets), ...namesOf(lecturePresets)],
  "makemore, on names": namesOf(namePresets),
};

function namesOf<Name extends PresetName>(group: Readonly<Record<Name, Preset>>): Name[] {
  return Object.keys(group) as Name[];
}
