import { type App, type AttentionReader, buildApp } from "@llm-learning/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PlaygroundEvent } from "../../src/playground/protocol.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";
import { confidently } from "./confidentEngine.ts";

const model = scriptedModel((task) => confidently(task, "né", { pauseMs: 0 }));

/** Listens to nothing but itself in the first head, to all alike in the second. */
const attention: AttentionReader = {
  attention: async ({ tokens }) => {
    const itself = tokens.map((_, place) => (place === tokens.length - 1 ? 1 : 0));
    const alike = tokens.map(() => 1 / tokens.length);
    return { layers: 1, heads: 2, weights: Float32Array.from([...itself, ...alike]) };
  },
  close: async () => undefined,
};

let app: App;
beforeAll(async () => {
  const chosen = { ...model, attention, defaults: { temperature: 0.7, topK: 50 } };
  app = await buildApp(contextOf([chosen, scriptedModel(() => [], { id: "blind" })]));
});
afterAll(() => app.close());

function eventsOf(body: string): (PlaygroundEvent | "[DONE]")[] {
  const lines = body.split("\n\n").filter((line) => line !== "");
  return lines.map((line) => (line === "data: [DONE]" ? "[DONE]" : JSON.parse(line.replace("data: ", ""))));
}

test("the page and its style come with a hash, and are not sent twice", async () => {
  for (const [path, type] of [
    ["/", "text/html; charset=utf-8"],
    ["/playground/style.css", "text/css; charset=utf-8"],
  ]) {
    const { statusCode, headers } = await app.inject(path);
    expect({ statusCode, type: headers["content-type"], cache: headers["cache-control"] }).toEqual({
      statusCode: 200,
      type,
      cache: "no-cache",
    });
    const again = await app.inject({ url: path, headers: { "if-none-match": String(headers.etag) } });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
  }
});

test("without the playground there is none", async () => {
  const without = await buildApp(contextOf([model], { playground: false }));
  for (const path of ["/", "/playground/models"]) expect((await without.inject(path)).statusCode).toBe(404);
  await without.close();
});

test("nothing in the page is inline, and nothing is from elsewhere", async () => {
  const { body } = await app.inject("/");
  expect(body).not.toMatch(
    /<style|<script(?! type="module" src="\/playground\/main\.js"><\/script>)|\son\w+=|\sstyle=/,
  );
  expect(body).not.toMatch(/https?:|="\/\//);
});

test("models are listed with what the page needs to know", async () => {
  expect((await app.inject("/playground/models")).json()).toEqual({
    models: [
      {
        id: "scripted",
        blockSize: 64,
        vocabSize: 256,
        attention: true,
        defaults: { temperature: 0.7, top_k: 50 },
      },
      { id: "blind", blockSize: 64, vocabSize: 256, attention: false, defaults: {} },
    ],
  });
});

test("a text comes as tokens with ids, texts and alternatives", async () => {
  const generate = async (body: object) =>
    eventsOf((await app.inject({ method: "POST", url: "/playground/generate", payload: body })).body);
  const rounded = (event: unknown) =>
    JSON.parse(JSON.stringify(event), (_, value) =>
      typeof value === "number" ? Math.round(value * 1e3) / 1e3 : value,
    );
  const [prompt, first, second, third, ...end] = await generate({ prompt: "hé", max_tokens: 9, seed: 1 });
  // The first byte of é is no text by itself: the second one says it.
  expect(prompt).toEqual({
    type: "prompt",
    tokens: [
      { id: 104, text: "h" },
      { id: 195, text: "" },
      { id: 169, text: "é" },
    ],
  });
  expect(rounded(first)).toEqual({
    type: "token",
    id: 110,
    text: "n",
    logprob: -0.105,
    top: [
      { id: 110, text: "n", logprob: -0.105 },
      { id: 97, text: "a", logprob: -2.996 },
      { id: 101, text: "e", logprob: -3.689 },
      { id: 111, text: "o", logprob: -4.382 },
      { id: 126, text: "~", logprob: -5.075 },
    ],
  });
  expect(second).toMatchObject({ id: 195, text: "", top: [{ text: "\\xc3" }, {}, {}, {}, {}] });
  expect(third).toMatchObject({ id: 169, text: "é" });
  expect(end).toEqual([{ type: "end", reason: "length" }, "[DONE]"]);

  const [scored] = await generate({ tokens: [104, 105], max_tokens: 1, seed: 1, score_prompt: true });
  expect(scored).toMatchObject({ tokens: [{ id: 104 }, { id: 105, logprob: Math.log(0.5) }] });
  const messages = [{ role: "user", content: "hi" }];
  const [asked] = await generate({ messages, max_tokens: 1, seed: 1 });
  const text = asked !== "[DONE]" && asked.type === "prompt" ? asked.tokens.map((token) => token.text).join("") : "";
  expect(text).toBe("user: hi\nassistant:");
});

test("tasks are what the fields say, within the context", async () => {
  const sampling = { temperature: 0.5, top_p: 0.9, top_k: 7, min_p: 0.1, repetition_penalty: 1.1, presence_penalty: 1 };
  const body = { prompt: "x".repeat(60), ...sampling, frequency_penalty: -1, max_tokens: 500, seed: 42, stop: ["\n"] };
  const response = await app.inject({ method: "POST", url: "/playground/generate", payload: body });
  expect(response.statusCode).toBe(200);
  expect(model.engine.tasks.at(-1)).toMatchObject({
    maxTokens: 4,
    seed: 42,
    stop: ["\n"],
    logprobs: 5,
    choice: {
      temperature: 0.5,
      topP: 0.9,
      topK: 7,
      minP: 0.1,
      repetitionPenalty: 1.1,
      presencePenalty: 1,
      frequencyPenalty: -1,
    },
  });
});

test("what cannot be generated is said as the API says it", async () => {
  const problem = async (payload: object) => {
    const response = await app.inject({ method: "POST", url: "/playground/generate", payload });
    return [response.statusCode, response.json().error.message];
  };
  const rest = { max_tokens: 1, seed: 1 };
  expect(await problem({ ...rest, prompt: "a", tokens: [1] })).toEqual([
    400,
    "expected one of prompt, tokens and messages, got 2 of them",
  ]);
  expect((await problem({ ...rest, tokens: [256] }))[0]).toBe(400);
  expect((await problem({ ...rest, tokens: Array(65).fill(1) }))[0]).toBe(400);
  expect((await problem({ ...rest, prompt: "a", temperature: 3 }))[0]).toBe(400);
  expect((await problem({ ...rest, prompt: "a", model: "none" }))[0]).toBe(404);
});

test("attention is told of each layer and head, of at most 256 tokens, where the model has it", async () => {
  const ask = (payload: object) => app.inject({ method: "POST", url: "/playground/attention", payload });
  expect((await ask({ model: "scripted", tokens: [1, 2, 3] })).json()).toEqual({
    layers: 1,
    heads: 2,
    weights: [
      [
        [0, 0, 1],
        [0.3333, 0.3333, 0.3333],
      ],
    ],
  });
  expect((await ask({ model: "blind", tokens: [1] })).json().error.message).toBe(
    "the model was exported without its attention",
  );
  for (const tokens of [[], Array(257).fill(1), [256], [-1]]) expect((await ask({ tokens })).statusCode).toBe(400);
});
