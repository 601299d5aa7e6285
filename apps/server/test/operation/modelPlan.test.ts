import { cp, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { planServing } from "../../src/operation/modelPlan.ts";
import { type Settings, settingsDefaults } from "../../src/settings/settingsTable.ts";
import { UsageError } from "../../src/usageError.ts";
import { tinyModel } from "../tinyModel.ts";

const plan = (models: string[], settings: Partial<Settings> = {}) =>
  planServing({ ...settingsDefaults, models, ...settings });

describe("what is to be served", () => {
  test("is called by directories, by runs, or as the operator says", async () => {
    const path = await tinyModel();
    const run = join(dirname(path), "whale");
    await cp(path, join(run, "model"), { recursive: true });
    const { models } = await plan([path, join(run, "model"), `org/name:1=${path}`]);
    expect(models.map(({ id, directory }) => [id, directory.path])).toEqual([
      ["tiny", path],
      ["whale", join(run, "model")],
      ["org/name:1", path],
    ]);
    const odd = join(dirname(path), "a=b");
    await rename(path, odd);
    await expect(plan([odd])).rejects.toThrow(
      'expected a name of letters, digits and . _ : / @ -, got "a=b"; name it as NAME=DIR',
    );
    await expect(plan([`odd=${odd}`])).resolves.toMatchObject({ models: [{ id: "odd" }] });
    await expect(plan([`odd=${odd}`, `odd=${odd}`])).rejects.toThrow(
      "expected models of different names, got two of odd; name one as NAME=DIR",
    );
  });

  test("fits the memory: fewer slots, less for prefixes, or an error that says what would do", async () => {
    // 1.3 MB of weights, and 2.56 MB for a slot.
    const path = await tinyModel({ blockSize: 20_000 });
    const [ample, scarce] = [await plan([path], { memory: 1024 }), await plan([path], { memory: 10 })];
    expect(ample.models[0]).toMatchObject({ slots: 16, prefixBytes: 256 << 20 });
    expect(scarce.models[0].slots).toBe(3);
    expect(scarce.models[0].prefixBytes).toBeLessThan(2.56e6);
    expect(scarce.bytes).toBeLessThanOrEqual(10 << 20);
    const error: unknown = await plan([path], { memory: 1 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toBe(
      "expected models that take at most 1 MiB, got 4 MiB (tiny: 2 MiB of weights and 3 MiB for a slot); serve fewer models, " +
        "a file in fewer bits, or a shorter context, or raise --memory",
    );
  });
});
