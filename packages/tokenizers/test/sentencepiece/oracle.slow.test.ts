// All of encoding, normalizing and decoding against the command line tools of C++ SentencePiece, on models that they
// train here: 100,000 lines in ten languages for each model. Texts in files that TOKENIZER_CORPUS names (paths, separated
// as in PATH) come on top.
//
//   npx vitest run --mode slow packages/tokenizers/test/sentencepiece/oracle.slow.test.ts
import { readModelProto, SentencePieceProcessor, writeModelProto } from "@llm-learning/tokenizers/sentencepiece";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checksum, modelBytes, modelNames } from "./models.ts";
import { everyCharacter, languages, LINES_EACH, linesOf } from "./multilingualLines.ts";

const LINES_PER_LANGUAGE = 10_000;
/** Every so many lines one that models are trained on. */
const TRAINING_STRIDE = 5;

const MODELS: Readonly<Record<string, string>> = {
  "unigram, nmt_nfkc": "--model_type=unigram --normalization_rule_name=nmt_nfkc",
  "unigram, nfkc": "--model_type=unigram --normalization_rule_name=nfkc",
  "unigram, nmt_nfkc_cf": "--model_type=unigram --normalization_rule_name=nmt_nfkc_cf",
  "unigram, nfkc_cf": "--model_type=unigram --normalization_rule_name=nfkc_cf",
  "unigram, identity, byte fallback": "--model_type=unigram --normalization_rule_name=identity --byte_fallback",
  "unigram, user-defined symbols":
    "--model_type=unigram --user_defined_symbols=<mask>,ab,--,\u2019s --control_symbols=<sep> --pad_id=3",
  "unigram, whitespace as suffix, extra whitespace kept":
    "--model_type=unigram --treat_whitespace_as_suffix --remove_extra_whitespaces=false",
  "BPE, nmt_nfkc": "--model_type=bpe",
  "BPE, nfkc_cf, no prefix": "--model_type=bpe --normalization_rule_name=nfkc_cf --add_dummy_prefix=false",
  "BPE, identity, byte fallback, digits split":
    "--model_type=bpe --normalization_rule_name=identity --byte_fallback --split_digits --remove_extra_whitespaces=false",
  "BPE, user-defined symbols": "--model_type=bpe --user_defined_symbols=<mask>,ab,--,\u2019s --control_symbols=<sep>",
  "BPE across words": "--model_type=bpe --split_by_whitespace=false",
  "characters, nfkc": "--model_type=char --normalization_rule_name=nfkc",
  "words, nmt_nfkc": "--model_type=word",
};

const version = spmVersion();

describe.skipIf(version === undefined)(`against ${version ?? "spm_encode, which is not on PATH: skipped"}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "sentencepiece-"));
  const lines: string[] = [];

  beforeAll(() => {
    const training: string[] = [];
    for (const language of languages) {
      const some = linesOf(language, LINES_PER_LANGUAGE);
      lines.push(...some);
      training.push(...some.filter((_, i) => i % TRAINING_STRIDE === 0));
    }
    let extra = 0;
    for (const path of (process.env["TOKENIZER_CORPUS"] ?? "").split(delimiter).filter(Boolean)) {
      const some = readFileSync(path, "utf8").split("\n");
      for (const line of some) lines.push(line);
      training.push(...some.filter((line, i) => line.trim() !== "" && i % TRAINING_STRIDE === 0));
      extra += some.length;
    }
    write("lines", lines);
    write("training", training);
    console.log(
      `${lines.length} lines, ${(Buffer.byteLength(lines.join("\n")) / 2 ** 20).toFixed(1)} MB: ` +
        `${LINES_PER_LANGUAGE} each in ${languages.join(", ")}${extra > 0 ? `, ${extra} of TOKENIZER_CORPUS` : ""}`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(Object.entries(MODELS))(
    "%s: no difference in ids, pieces, normalized and decoded text",
    (name, options) => {
      const processor = trained(name, options);
      const model = `--model=${join(folder, "m.model")}`;
      const ids = lines.map((line) => Array.from(processor.encode(line)).join(" "));
      expectSame(run("spm_encode", "lines", model, "--output_format=id"), ids);
      expectSame(
        run("spm_encode", "lines", model, "--output_format=piece"),
        lines.map((line) => processor.encodePieces(line).join(" ")),
      );
      const normalizer = withRulesAlone(processor);
      expectSame(
        run("spm_normalize", "lines", model, "--use_internal_normalization"),
        lines.map((line) => normalizer.normalize(line)),
      );
      write("ids", ids);
      expectSame(
        run("spm_decode", "ids", model, "--input_format=id"),
        ids.map((line) => processor.decode(line === "" ? [] : line.split(" ").map(Number))),
      );
      expect(Buffer.compare(processor.toBytes(), readFileSync(join(folder, "m.model")))).toBe(0);
    },
  );

  test("restricted to frequent pieces by a list: no difference in ids", () => {
    for (const options of [MODELS["unigram, nmt_nfkc"]!, MODELS["BPE, nmt_nfkc"]!]) {
      const processor = trained("restricted", options);
      const model = `--model=${join(folder, "m.model")}`;
      const list = run("spm_encode", "lines", model, "--generate_vocabulary");
      write("list", list);
      processor.loadVocabulary(list.join("\n"), { threshold: 200 });
      expectSame(
        run(
          "spm_encode",
          "lines",
          model,
          "--output_format=id",
          `--vocabulary=${join(folder, "list")}`,
          "--vocabulary_threshold=200",
        ),
        lines.map((line) => Array.from(processor.encode(line)).join(" ")),
      );
    }
  });

  test("with tokens added: the tools read the file and give the same ids", () => {
    for (const options of [
      `${MODELS["unigram, nmt_nfkc"]} --self_test_sample_size=20`,
      MODELS["BPE, user-defined symbols"]!,
    ]) {
      const processor = trained("added", options);
      processor.addTokens(
        ["<|user|>", "a", "the", "\u732b"].filter((token) => processor.pieceToId(token) === processor.unkId),
      );
      processor.addTokens(["<|end|>"], { kind: "control" });
      writeFileSync(join(folder, "m.model"), processor.toBytes());
      const some = lines.filter((_, i) => i % 10 === 0).map((line) => `${line}<|user|>\u732b${line}`);
      write("some", some);
      expectSame(
        run("spm_encode", "some", `--model=${join(folder, "m.model")}`, "--output_format=id"),
        some.map((line) => Array.from(processor.encode(line)).join(" ")),
      );
    }
  });

  test("the eight best segmentations: no difference", () => {
    const processor = trained("nbest", MODELS["unigram, nmt_nfkc"]!);
    const some = lines.filter((_, i) => i % 25 === 0);
    write("some", some);
    const model = `--model=${join(folder, "m.model")}`;
    expectSame(
      run("spm_encode", "some", model, "--output_format=nbest_id", "--nbest_size=8"),
      some.flatMap((line) => processor.nbestEncode(line, 8).map(({ ids }) => Array.from(ids).join(" "))),
    );
  });

  test("the checksums that multilingual.test.ts has are those of what the tools give", async () => {
    const some = languages.flatMap((language) => linesOf(language, LINES_EACH));
    write("some", some);
    write("characters", [...everyCharacter(), ...some]);
    const model = join(folder, "m.model");
    const ids: Record<string, string> = {};
    for (const name of modelNames) {
      writeFileSync(model, modelBytes(name));
      ids[name] = checksum(run("spm_encode", "some", `--model=${model}`, "--output_format=id"));
    }
    const normalized: Record<string, string> = {};
    for (const rules of ["nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity"]) {
      const options = [`--normalization_rule_name=${rules}`, "--remove_extra_whitespaces=false"];
      normalized[rules] = checksum(run("spm_normalize", "characters", ...options));
    }
    // Written if it is missing.
    await expect(`${JSON.stringify({ ids, normalized }, undefined, 2)}\n`).toMatchFileSnapshot(
      "fixtures/multilingual.json",
    );
  });

  function trained(name: string, options: string): SentencePieceProcessor {
    const prefix = join(folder, "m");
    const isWord = options.includes("=word");
    call("spm_train", [
      `--input=${join(folder, "training")}`,
      `--model_prefix=${prefix}`,
      `--vocab_size=${isWord ? 2000 : 4000}`,
      "--character_coverage=0.999",
      "--hard_vocab_limit=false",
      "--minloglevel=2",
      ...options.split(" "),
    ]);
    const processor = SentencePieceProcessor.fromBytes(new Uint8Array(readFileSync(`${prefix}.model`)));
    console.log(`${name}: ${processor.vocabSize} pieces`);
    return processor;
  }

  function write(file: string, content: readonly string[]): void {
    writeFileSync(join(folder, file), content.map((line) => `${line}\n`).join(""));
  }

  function run(tool: string, input: string, ...options: readonly string[]): string[] {
    call(tool, [...options, `--input=${join(folder, input)}`, `--output=${join(folder, "out")}`]);
    const output = readFileSync(join(folder, "out"), "utf8").split("\n");
    expect(output.pop()).toBe("");
    return output;
  }
});

/** As spm_normalize sees a model: it knows neither user-defined pieces nor that the mark may be a suffix. */
function withRulesAlone(processor: SentencePieceProcessor): SentencePieceProcessor {
  const { pieces = [], trainerSpec, ...model } = readModelProto(processor.toBytes());
  for (const piece of pieces) if (piece.type === "userDefined") piece.type = "normal";
  return SentencePieceProcessor.fromBytes(
    writeModelProto({ ...model, pieces, trainerSpec: { ...trainerSpec, treatWhitespaceAsSuffix: false } }),
  );
}

/** Fails with the number of differences and the first of them. */
function expectSame(theirs: readonly string[], ours: readonly string[]): void {
  expect(ours.length).toBe(theirs.length);
  const differences = theirs.flatMap((line, i) => (line === ours[i] ? [] : [i]));
  const [first] = differences;
  expect({ differences: differences.length, ...(first === undefined ? {} : { first, ours: ours[first] }) }).toEqual({
    differences: 0,
    ...(first === undefined ? {} : { first, ours: theirs[first] }),
  });
}

function spmVersion(): string | undefined {
  try {
    return call("spm_encode", ["--version"]).trim();
  } catch {
    return undefined;
  }
}

function call(tool: string, options: readonly string[]): string {
  return execFileSync(tool, options, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
