// The `tokenizer` commands in the built command line.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeModelProto } from "@llm-learning/tokenizers/sentencepiece";
import { cl100k_base } from "@llm-learning/tokenizers/tiktoken/cl100k_base";
import { formatTiktoken } from "@llm-learning/tokenizers/tiktoken";
import { trainBpe, trainSentencePiece } from "@llm-learning/tokenizers/train";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Ended, isBuilt, runCli, spawnCli } from "../builtCli.ts";
import { runInProcess } from "../inProcess.ts";
import { tinyBpe, type TinyFolder, tinyFolder, tinyText, tinyWordPiece } from "../tinyRun.ts";

// Each test starts processes, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 });

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
  writeFileSync(tiny.path("tokenizer.json"), JSON.stringify(tinyBpe()));
  writeFileSync(tiny.path("tiny.tiktoken"), tiktokenFile());
  writeFileSync(tiny.path("tiny.model"), tinyModel());
  writeFileSync(tiny.path("word-piece.json"), JSON.stringify(tinyWordPiece));
  writeFileSync(tiny.path("empty.txt"), "");
  writeFileSync(tiny.path("latin.txt"), Uint8Array.of(0x6d, 0xe9));
  writeFileSync(tiny.path("broken.json"), '{"model": {');
  writeFileSync(tiny.path("broken.tiktoken"), "IQ== 0\nnonsense\n");
  writeFileSync(tiny.path("broken.model"), Uint8Array.of(0x0a, 0xff, 0xff));
});
afterAll(() => tiny.remove());

/** The tokens of {@link tinyBpe} as a .tiktoken file: without the special token, which it cannot hold. */
function tiktokenFile(): string {
  const { encoding } = tinyBpe();
  const lines = Array.from({ length: 266 }, (_, rank) => {
    return `${Buffer.from(encoding.decodeSingleTokenBytes(rank)).toString("base64")} ${rank}\n`;
  });
  return lines.join("");
}

function tinyModel(): Uint8Array {
  return writeModelProto({
    pieces: [
      { piece: "<unk>", type: "unknown" },
      { piece: "<s>", type: "control" },
      { piece: "\u2581m", score: -2 },
      { piece: "en", score: -3 },
      { piece: "\u2581went", score: -4 },
    ],
  });
}

const tokenizer = (...args: string[]): Promise<Ended> => runCli(tiny.folder, ["tokenizer", ...args]);

/** The document on standard output. */
async function json(...args: string[]): Promise<unknown> {
  const { status, stdout, stderr } = await tokenizer(...args, "--json");
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe.skipIf(!isBuilt)("llm-learning tokenizer encode", () => {
  it("prints the ids of an argument, of a file or of standard input, one a line", async () => {
    const ids = [...tinyBpe().encode(tinyText)];
    const lines = ids.map((id) => `${id}\n`).join("");
    const named = ["encode", "--tokenizer", "tokenizer.json"];
    expect(await tokenizer(...named, tinyText)).toEqual({ status: 0, stdout: lines, stderr: "" });
    expect(await tokenizer(...named, "--file", "text.txt")).toEqual({ status: 0, stdout: lines, stderr: "" });
    for (const args of [named, [...named, "--file", "-"]]) {
      const ended = await runCli(tiny.folder, ["tokenizer", ...args], { input: tinyText });
      expect(ended).toEqual({ status: 0, stdout: lines, stderr: "" });
    }
    expect((await tokenizer(...named, "--count", tinyText)).stdout).toBe(`${ids.length}\n`);
    expect(await json(...named, "--count", tinyText)).toEqual({
      tokenizer: "tokenizer.json",
      count: ids.length,
      bytes: tinyText.length,
    });
  });

  it("prints tokens and the parts of the text that they stand for as one document", async () => {
    const text = "🙂 men 안<|endoftext|>";
    expect(await json("encode", "--tokenizer", "tokenizer.json", "--unit", "byte", text)).toEqual({
      tokenizer: "tokenizer.json",
      count: 10,
      bytes: 25,
      unit: "byte",
      ids: [0xf0, 0x9f, 0x99, 0x82, 264, 0x20, 0xec, 0x95, 0x88, 266],
      tokens: ["ð", "Ł", "Ļ", "Ĥ", "Ġmen", "Ġ", "ì", "ķ", "Ī", "<|endoftext|>"],
      offsets: [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 8],
        [8, 9],
        [9, 10],
        [10, 11],
        [11, 12],
        [12, 25],
      ],
    });
    // A part of a character covers the character.
    const emoji = [0, 0, 0, 0].map(() => [0, 1]);
    const korean = [0, 0, 0].map(() => [6, 7]);
    expect(await json("encode", "--tokenizer", "tokenizer.json", text)).toMatchObject({
      offsets: [...emoji, [1, 5], [5, 6], ...korean, [7, 20]],
    });
    expect(await json("encode", "--tokenizer", "tokenizer.json", "--unit", "utf16", "🙂 men")).toMatchObject({
      offsets: [...emoji.map(() => [0, 2]), [2, 6]],
    });
  });

  it("takes special tokens for what it is told to", async () => {
    const text = "men<|endoftext|>";
    const encode = (...args: string[]) =>
      tokenizer("encode", "--tokenizer", "tokenizer.json", "--count", text, ...args);
    expect((await encode()).stdout).toBe("3\n");
    expect((await encode("--special", "text")).stdout).toBe("14\n");
    const { status, stdout, stderr } = await encode("--special", "error");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^tokenizer encode: expected .*"<\|endoftext\|>"/);
  });

  it("knows encodings and models by name, .tiktoken files with their pattern, and SentencePiece models", async () => {
    const ids = [...cl100k_base.encode("It's 12345")];
    expect(await json("encode", "--tokenizer", "cl100k_base", "It's 12345")).toMatchObject({ ids });
    expect(await json("encode", "--tokenizer", "gpt-4", "It's 12345")).toMatchObject({ ids });
    const file = ["encode", "--tokenizer", "tiny.tiktoken", "--pattern", "cl100k_base", tinyText];
    expect(await json(...file)).toMatchObject({ ids: [...tinyBpe().encode(tinyText)] });
    const letters = ["encode", "--tokenizer", "tiny.tiktoken", "--pattern", String.raw`\w|\W`, "--count", "men went"];
    expect((await tokenizer(...letters)).stdout).toBe("8\n");
    // A pattern may pass over what it does not match: there are ids then, but no places.
    const words = ["encode", "--tokenizer", "tiny.tiktoken", "--pattern", "[a-z]+", "men, went"];
    expect((await tokenizer(...words, "--count")).stdout).toBe("4\n");
    expect((await tokenizer(...words, "--json")).stderr).toMatch(
      /expected a text that the pattern matches all of, got 2/,
    );
    expect(await json("encode", "--tokenizer", "tiny.model", "men  went 안")).toEqual({
      tokenizer: "tiny.model",
      count: 4,
      bytes: 13,
      unit: "codepoint",
      ids: [2, 3, 4, 0],
      tokens: ["\u2581m", "en", "\u2581went", "<unk>"],
      offsets: [
        [0, 1],
        [1, 3],
        [3, 9],
        [9, 11],
      ],
    });
  });
});

describe.skipIf(!isBuilt)("a tokenizer.json of others", () => {
  it("encodes as it says, with the tokens around a text where they are asked for", async () => {
    const named = ["--tokenizer", "word-piece.json"];
    expect(await json("encode", ...named, "Mén mow 漢")).toEqual({
      tokenizer: "word-piece.json",
      count: 4,
      bytes: 12,
      unit: "codepoint",
      ids: [3, 6, 7, 0],
      tokens: ["men", "mo", "##w", "[UNK]"],
      offsets: [
        [0, 3],
        [4, 6],
        [6, 7],
        [8, 9],
      ],
    });
    const around = await json("encode", ...named, "--add-special-tokens", "men went to mow a meadow");
    expect(around).toMatchObject({ ids: [1, 3, 4, 5, 6, 7, 8, 9, 2] });
    expect((await tokenizer("decode", ...named, "--skip-special-tokens", "1", "3", "6", "7", "2")).stdout).toBe(
      "men mow",
    );
    expect((await tokenizer("inspect", ...named, "Mow 漢.")).stdout).toMatch(
      /^\|mo\|##w\|漢\|\. \|\n\|6 \|7 {2}\|0 \|11\|\n\nword-piece.json: Hugging Face WordPiece, 12 ids\n/,
    );
    const { status, stderr } = await tokenizer("encode", ...named, "--special", "error", "men [SEP]");
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'tokenizer encode: expected text without special tokens, got "[SEP]"\n',
    });
  });
});

describe.skipIf(!isBuilt)("llm-learning tokenizer decode", () => {
  it("prints the text of ids as it was, from arguments or from whatever separates them", async () => {
    const text = " 안녕\tmen went to mow\r\n";
    const ids = [...tinyBpe().encode(text)];
    const named = ["decode", "--tokenizer", "tokenizer.json"];
    expect(await tokenizer(...named, ...ids.map(String))).toEqual({ status: 0, stdout: text, stderr: "" });
    for (const input of [ids.join("\n"), `${ids.join(" \t")}\n`, JSON.stringify(ids), ids.join(",")]) {
      expect((await runCli(tiny.folder, ["tokenizer", ...named], { input })).stdout).toBe(text);
    }
    expect(await json(...named, "264", "266")).toEqual({
      tokenizer: "tokenizer.json",
      count: 2,
      text: " men<|endoftext|>",
    });
    expect((await tokenizer(...named, "264", "266", "--skip-special-tokens")).stdout).toBe(" men");
    expect((await tokenizer("decode", "--tokenizer", "tiny.model", "1", "2", "3", "4")).stdout).toBe("men went");
  });

  it("turns a megabyte of ids back into their text, and an unfinished character into U+FFFD", async () => {
    const text = tinyText.repeat(1000);
    const input = [...tinyBpe().encode(text)].join("\n");
    const { stdout } = await runCli(tiny.folder, ["tokenizer", "decode", "--tokenizer", "tokenizer.json"], { input });
    expect(stdout === text).toBe(true);
    expect((await tokenizer("decode", "--tokenizer", "tokenizer.json", "236", "149")).stdout).toBe("\ufffd");
  });
});

describe.skipIf(!isBuilt)("llm-learning tokenizer inspect", () => {
  it("draws the pieces of a text between bars, with their ids beneath, and counts them", async () => {
    const text = " men 안\nto mow a mow\n";
    const { stdout, stderr } = await tokenizer("inspect", "--tokenizer", "tokenizer.json", "--list", "4", text);
    expect(stderr).toBe("");
    expect(stdout).toBe(
      [
        "|·men|· |\\xec|\\x95|\\x88|↵ |",
        "|264 |32|236 |149 |136 |10|",
        "|t  |o  |·mow|· |a |·mow|↵ |",
        "|116|111|265 |32|97|265 |10|",
        "",
        "tokenizer.json: byte-level BPE, 267 ids",
        "13 tokens of 1.69 bytes each: 22 bytes, 20 characters, 10 kinds of tokens",
        "",
        "most frequent",
        '        2 x   10  "↵"',
        '        2 x   32  " "',
        '        2 x  265  " mow"',
        '        1 x   97  "a"',
        "",
        "rarest",
        '        1 x  264  " men"',
        '        1 x  236  "\\xec"',
        '        1 x  149  "\\x95"',
        '        1 x  136  "\\x88"',
        "",
      ].join("\n"),
    );
  });

  it("draws on coloured backgrounds where there are colours", async () => {
    const args = ["tokenizer", "inspect", "--tokenizer", "tokenizer.json", " men to"];
    const environment = { NO_COLOR: "", FORCE_COLOR: "1" };
    const { stdout } = await runCli(tiny.folder, args, { environment });
    const [texts, ids] = stdout.split("\n");
    expect(texts).toBe("\u001b[106m\u001b[30m men\u001b[39m\u001b[49m \u001b[103m\u001b[30m to\u001b[39m\u001b[49m");
    expect(ids).toBe("\u001b[2m264 \u001b[22m \u001b[2m262\u001b[22m");
  });

  it("looks through a vocabulary where there is no text", async () => {
    const { stdout } = await tokenizer("inspect", "--tokenizer", "tokenizer.json", "--list", "2");
    expect(stdout).toBe(
      [
        "tokenizer.json: byte-level BPE, 267 ids",
        "special tokens: <|endoftext|> 266",
        "",
        "longest",
        '    5 bytes  263  " went"',
        '    4 bytes  264  " men"',
        "",
        "last, and so the rarest",
        '    4 bytes  265  " mow"',
        '    4 bytes  264  " men"',
        "",
        "length in bytes",
        `          1  ${"█".repeat(40)} 256`,
        "          2  █ 5",
        "          3  █ 2",
        "          4  █ 2",
        "          5  █ 1",
        "",
      ].join("\n"),
    );
    expect(await json("inspect", "--tokenizer", "gpt2", "--list", "1")).toMatchObject({
      kind: "byte-level BPE",
      vocabSize: 50257,
      tokens: 50257,
      specialTokens: [{ id: 50256, token: "<|endoftext|>" }],
      longest: [{ id: 35496, bytes: 128 }],
      last: [{ id: 50255, text: " gazed" }],
    });
  });

  it("says of a text in one document what it draws", async () => {
    expect(await json("inspect", "--tokenizer", "tokenizer.json", " men men", "--list", "1")).toEqual({
      tokenizer: "tokenizer.json",
      tokens: 2,
      bytes: 8,
      bytesPerToken: 4,
      characters: 8,
      distinct: 1,
      frequent: [{ id: 264, count: 2, token: "Ġmen", text: " men", bytes: 4 }],
      rare: [],
      pieces: [
        { id: 264, text: " men" },
        { id: 264, text: " men" },
      ],
    });
  });
});

describe.skipIf(!isBuilt)("llm-learning tokenizer train", () => {
  it("writes the tokenizer that the library learns from files, from a folder and from standard input", async () => {
    const expected = await trainBpe([tinyText], { vocabSize: 280, specialTokens: ["<a>", "<b>"] });
    mkdirSync(tiny.path("folder"));
    writeFileSync(tiny.path("folder", "text.md"), tinyText);
    const flags = ["--vocab-size", "280", "--special-tokens", "<a>,<b>"];
    for (const input of ["text.txt", "folder", "-"]) {
      const args = ["tokenizer", "train", input, "--out", "learned.json", ...flags];
      const { status, stdout, stderr } = await runCli(tiny.folder, args, { input: tinyText });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toMatch(/^learned.json: 280 tokens learned from 1.3 kB in \d+s\n$/);
      expect(JSON.parse(readFileSync(tiny.path("learned.json"), "utf8")), input).toEqual(expected.toJSON());
    }
    expect(readdirSync(tiny.folder).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("writes .tiktoken files, and says what they and the text do not hold", async () => {
    const args = ["train", "text.txt", "text.txt", "--out", "learned.tiktoken", "--special-tokens", "<a>"];
    const { status, stdout, stderr } = await tokenizer(
      ...args,
      "--pattern",
      "r50k_base",
      "--min-frequency",
      "3",
      "--json",
    );
    expect(status).toBe(0);
    const options = { vocabSize: 8192, pattern: "r50k_base", minFrequency: 3, specialTokens: ["<a>"] } as const;
    const expected = await trainBpe([tinyText, tinyText], options);
    expect(JSON.parse(stdout)).toMatchObject({
      out: "learned.tiktoken",
      model: "bpe",
      format: "tiktoken",
      vocabSize: expected.vocabSize,
      asked: 8192,
      specialTokens: ["<a>"],
      bytes: 2 * tinyText.length,
    });
    expect(readFileSync(tiny.path("learned.tiktoken"), "utf8")).toBe(formatTiktoken(expected.encoding));
    expect(stderr).toBe(
      `tokenizer train: note: the text gives no more than ${expected.vocabSize} tokens\n` +
        "tokenizer train: note: a .tiktoken file holds no special tokens; whoever reads it has to add them\n",
    );
  });

  it("writes SentencePiece models", async () => {
    const flags = ["--model", "sentencepiece-bpe", "--vocab-size", "300", "--byte-fallback", "--special-tokens", "<a>"];
    writeFileSync(tiny.path("long.txt"), `${tinyText}${"a ".repeat(2100)}\n\u2585\n`);
    const { status, stderr } = await tokenizer("train", "long.txt", "--out", "learned.model", ...flags);
    expect(status).toBe(0);
    expect(stderr).toBe(
      "tokenizer train: note: 1 line was passed over: longer than 4192 bytes; cut the text into shorter ones, or raise " +
        "--max-line-bytes\ntokenizer train: note: 1 line was passed over: with U+2585, which SentencePiece keeps for itself\n",
    );
    const expected = await trainSentencePiece(tinyText.trimEnd().split("\n"), {
      modelType: "bpe",
      vocabSize: 300,
      byteFallback: true,
      userDefinedSymbols: ["<a>"],
      hardVocabLimit: false,
    });
    expect(Buffer.compare(readFileSync(tiny.path("learned.model")), expected.toBytes())).toBe(0);
    const ids = [...expected.encode("went to mow<a>🙂")];
    expect(await json("encode", "--tokenizer", "learned.model", "went to mow<a>🙂")).toMatchObject({ ids });
  });

  it.skipIf(process.platform === "win32")("leaves nothing behind where Ctrl-C ends it", async () => {
    const child = spawnCli(tiny.folder, ["tokenizer", "train", "-", "--out", "never.json"]);
    child.stdin?.write(tinyText);
    const ended = new Promise((resolve) => child.on("close", resolve));
    setTimeout(() => child.kill("SIGINT"), 3000);
    expect(await ended).toBe(130);
    expect(readdirSync(tiny.folder).filter((name) => name.includes("never"))).toEqual([]);
  });
});

describe("bad usage and bad input of tokenizer commands", () => {
  const named = ["--tokenizer", "tokenizer.json"];
  it.each<[string[], string | RegExp]>([
    [["encode"], /required option '--tokenizer <name\|file>' not specified/],
    [["encode", "men", "--tokenizer", "missing.json"], /a tokenizer file, got "missing.json", which does not exist$/],
    [["encode", "men", "--tokenizer", "cl10k_base"], /"cl10k_base", which does not exist: did you mean cl100k_base\?$/],
    [["encode", "men", "--tokenizer", "broken.json"], /got invalid JSON .* \(in "broken.json"\)$/],
    [["encode", "men", "--tokenizer", "latin.txt"], /in UTF-8, got "latin.txt", with byte 0xe9 at offset 1/],
    [["encode", "men", "--tokenizer", "broken.model"], /\(in "broken.model"\)$/],
    [["encode", "men", "--tokenizer", "tiny.tiktoken"], /expected --pattern beside "tiny.tiktoken", got none/],
    [
      ["encode", "men", "--tokenizer", "broken.tiktoken", "--pattern", "r50k_base"],
      /expected "base64 rank" in line 2, got "nonsense" \(in "broken.tiktoken"\)$/,
    ],
    [["encode", "men", ...named, "--pattern", "r50k_base"], /expected --pattern only with a .tiktoken file, got r50k_/],
    [
      ["encode", "men", "--tokenizer", "tiny.tiktoken", "--pattern", "cl10k_base"],
      /expected --pattern to be r50k_base, .* or a regular expression, got "cl10k_base": did you mean cl100k_base\?$/,
    ],
    [["encode", "men", "--tokenizer", "tiny.tiktoken", "--pattern", "(a"], /^tokenizer encode: expected .*\(a/],
    [["encode", "men", ...named, "--file", "text.txt"], /expected a text or a --file, got both/],
    [["encode", ...named, "--file", "missing.txt"], /got "missing.txt", which does not exist$/],
    [["encode", ...named, "--file", "latin.txt"], /got "latin.txt", with byte 0xe9 at offset 1, which is not UTF-8/],
    [["encode", ...named, "--file", "empty.txt"], /expected a text, got "empty.txt", which is empty$/],
    [["encode", ...named, ""], /expected a text, got an empty one$/],
    [["decode", "1", "267", ...named], /expected ids from 0 to 266, got "267" as number 2$/],
    [["decode", "1", "1.5", ...named], /expected ids from 0 to 266, got "1.5" as number 2$/],
    [["decode", "99999999999999999999", ...named], /expected ids from 0 to 266, got "9999999999999999…" as number 1$/],
    [["decode", "100263", "--tokenizer", "cl100k_base"], /got 100263, which it leaves out$/],
    [["inspect", ...named, "--list", "-1"], /expected --list to be an integer from 0 to 100000, got "-1"$/],
    [["inspect", ...named, "--file", "empty.txt"], /got "empty.txt", which is empty$/],
    [["train", "--out", "new.json"], /missing required argument 'texts'/],
    [["train", "text.txt"], /required option '--out <file>' not specified$/],
    [["train", "none.txt", "--out", "new.json"], /got "none.txt", which does not exist$/],
    [["train", "empty.txt", "--out", "new.json"], /expected a text to learn tokens from, got an empty one$/],
    [["train", "latin.txt", "--out", "new.json"], /in UTF-8, got "latin.txt", with byte 0xe9 at offset 1/],
    [
      ["train", "text.txt", "latin.txt", "--out", "new.model", "--model", "sentencepiece-char"],
      /got "latin.txt", with/,
    ],
    [["train", "text.txt", "--out", "new.json", "--vocab-size", "256"], /at least 257 tokens .*, got 256$/],
    [
      ["train", "text.txt", "--out", "new.json", "--vocab-size", "1e9"],
      /expected --vocab-size to be an integer from 1/,
    ],
    [["train", "text.txt", "--out", "new.json", "--special-tokens", "a,a"], /special tokens/],
    [
      ["train", "text.txt", "--out", "new.model"],
      /expected --out to be a .json file or a .tiktoken file for --model bpe/,
    ],
    [
      ["train", "text.txt", "--out", "run.json/new.json"],
      /expected --out in a directory .*, got "run.json", which does/,
    ],
    [
      ["train", "text.txt", "--out", "new.json", "--byte-fallback"],
      /only with a SentencePiece model, got it with --mod/,
    ],
    [
      ["train", "text.txt", "--out", "new.json", "--model", "unigram"],
      /Allowed choices are bpe, sentencepiece-unigram/,
    ],
    [["inspekt"], /unknown command 'inspekt' \(Did you mean inspect\?\)$/],
  ])("%j is one line and status 2, and writes nothing", async (args, message) => {
    const before = readdirSync(tiny.folder);
    const { status, stdout, stderr } = await runInProcess(tiny.folder, ["tokenizer", ...args]);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr).toMatch(/^(llm-learning|tokenizer \w+): [^\n]*\n$/);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(readdirSync(tiny.folder)).toEqual(before);
  });

  it.skipIf(!isBuilt).each([
    [["encode", ...named], "tokenizer encode: expected a text on standard input, got nothing\n"],
    [["train", "-", "--out", "new.json"], "tokenizer train: expected a text to learn tokens from, got an empty one\n"],
  ])("%j is one line and status 2 where nothing is on standard input", async (args, stderr) => {
    expect(await tokenizer(...args)).toEqual({ status: 2, stdout: "", stderr });
  });

  it.skipIf(!isBuilt)("is text on standard input that is not UTF-8, and ids there that are none", async () => {
    const args = ["tokenizer", "encode", ...named];
    const { status, stderr } = await runCli(tiny.folder, args, { input: Uint8Array.of(0x61, 0xff) });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        "tokenizer encode: expected a text in UTF-8 on standard input, got byte 0xff at offset 1, which is not UTF-8: save it as " +
        "UTF-8\n",
    });
    const decoded = await runCli(tiny.folder, ["tokenizer", "decode", ...named], { input: "1 three 2" });
    expect(decoded).toEqual({
      status: 2,
      stdout: "",
      stderr: 'tokenizer decode: expected ids from 0 to 266, got "three" as number 2\n',
    });
  });
});
