import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";
import { importDamaged, openDamaged, resumeDamaged } from "./damagedDirectories.ts";

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

describe("10,000 damaged directories are taken or refused in a line:", () => {
  const { maxRSS: before } = process.resourceUsage();

  it.each(["tied", "bare-f16", "llama", "qwen3-bf16", "arcee-f16"])("1,000 imports of %s", async (form) => {
    expect((await importDamaged(form, tiny, 1000)).odd).toEqual([]);
  });

  it("2,500 model directories", async () => {
    expect((await openDamaged(tiny, 2500)).odd).toEqual([]);
  });

  it("2,500 runs", async () => {
    expect((await resumeDamaged(tiny, 2500)).odd).toEqual([]);
  });

  it("and take no memory of note", () => {
    // Kilobytes. No file has more than 400 kB; what the collector leaves lying adds to it.
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(500_000);
  });
});
