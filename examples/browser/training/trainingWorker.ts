/**
 * The thread that trains, so that the page answers while it does.
 */

import { tfjsEngine } from "@llm-learning/tfjs";
import { CharacterTraining } from "./characterTraining.ts";
import type { News, Order } from "./messages.ts";
import { openTensorFlow } from "./tensorFlow.ts";
import { Writing } from "./writing.ts";

/** Looks at the model in a run, for a sample, a validation loss and statistics; and the steps between two of them, at least. */
const LOOKS = 10;
const LOOK_INTERVAL = 10;
const SAMPLE_LENGTH = 160;

let training: CharacterTraining | undefined;
/** Pending while there is a pause; undefined while the training goes on. */
let pause: Promise<void> | undefined;
let goOn = (): void => undefined;

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  if (data.type === "train") run(data).catch(report);
  else if (data.type === "resume") goOn();
  else if (data.type === "weights") sendWeights();
  else {
    pause = new Promise((resolve) => {
      goOn = () => {
        pause = undefined;
        resolve();
      };
    });
  }
});

async function run({ settings, backend }: Extract<Order, { type: "train" }>): Promise<void> {
  const engine = tfjsEngine(await openTensorFlow(backend));
  training = await CharacterTraining.prepare(settings, engine);
  const { parameterCount, tokenizer, lengths } = training;
  tell({ type: "prepared", parameterCount, vocabSize: tokenizer.vocabSize, lengths });
  const writing = await Writing.prepare(training, engine);
  const interval = Math.max(LOOK_INTERVAL, Math.ceil(settings.steps / LOOKS));
  while (training.step < settings.steps) {
    await turn();
    const step = training.step + 1;
    const isLook = step % interval === 0 || step === settings.steps;
    const begin = performance.now();
    if (!isLook) {
      tell({ type: "step", record: await training.take(), milliseconds: performance.now() - begin });
      continue;
    }
    const { record, statistics } = await training.takeWatched();
    tell({ type: "step", record, milliseconds: performance.now() - begin });
    tell({ type: "watched", step, statistics });
    tell({ type: "evaluated", step, valLoss: await training.validationLoss() });
    for await (const text of writing.write(SAMPLE_LENGTH, settings.seed)) {
      tell({ type: "written", step, text });
      await turn();
    }
  }
  tell({ type: "finished" });
}

/** Lets messages in, which would wait for the end of the training otherwise; and stays while there is a pause. */
async function turn(): Promise<void> {
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
  await rest();
}

/** Stays while there is a pause, and says so: only now, when the step that was under way has been told. */
async function rest(): Promise<void> {
  if (pause === undefined) return;
  tell({ type: "paused" });
  await pause;
  await rest();
}

function sendWeights(): void {
  if (training === undefined) return;
  const bytes = Uint8Array.from(training.weights());
  tell({ type: "weights", bytes }, [bytes.buffer]);
}

function report(error: unknown): void {
  tell({ type: "failed", message: error instanceof Error ? error.message : String(error) });
}

function tell(news: News, transferred: Transferable[] = []): void {
  postMessage(news, { transfer: transferred });
}
