/**
 * Damaged models on ONNX Runtime, which is C++ and takes the process with it where it fails badly: so they run in a process of their own,
 * from `dist`.
 */

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Rng } from "@llm-learning/init";
import { GPT, Llama, MLP } from "@llm-learning/models";
import { encodeModel, halfPrecision, quantizeDynamically, quantizeModel } from "@llm-learning/onnx";
import { mutatedMessage } from "@llm-learning/testing/mutatedMessage";
import { mutatedBytes, randomFrom } from "@llm-learning/testing/mutations";
import { expect, it } from "vitest";
import { inferenceModel } from "../../src/export/encodeOnnx.ts";
import { isBuilt } from "../builtCli.ts";
import { tinyFolder } from "../tinyRun.ts";

const script = fileURLToPath(new URL("runModels.mjs", import.meta.url));

const count = 10_000;

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
}

function runModels(folder: string, from: number): Promise<Ended> {
  return new Promise((resolve) => {
    // A model of 30 kB that keeps the process for ten minutes hangs.
    const options = { timeout: 600_000, maxBuffer: 1 << 28 };
    const args = ["--max-old-space-size=128", script, folder, String(from), String(count)];
    const child = execFile(process.execPath, args, options, (_, stdout) => {
      resolve({ signal: child.signalCode, lines: stdout.trimEnd().split("\n") });
    });
  });
}

/** The forms in which models are written, small. */
function models(): Uint8Array[] {
  const sizes = { vocabSize: 12, blockSize: 16, nLayer: 1, nHead: 2, nEmbd: 16 };
  const rng = new Rng(1);
  const llama = new Llama({ ...sizes, nKeyValueHead: 1 }, { rng });
  const gpt = new GPT(sizes, { rng });
  const mlp = new MLP({ vocabSize: 12, blockSize: 3, nEmbd: 4, nHidden: 32 }, { rng });
  const [fused, gptFused, window] = [llama, gpt, mlp].map((model) => inferenceModel(model, { modelType: "test" }));
  const [plain, gptPlain] = [llama, gpt].map((model) => inferenceModel(model, { modelType: "test", portable: true }));
  const forms = [
    fused,
    gptFused,
    plain,
    window,
    halfPrecision(quantizeModel(fused, { blockSize: 16, embeddings: true })),
    quantizeModel(gptFused, { bits: 8, blockSize: 16, symmetric: false }),
    quantizeModel(gptPlain, { portable: true, blockSize: 16 }),
    quantizeDynamically(plain),
  ];
  return forms.map((form) => encodeModel(form));
}

it.runIf(isBuilt)(`${count} damaged models end no process, and take no memory of note`, async () => {
  const tiny = tinyFolder();
  const random = randomFrom(1);
  const originals = models();
  for (let i = 0; i < count; i++) {
    const original = originals[i % originals.length];
    writeFileSync(
      tiny.path(`${i}.onnx`),
      i % 10 < 8 ? mutatedMessage(original, random) : mutatedBytes(original, random),
    );
  }
  const crashes: string[] = [];
  let [opened, ran, megabytes] = [0, 0, 0];
  for (let from = 0; from < count;) {
    const { signal, lines } = await runModels(tiny.folder, from);
    const last = lines.at(-1)!;
    if (last.startsWith("{")) {
      const summary = JSON.parse(last) as { opened: number; ran: number; megabytes: number };
      ({ opened, ran, megabytes } = summary);
      break;
    }
    crashes.push(`${last}: ${signal}`);
    from = Number(last) + 1;
  }
  tiny.remove();
  expect(crashes).toEqual([]);
  expect({ opened: opened > 1000, ran: ran > 1000 }).toEqual({ opened: true, ran: true });
  // Node.js with the runtime takes 100.
  expect(megabytes).toBeLessThan(400);
});
