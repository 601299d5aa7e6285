/**
 * The errors that routes answer with, for the document of the API.
 */

import { Type } from "typebox";

/** OpenAI's shape of an error. */
export const errorSchema = Type.Object({
  error: Type.Object({
    message: Type.String({ description: "What is wrong, in a sentence" }),
    type: Type.String(),
    param: Type.Union([Type.String(), Type.Null()], { description: "The field that is to blame" }),
    code: Type.Union([Type.String(), Type.Null()], { description: "What to branch on" }),
  }),
});

type Kind = "any" | "guarded" | "named" | "body";

/** Statuses: of any route, of those that are not open, of those that name a model, and of those that take a body. */
const errors: readonly (readonly [status: number, kind: Kind, description: string])[] = [
  [400, "body", "The request is malformed, or asks for what the model cannot do"],
  [401, "guarded", "No key of this server's"],
  [403, "guarded", "Without keys: addressed to a host that is not this machine"],
  [404, "named", "There is no such model"],
  [408, "body", "The deadline passed, or the request took too long to arrive"],
  [413, "body", "The body is too large"],
  [415, "body", "The body is not declared as application/json"],
  [429, "body", "Too many requests wait; retry-after says when to come back"],
  [500, "any", "The server failed"],
  [503, "any", "Models are loading, or the server is shutting down"],
];

/** The answers that a route may give beside its own. */
export function errorAnswers({
  hasBody,
  hasParams,
  isOpen,
}: {
  hasBody: boolean;
  hasParams: boolean;
  isOpen: boolean;
}): Record<number, object> {
  const kinds: Record<Kind, boolean> = { any: true, guarded: !isOpen, named: hasBody || hasParams, body: hasBody };
  const possible = errors.filter(([, kind]) => kinds[kind]);
  return Object.fromEntries(possible.map(([status, , description]) => [status, errorAnswer(description)]));
}

function errorAnswer(description: string): object {
  return { description, content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } } };
}
