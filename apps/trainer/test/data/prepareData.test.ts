import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { TokenArray } from "@llm-learning/datasets";
import { readTokenShard } from "@llm-learning/datasets/node";
import { ByteTokenizer, tokenizerFromJSON } from "@llm-learning/tokenizers";
import {
  evaluateRun,
  openRun,
  planTraining,
  prepareData,
  type PrepareDataOptions,
  type PrepareProgress,
  train,
  UsageError,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Pieces } from "../../src/data/pieces.ts";
import { isBuilt, runCli } from "../builtCli.ts";
import { tinyBpe, tinyConfig, type TinyFolder, tinyFolder, tinyText, tinyWordPiece } from "../tinyRun.ts";

let tiny: TinyFolder;
let bpe: string;
beforeAll(() => {
  tiny = tinyFolder();
  bpe = tiny.path("bpe.json");
  writeFileSync(bpe, JSON.stringify(tinyBpe().toJSON()));
});
afterAll(() => tiny.remove());

async function prepare(name: string, options: Omit<PrepareDataOptions, "out">): ReturnType<typeof prepareData> {
  return prepareData({ ...options, out: tiny.path(name) });
}

async function idsOf(name: string, file: string): Promise<TokenArray> {
  return readTokenShard(tiny.path(name, file), { dtype: "uint16" });
}

async function refusal(options: Partial<PrepareDataOptions>): Promise<string> {
  const before = readdirSync(tiny.folder).toSorted();
  const defaults = { inputs: [tiny.data], tokenizer: bpe, out: tiny.path("refused") };
  const error: unknown = await prepareData({ ...defaults, ...options }).then(
    () => "nothing",
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  expect(readdirSync(tiny.folder).toSorted()).toEqual(before);
  return (error as Error).message.replaceAll(`${tiny.folder}/`, "");
}

describe("a text", () => {
  // nanoGPT's data/shakespeare_char/prepare.py, by hand: chars = sorted(set(data)), ids are places in it; the first int(n * 0.9) characters
  // are train.bin and the rest val.bin, each np.array(ids, dtype=np.uint16).tofile.
  it("by characters is the files that nanoGPT's prepare.py writes, byte for byte", async () => {
    const text = "hé 漢🙂 hello there\n";
    writeFileSync(tiny.path("char.txt"), text);
    await prepare("char", { inputs: [tiny.path("char.txt")], tokenizer: "char" });
    const characters = ["\n", " ", "e", "h", "l", "o", "r", "t", "é", "漢", "🙂"];
    const ids = [...text].map((character) => characters.indexOf(character));
    const bytes = (part: readonly number[]): Buffer => Buffer.from(part.flatMap((id) => [id & 255, id >> 8]));
    expect(ids).toHaveLength(18);
    expect(readFileSync(tiny.path("char", "train.bin"))).toEqual(bytes(ids.slice(0, 16)));
    expect(readFileSync(tiny.path("char", "val.bin"))).toEqual(bytes(ids.slice(16)));
    expect(readdirSync(tiny.path("char")).toSorted()).toEqual(["index.json", "tokenizer.json", "train.bin", "val.bin"]);
  });

  it("has the tokens that training on it has, of a folder of texts too", async () => {
    mkdirSync(tiny.path("texts", "more"), { recursive: true });
    writeFileSync(tiny.path("texts", "a.txt"), `${tinyText}\r\n\n`);
    writeFileSync(tiny.path("texts", "b.md"), "");
    writeFileSync(tiny.path("texts", "more", "c.txt"), `\n${tinyText}\n`);
    mkdirSync(tiny.path("ends"));
    for (const [name, text] of Object.entries({ a: "\n", b: `${tinyText}\n`, c: "\n\n\n", d: tinyText, e: "\n" })) {
      writeFileSync(tiny.path("ends", `${name}.txt`), text);
    }
    for (const [name, data] of [
      ["one", tiny.data],
      ["folder", tiny.path("texts")],
      ["line ends", tiny.path("ends")],
    ] as const) {
      const { index } = await prepare(name, { inputs: [data], tokenizer: "byte", validationFraction: 0.2 });
      const config = { ...tinyConfig(data), tokenizer: "byte", validationFraction: 0.2 };
      const { data: expected } = await planTraining({ config, out: tiny.path("new") });
      expect(await idsOf(name, "train.bin")).toEqual(expected.sources[0].train);
      expect(await idsOf(name, "val.bin")).toEqual(expected.sources[0].validation);
      const { train: first, validation } = index.splits;
      expect([first.tokens, validation.tokens]).toEqual([expected.trainTokens, expected.validationTokens]);
      expect(first.bytes + validation.bytes).toBe(expected.bytes);
    }
  });

  it("with a token that ends texts has it between them, and none in one alone", async () => {
    const ids = (text: string): number[] => [...tinyBpe().encode(text)];
    const end = tinyBpe().specialTokens.get("<|endoftext|>") as number;
    await prepare("ended", { inputs: [tiny.path("texts")], tokenizer: bpe, validationFraction: 0.01 });
    const cut = Math.floor(0.99 * (2 * tinyText.length + 5));
    const texts = [`${tinyText}\r\n\n`, `\n${tinyText}\n`];
    expect([...(await idsOf("ended", "train.bin"))]).toEqual([
      ...ids(texts[0]),
      end,
      ...ids(texts[1].slice(0, cut - texts[0].length)),
    ]);
    const { index } = await prepare("alone", { inputs: [tiny.data], tokenizer: bpe });
    expect(index.endOfText).toEqual({ id: end, token: "<|endoftext|>" });
    expect([...(await idsOf("alone", "train.bin"))]).not.toContain(end);
  });

  it("longer than a piece is encoded in pieces, as it would be as a whole; and the work is told", async () => {
    const long = tinyText.repeat(2500);
    writeFileSync(tiny.path("long.txt"), long);
    const told: PrepareProgress[] = [];
    const onProgress = (progress: PrepareProgress): void => void told.push(progress);
    await prepare("long", { inputs: [tiny.path("long.txt")], tokenizer: bpe, shardTokens: 300_000, onProgress });
    const files = readdirSync(tiny.path("long")).filter((file) => file.startsWith("train-"));
    expect(files[0]).toBe("train-00001.bin");
    const parts = await Promise.all(files.map((file) => idsOf("long", file)));
    expect(parts.slice(0, -1).every(({ length }) => length === 300_000)).toBe(true);
    const joined = Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer)));
    const whole = Uint16Array.from(tinyBpe().encode(long.slice(0, Math.floor(0.9 * long.length))));
    expect(joined.equals(new Uint8Array(whole.buffer))).toBe(true);
    expect(told.at(-1)).toMatchObject({ phase: "encode", bytes: long.length, of: long.length });
    expect(new Set(told.map(({ phase }) => phase))).toEqual(new Set(["look", "encode"]));
  });
});

describe("documents", () => {
  const documents = Array.from({ length: 60 }, (_, i) => `${i} men went to mow <|endoftext|> a meadow.`);

  it("of JSONL have the token that ends a text behind them, and those that the seed draws validate", async () => {
    writeFileSync(tiny.path("d.jsonl"), documents.map((text) => `${JSON.stringify({ id: 1, text })}\n`).join(""));
    const inputs = [tiny.path("d.jsonl")];
    const { index } = await prepare("documents", { inputs, tokenizer: bpe, validationFraction: 0.3 });
    const { train: first, validation } = index.splits;
    expect(first.documents + validation.documents).toBe(60);
    expect(validation.documents).toBeGreaterThan(8);
    const end = tinyBpe().specialTokens.get("<|endoftext|>") as number;
    const read = await Promise.all(["train.bin", "val.bin"].map((file) => idsOf("documents", file)));
    const found = read.map((ids) => ids.join(" ").split(` ${end}`).slice(0, -1));
    const decoded = found.map((list) => list.map((ids) => tinyBpe().decode(ids.trim().split(" ").map(Number))));
    // What is spelled like the token is text.
    expect(decoded.flat().toSorted()).toEqual(documents.toSorted());
    for (const list of decoded) expect(list).toEqual(documents.filter((document) => list.includes(document)));
    expect(first.bytes + validation.bytes).toBe(documents.join("").length);

    await prepare("again", { inputs, tokenizer: bpe, validationFraction: 0.3 });
    await prepare("other", { inputs, tokenizer: bpe, validationFraction: 0.3, seed: 7 });
    for (const file of readdirSync(tiny.path("documents"))) {
      expect(readFileSync(tiny.path("again", file)), file).toEqual(readFileSync(tiny.path("documents", file)));
    }
    expect(await idsOf("other", "val.bin")).not.toEqual(await idsOf("documents", "val.bin"));
  });

  it("of Parquet, and without such a token, have a blank line behind them", async () => {
    const fixtures = new URL("../../../../packages/datasets/test/fixtures/parquet/zstd.parquet", import.meta.url)
      .pathname;
    await prepare("parquet", { inputs: [fixtures], tokenizer: "char", validationFraction: 0.4 });
    const tokenizer = tokenizerFromJSON(JSON.parse(readFileSync(tiny.path("parquet", "tokenizer.json"), "utf8")));
    const [first, validation] = await Promise.all(["train.bin", "val.bin"].map((file) => idsOf("parquet", file)));
    const texts = [tokenizer.decode(first), tokenizer.decode(validation)];
    expect(texts.join("").split("\n\n").toSorted()).toEqual(
      ["", "the first document", "añ漢🙂\nsecond line", "the last one"].toSorted(),
    );
  });
});

describe("a prepared folder", () => {
  it("is trained on with its tokenizer, evaluated, and known again", async () => {
    await prepare("ready", { inputs: [tiny.data], tokenizer: bpe, shardTokens: 150 });
    const out = tiny.path("run");
    await train({ config: { ...tinyConfig(tiny.path("ready")), maxSteps: 4 }, out });
    const run = await openRun(out);
    expect(run.config.tokenizer).toBe(tiny.path("ready"));
    expect(run.tokenizer.toJSON()).toEqual(tinyBpe().toJSON());
    const { tokens, bytes } = await evaluateRun(out);
    const { validation } = JSON.parse(readFileSync(tiny.path("ready", "index.json"), "utf8")).splits;
    expect(tokens).toBe(validation.tokens - validation.shards.length);
    expect(bytes).toBeLessThan(validation.bytes);

    // By its path, too, it is asked whose tokens it has by now.
    rmSync(tiny.path("ready"), { recursive: true });
    await prepare("ready", { inputs: [tiny.data], tokenizer: "byte", shardTokens: 150 });
    await expect(evaluateRun(out, { data: tiny.path("ready") })).rejects.toThrow(
      `expected the tokenizer that "${tiny.path("ready")}" was prepared with (byte), got another`,
    );
    rmSync(tiny.path("ready"), { recursive: true });
    await prepare("ready", { inputs: [tiny.data], tokenizer: bpe, shardTokens: 150 });
  });

  it("is refused with another tokenizer, and where its files are not what the index says", async () => {
    const config = { ...tinyConfig(tiny.path("ready")), tokenizer: "byte" };
    await expect(planTraining({ config, out: tiny.path("new") })).rejects.toThrow(
      `expected the tokenizer that "${tiny.path("ready")}" was prepared with (${bpe}), got another: prepare the data ` +
        "anew, or leave out --tokenizer where it was given",
    );
    await prepare("short", { inputs: [tiny.data], tokenizer: bpe });
    writeFileSync(tiny.path("short", "val.bin"), readFileSync(tiny.path("short", "val.bin")).subarray(2));
    const damaged = planTraining({ config: tinyConfig(tiny.path("short")), out: tiny.path("new") });
    await expect(damaged).rejects.toThrow(/^expected \d+ tokens in ".*val\.bin", as index\.json says, got \d+$/);
    writeFileSync(tiny.path("short", "index.json"), '{"format":"llm-learning-tokens","version":2}');
    const newer = planTraining({ config: tinyConfig(tiny.path("short")), out: tiny.path("new") });
    await expect(newer).rejects.toThrow(/^expected an index of token shards, got version: .+ \(in ".*index\.json"\)$/);
  });
});

describe("refused in one line, and nothing is left", () => {
  it("inputs that are wrong", async () => {
    writeFileSync(tiny.path("bad.jsonl"), '{"text":"a"}\n{"txt":"b"}\n');
    expect(await refusal({ inputs: [tiny.path("bad.jsonl")] })).toBe(
      'expected a JSON object with a text in "text" on every line, got line 2 of "bad.jsonl", which has txt',
    );
    writeFileSync(tiny.path("bad.parquet"), "PAR1");
    expect(await refusal({ inputs: [tiny.path("bad.parquet")] })).toMatch(
      /^expected a Parquet file, got "bad\.parquet", which is damaged or none/,
    );
    writeFileSync(tiny.path("bad.txt"), Buffer.of(0x61, 0xff));
    expect(await refusal({ inputs: [tiny.path("bad.txt")] })).toBe(
      'expected a text in UTF-8, got "bad.txt", with byte 0xff at offset 1, which is not UTF-8: save it as UTF-8',
    );
    expect(await refusal({ inputs: [tiny.data, tiny.path("d.jsonl")] })).toMatch(
      /^expected texts, or files of documents \(\.jsonl, \.parquet\), got both, such as "text\.txt" and "d\.jsonl"/,
    );
    expect(await refusal({ inputs: [tiny.path("none")] })).toMatch(/got "none", which does not exist$/);
  });

  it("too little for two parts, a tokenizer that is none here, a folder that is taken", async () => {
    writeFileSync(tiny.path("few.jsonl"), '{"text":"a"}\n');
    expect(await refusal({ inputs: [tiny.path("few.jsonl")] })).toBe(
      "expected documents for a training and a validation part, got some and none: use more of them or another --validation-fraction",
    );
    writeFileSync(tiny.path("empty.txt"), "");
    expect(await refusal({ inputs: [tiny.path("empty.txt")] })).toMatch(/^expected characters for a training and a /);
    expect(await refusal({ tokenizer: "bpe" })).toMatch(
      /^expected char, byte, the name of an encoding or a tokenizer file, got bpe/,
    );
    expect(await refusal({ tokenizer: "bpe2" })).toMatch(
      /^expected char, byte, the name of an encoding or a tokenizer file, got "bpe2", which does not exist/,
    );
    expect(await refusal({ out: tiny.path("texts") })).toBe(
      'expected --out to be a new or empty directory, got "texts", which holds files: choose another',
    );
  });

  it("and so does work that is stopped", async () => {
    const before = readdirSync(tiny.folder).toSorted();
    const stop = new AbortController();
    const onProgress = ({ phase }: PrepareProgress): void => {
      if (phase === "encode") stop.abort();
    };
    const options = { inputs: [tiny.path("long.txt")], tokenizer: bpe, signal: stop.signal, onProgress };
    await expect(prepare("stopped", options)).rejects.toThrow(/aborted/);
    expect(readdirSync(tiny.folder).toSorted()).toEqual(before);
  });

  it("but half of a pair of units counts as U+FFFD", async () => {
    writeFileSync(tiny.path("halves.jsonl"), '{"text":"\\ud800a"}\n'.repeat(20));
    const inputs = [tiny.path("halves.jsonl")];
    const { index } = await prepare("halves", { inputs, tokenizer: "char", validationFraction: 0.5 });
    expect(index.tokenizer.vocabSize).toBe(3);
    const tokenizer = readFileSync(tiny.path("halves", "tokenizer.json"), "utf8");
    expect(tokenizerFromJSON(JSON.parse(tokenizer)).decode([2])).toBe("\ufffd");
  });

  it("and a text that cannot be cut is not held beyond what a string can hold", () => {
    const pieces = new Pieces(new ByteTokenizer(), 3 << 20);
    const part = "a".repeat(1 << 20);
    expect([pieces.push(part), pieces.push(part), pieces.push(part)]).toEqual([undefined, undefined, undefined]);
    expect(() => pieces.push("a")).toThrow(
      new UsageError("expected a text with line ends, got 3145728 characters in which it cannot be cut"),
    );
  });

  it("but tokenizers of others see a text as a whole", async () => {
    writeFileSync(tiny.path("pieces.json"), JSON.stringify(tinyWordPiece));
    const { index } = await prepare("pieces", { inputs: [tiny.data], tokenizer: tiny.path("pieces.json") });
    expect(index.tokenizer.vocabSize).toBe(12);
  });
});

describe.skipIf(!isBuilt)("the command", () => {
  it("prepares, names what is next, and says in one line what is wrong", async () => {
    const prepared = await runCli(tiny.folder, [
      "data",
      "prepare",
      "text.txt",
      "--out",
      "cli",
      "--tokenizer",
      "bpe.json",
    ]);
    expect(prepared).toMatchObject({ status: 0, stderr: "" });
    expect(prepared.stdout).toMatch(/cli: [\d,]+ tokens to train on .*\nnext:\n {2}.*train --data \S*cli\n$/);
    const wrong = await runCli(tiny.folder, [
      "data",
      "prepare",
      "bad.jsonl",
      "--out",
      "no",
      "--tokenizer",
      "gpt2",
      "--json",
    ]);
    expect(wrong).toMatchObject({ status: 2, stdout: "" });
    expect(wrong.stderr).toBe(
      'data prepare: expected a JSON object with a text in "text" on every line, got line 2 of "bad.jsonl", which has txt\n',
    );
  });
});
