import { expect, it } from "vitest";
import { tinyFolder } from "../tinyRun.ts";
import { importDamaged, openDamaged, resumeDamaged } from "./damagedDirectories.ts";

it("10,000 damaged directories are taken or refused in a line, and take no memory of note", async () => {
  const tiny = tinyFolder();
  const { maxRSS: before } = process.resourceUsage();
  for (const form of ["tied", "bare-f16", "llama", "qwen3-bf16", "arcee-f16"]) {
    expect((await importDamaged(form, tiny, 1000)).odd, form).toEqual([]);
  }
  expect((await openDamaged(tiny, 2500)).odd).toEqual([]);
  expect((await resumeDamaged(tiny, 2500)).odd).toEqual([]);
  // Kilobytes. No file has more than 250 kB, and some are wound up by 100,000 brackets; what the collector leaves lying adds to it.
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(500_000);
  tiny.remove();
});
