import { beforeAll, it } from "vitest";
import { expectSameAnswers } from "./determinism.ts";
import { type ModelFiles, writeModelFiles } from "./modelFiles.ts";

let files: ModelFiles;
beforeAll(async () => {
  files = await writeModelFiles();
});

it("200 mixed requests one by one and all at once give the same texts and probabilities, cancelling some changes no other", async () => {
  await expectSameAnswers(files, 200);
});
