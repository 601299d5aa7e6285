import { afterAll, beforeAll, expect, it } from "vitest";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";
import { importDamaged, openDamaged, resumeDamaged } from "./damagedDirectories.ts";

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

it("damaged models are imported or refused in a line, and leave no half of a run", async () => {
  const { taken, odd } = await importDamaged("qwen3-bf16", tiny, 30);
  expect(odd).toEqual([]);
  expect(taken).toBeGreaterThan(1);
});

it("damaged model directories are opened and run, or refused in a line", async () => {
  const { taken, odd } = await openDamaged(tiny, 20);
  expect(odd).toEqual([]);
  expect(taken).toBeGreaterThan(1);
});

it("damaged runs are resumed, or refused in a line", async () => {
  const { taken, odd } = await resumeDamaged(tiny, 80);
  expect(odd).toEqual([]);
  expect(taken).toBeGreaterThan(1);
});
