/**
 * The form: the text, where it may come from, and the numbers beside it.
 */

import type { Backend, TrainingSettings } from "../training/trainingSettings.ts";
import { someMobyDick } from "./book.ts";
import { element } from "./elements.ts";

const text = element("text", HTMLTextAreaElement);
const backend = element("backend", HTMLSelectElement);

/** What the form says. */
export function readSettings(): { settings: TrainingSettings; backend: Backend } {
  const number = (id: keyof TrainingSettings): number => element(id, HTMLInputElement).valueAsNumber;
  const settings = {
    text: text.value,
    seed: number("seed"),
    steps: number("steps"),
    nLayer: number("nLayer"),
    nHead: number("nHead"),
    nEmbd: number("nEmbd"),
    blockSize: number("blockSize"),
    batchSize: number("batchSize"),
    learningRate: number("learningRate"),
  };
  return { settings, backend: backend.value as Backend };
}

/** Makes the buttons beside the text work, and says which backends there are. */
export function openForm(onProblem: (message: string) => void): void {
  const take = (content: string): void => {
    text.value = content;
    describe();
  };
  element("book", HTMLButtonElement).addEventListener("click", () => {
    someMobyDick().then(take, (error) => onProblem(String(error)));
  });
  const file = element("file", HTMLInputElement);
  file.addEventListener("change", () => {
    file.files?.[0]?.text().then(take, (error) => onProblem(String(error)));
  });
  text.addEventListener("input", describe);
  describe();
  if ("gpu" in navigator) return;
  backend.querySelector<HTMLOptionElement>("[value=webgpu]")!.disabled = true;
  element("backend-hint", HTMLElement).textContent = "no WebGPU here";
}

function describe(): void {
  const kinds = new Set(text.value).size;
  const length = text.value.length.toLocaleString("en");
  element("text-facts", HTMLElement).textContent =
    kinds === 0 ? "No text yet" : `${length} characters of ${kinds} kinds; the last tenth is held out`;
}
