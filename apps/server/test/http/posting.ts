/**
 * Requests to apps over scripted models.
 */

import { type App, buildApp, type ServedModel } from "@llm-learning/server";
import { afterAll } from "vitest";
import { contextOf } from "../servedModel.ts";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A JSON document whose form a test knows. */
type Json = ReturnType<JSON["parse"]>;

/** One app for the models of all tests, since building it takes longer than most of them. */
const models = new Map<string, ServedModel>();
const shared = buildApp({ ...contextOf([]), models });

afterAll(async () => (await shared).close());

async function appOf(served: readonly ServedModel[]): Promise<App> {
  models.clear();
  for (const model of served) models.set(model.id, model);
  return shared;
}

/** Posts a body; a string is sent as it is. */
export async function post(
  served: readonly ServedModel[],
  url: string,
  body: object | string,
): Promise<Answer & { readonly json: Json }> {
  const app = await appOf(served);
  const headers = { "content-type": "application/json" };
  const response = await app.inject({ method: "POST", url, headers, payload: body });
  const isJson = String(response.headers["content-type"]).startsWith("application/json");
  return {
    status: response.statusCode,
    headers: response.headers,
    body: response.body,
    json: isJson ? response.json() : {},
  };
}

/** Posts a body whose answer is a stream. */
export async function streamed(
  served: readonly ServedModel[],
  url: string,
  body: object,
): Promise<Answer & { readonly chunks: readonly Json[]; readonly isDone: boolean }> {
  const answer = await post(served, url, body);
  const lines = answer.body.split("\n\n").filter((line) => line !== "");
  const data = lines.map((line) => line.slice("data: ".length));
  const isDone = data.at(-1) === "[DONE]";
  const chunks = (isDone ? data.slice(0, -1) : data).map((line): Json => JSON.parse(line));
  return { ...answer, chunks, isDone };
}
