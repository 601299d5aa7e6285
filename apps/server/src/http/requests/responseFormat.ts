/**
 * The field `response_format`: what form an answer is held to.
 *
 * @see https://platform.openai.com/docs/guides/structured-outputs
 */

import { type Static, Type } from "typebox";
import type { TextConstraint } from "../../engine/engine.ts";
import { HttpError } from "../errors.ts";
import { described } from "../schemaErrors.ts";

/** Most levels of a schema: it crosses threads, which goes level by level. */
const MAX_DEPTH = 100;

/** That a schema is there is checked later, so that other types are refused for their type. */
export const responseFormat = Type.Union([
  Type.Object({ type: Type.Literal("text") }),
  Type.Object({ type: Type.Literal("json_object"), schema: Type.Optional(Type.Unknown()) }),
  Type.Object({
    type: Type.Literal("json_schema"),
    json_schema: Type.Optional(
      Type.Object({
        schema: Type.Optional(Type.Unknown()),
        name: Type.Optional(Type.String({ maxLength: 256 })),
      }),
    ),
  }),
]);

/** A `json_object` may have a schema too, as with llama.cpp. */
export function constraintOf(format: Static<typeof responseFormat> | undefined): TextConstraint | undefined {
  if (format === undefined || format.type === "text") return undefined;
  const isNamed = format.type === "json_schema";
  const schema = isNamed ? format.json_schema?.schema : format.schema;
  if (schema === undefined && !isNamed) return { kind: "json_object" };
  const param = `response_format.${isNamed ? "json_schema.schema" : "schema"}`;
  if (typeof schema !== "boolean" && (typeof schema !== "object" || schema === null || Array.isArray(schema))) {
    throw new HttpError(400, `${param}: expected an object, got ${described(schema)}`, { param });
  }
  if (!isWithin(schema, MAX_DEPTH)) {
    throw new HttpError(400, `${param}: expected at most ${MAX_DEPTH} levels, got more`, { param });
  }
  return { kind: "json_schema", schema };
}

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isWithin(inner, depth - 1));
}
