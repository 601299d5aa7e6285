/**
 * What is wrong with a request that does not fit its schema, in one sentence: `temperature: expected a number from 0 to 2, got "hot"`.
 *
 * What was expected is read from the schema, so that limits are written down once.
 */

import type { FastifySchemaValidationError } from "fastify";
import { HttpError } from "./errors.ts";

/** A JSON schema, as far as the schemas of requests use it. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly pattern?: string;
}

/** What ajv says with its option `verbose`. */
interface Violation extends FastifySchemaValidationError {
  readonly parentSchema?: Schema;
  readonly data?: unknown;
}

/** The option of ajv that {@link schemaError} needs, and those that keep requests as they are. */
export const ajvOptions = {
  verbose: true,
  coerceTypes: false,
  useDefaults: false,
  removeAdditional: false,
  allErrors: false,
} as const;

/** @param violations - What ajv says of one request, at least one entry. */
export function schemaError(violations: readonly Violation[]): HttpError {
  const { instancePath, keyword, params, parentSchema = {}, data } = mostTelling(violations);
  const parent = spelledPath(instancePath);
  if (keyword === "required") {
    const missing = String(params["missingProperty"]);
    const param = parent === "" ? missing : `${parent}.${missing}`;
    return new HttpError(400, `${param}: expected ${expected(parentSchema.properties?.[missing])}, got nothing`, {
      param,
    });
  }
  const param = parent === "" ? "body" : parent;
  return new HttpError(400, `${param}: expected ${expected(parentSchema)}, got ${described(data)}`, { param });
}

/**
 * Where a value fits none of several schemas, the last violation says so. Where it is of the kind of one of them, and only a limit
 * is broken, that says more; so does what is wrong further inside, where only one of them looked there.
 */
function mostTelling(violations: readonly Violation[]): Violation {
  const last = violations[violations.length - 1];
  if (last.keyword !== "anyOf") return violations[0];
  const inner = violations.slice(0, -1);
  const limits = inner.filter(({ keyword }) => keyword !== "type" && keyword !== "const" && keyword !== "anyOf");
  const deeper = inner.filter(({ instancePath }) => instancePath.length > last.instancePath.length);
  const telling = limits.length > 0 ? limits : deeper;
  const branches = new Set(telling.map(({ schemaPath }) => branchOf(schemaPath, last.schemaPath)));
  return branches.size === 1 ? mostTelling(telling) : last;
}

/** The number of the alternative of `anyOf` (a path that ends in it) in which `path` lies. */
function branchOf(path: string, anyOf: string): string {
  return path.slice(anyOf.length + 1).split("/")[0];
}

/** `/messages/0/role` as `messages[0].role`. */
function spelledPath(pointer: string): string {
  const names = pointer.split("/").slice(1);
  return names
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((name) => (name.length > 64 ? `${name.slice(0, 64)}...` : name))
    .map((name, index) => (/^\d+$/.test(name) ? `[${name}]` : index === 0 ? name : `.${name}`))
    .join("");
}

function expected(schema: Schema | undefined): string {
  if (schema === undefined) return "a value";
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(expected))].join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const { type, minLength = 0, maxLength, minItems = 0, maxItems, maxProperties, pattern } = schema;
  if (type === "integer" || type === "number") {
    return `${type === "integer" ? "an integer" : "a number"}${numberRange(schema)}`;
  }
  if (type === "string") {
    const form = pattern === undefined ? "" : ` like ${pattern}`;
    return `a string${countRange(minLength, maxLength, "character")}${form}`;
  }
  if (type === "array") {
    const items = schema.items === undefined ? "" : ` of ${expected(schema.items)} each`;
    return `an array${countRange(minItems, maxItems, "item")}${items}`;
  }
  if (type === "object") {
    const kind = schema.properties?.["type"]?.const;
    return `an object${countRange(0, maxProperties, "field")}${kind === undefined ? "" : ` of type ${JSON.stringify(kind)}`}`;
  }
  return type === "boolean" ? "true or false" : (type ?? "a value");
}

function numberRange({ minimum, exclusiveMinimum, maximum }: Schema): string {
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum} and at most ${maximum}`;
  return minimum === undefined ? "" : ` from ${minimum} to ${maximum}`;
}

function countRange(least: number, most: number | undefined, unit: string): string {
  if (most === undefined) return least === 0 ? "" : ` of at least ${least} ${unit}${least === 1 ? "" : "s"}`;
  return least === 0 ? ` of at most ${most} ${unit}s` : ` of ${least} to ${most} ${unit}s`;
}

/** A value in a few words, however large and deep it is. */
export function described(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return value.length > 40 ? `a string of ${value.length}` : JSON.stringify(value);
  return Array.isArray(value) ? `an array of ${value.length}` : "an object";
}
