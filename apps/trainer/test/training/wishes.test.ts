import { readFileSync } from "node:fs";
import { runPaths, train, type TrainingEvent } from "@llm-learning/trainer";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TrainingWishes } from "../../src/training/trainingWishes.ts";
import { checkpointDigests, sha256, timelessMetrics, tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeAll(async () => {
  tiny = tinyFolder();
  await train({ config: config(), out: tiny.path("whole") });
});
afterAll(() => tiny.remove());

const config = () => ({ ...tinyConfig(tiny.data), dropout: 0.2, sampleInterval: 10, sampleCount: 0 });

type Answer = Extract<TrainingEvent, { type: "answer" }>;

it("what a person asks for between steps is answered, and changes nothing in the run", async () => {
  const wishes = new TrainingWishes();
  const answers: Answer[] = [];
  const root = tiny.path("asked");
  let checkpoint: string | undefined;
  await train({
    config: config(),
    out: root,
    wishes,
    onEvent: (event) => {
      if (event.type === "metrics" && event.metrics.step === 2) {
        for (const request of ["samples", "evaluation", "checkpoint", "samples"] as const) wishes.ask(request);
      } else if (event.type === "answer") {
        answers.push(event);
        if (event.request === "checkpoint") checkpoint = sha256(readFileSync(runPaths(root).last));
      }
    },
  });
  expect(answers).toEqual([
    { type: "answer", request: "samples", line: { step: 3, texts: [expect.any(String)] } },
    {
      type: "answer",
      request: "evaluation",
      step: 3,
      valLoss: expect.closeTo(3, 0) as number,
      evalTrainLoss: expect.closeTo(3, 0) as number,
    },
    { type: "answer", request: "checkpoint", step: 3 },
  ]);
  expect(checkpoint).not.toEqual(checkpointDigests(root).last);
  expect(checkpointDigests(root)).toEqual(checkpointDigests(tiny.path("whole")));
  expect(timelessMetrics(root)).toEqual(timelessMetrics(tiny.path("whole")));
  const samples = [root, tiny.path("whole")].map((run) => readFileSync(runPaths(run).samples, "utf8"));
  expect(samples[0]).toBe(samples[1]);
});

it("a training that pauses takes no step until it is to go on, and answers meanwhile", async () => {
  const wishes = new TrainingWishes();
  const seen: string[] = [];
  const root = tiny.path("paused");
  await train({
    config: config(),
    out: root,
    wishes,
    onEvent: (event) => {
      if (event.type === "metrics") {
        seen.push(`step ${event.metrics.step}`);
        if (event.metrics.step !== 4) return;
        wishes.pause(true);
        setTimeout(() => wishes.ask("evaluation"), 200);
      } else if (event.type === "answer") {
        seen.push("answer");
        setTimeout(() => wishes.pause(false), 100);
      }
    },
  });
  expect(seen.slice(4, 7)).toEqual(["step 4", "answer", "step 5"]);
  expect(checkpointDigests(root)).toEqual(checkpointDigests(tiny.path("whole")));
});

it("a training that pauses can be stopped", async () => {
  const wishes = new TrainingWishes();
  wishes.pause(true);
  setTimeout(() => wishes.stop(), 300);
  await expect(train({ config: config(), out: tiny.path("stopped"), wishes })).resolves.toMatchObject({
    status: "stopped",
    step: 0,
  });
});
