import { readTokenShard, TokenShardWriter } from "@llm-learning/datasets/node";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporaryFolder.ts";

const fixture = (name: string): string => new URL(`../fixtures/${name}`, import.meta.url).pathname;

test("ids that come in pieces are the file that numpy's tofile writes, and its hash is told", async () => {
  const folder = await temporaryFolder();
  for (const [name, dtype] of [
    ["uint16.bin", "uint16"],
    ["uint32.bin", "uint32"],
  ] as const) {
    const ids = await readTokenShard(fixture(name), { dtype });
    const writer = await TokenShardWriter.create(join(folder, name), { dtype });
    await writer.write(ids.subarray(0, 2));
    await writer.write([]);
    await writer.write([...ids.subarray(2)]);
    expect(writer.tokens).toBe(5);
    const written = await writer.finish();
    const bytes = await readFile(join(folder, name));
    expect(bytes).toEqual(await readFile(fixture(name)));
    expect(written).toEqual({
      path: join(folder, name),
      tokens: 5,
      hash: createHash("sha256").update(bytes).digest("hex"),
    });
  }
});

test("a file longer than what is gathered is written in parts, and is there at the end only", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "train.bin");
  await writeFile(path, "old");
  const writer = await TokenShardWriter.create(path, { dtype: "uint16" });
  const ids = Uint16Array.from({ length: 1_300_000 }, (_, i) => i % 65_521);
  for (let begin = 0; begin < ids.length; begin += 130_000) await writer.write(ids.subarray(begin, begin + 130_000));
  expect(await readFile(path, "utf8")).toBe("old");
  await writer.finish();
  // Matchers would look at each of the ids.
  expect((await readFile(path)).equals(Buffer.from(ids.buffer))).toBe(true);
  expect(await readdir(folder)).toEqual(["train.bin"]);
});

test("a file that is given up, or has no ids, leaves nothing behind and the old one as it was", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "train.bin");
  await writeFile(path, "old");
  const given = await TokenShardWriter.create(path, { dtype: "uint16" });
  await given.write([1, 2, 3]);
  await expect(given.write([65_536])).rejects.toThrow(
    new RangeError("TokenShardWriter.write: expected ids below 65536 (uint16), got 65536"),
  );
  await given.abort();
  const empty = await TokenShardWriter.create(path, { dtype: "uint32" });
  await expect(empty.finish()).rejects.toThrow(
    new RangeError("TokenShardWriter.finish: expected at least one token, got none"),
  );
  expect(await readdir(folder)).toEqual(["train.bin"]);
  expect(await readFile(path, "utf8")).toBe("old");
});
