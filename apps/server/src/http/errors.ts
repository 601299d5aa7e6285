/**
 * Every answer that is an error, in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`.
 *
 * What went wrong inside is logged, not told: a client learns what it can do about it.
 */

import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { EngineError, type EngineErrorCode } from "../engine/engineError.ts";
import type { App } from "./buildApp.ts";
import { schemaError } from "./schemaErrors.ts";

/** An error that is told to the client as it is. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly statusCode: number;
  /** What clients branch on, beside the status. */
  readonly code: string | null;
  /** The field that is to blame, such as `messages[0].role`. */
  readonly param: string | null;
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(
    statusCode: number,
    message: string,
    {
      code = null,
      param = null,
      retryAfter,
    }: { code?: string | null; param?: string | null; retryAfter?: number | undefined } = {},
  ) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.param = param;
    this.retryAfter = retryAfter;
  }
}

/** What a client is told of an error. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** What an error inside means to a client. */
export function httpErrorOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof EngineError) return engineHttpError(error);
  if (!(error instanceof Error)) return internalError();
  const { validation, statusCode = 500, code, message } = error as FastifyError;
  if (validation !== undefined && validation.length > 0) return schemaError(validation);
  if (statusCode < 400 || statusCode >= 500) return internalError();
  if (error instanceof SyntaxError || code === "FST_ERR_CTP_INVALID_JSON_BODY") {
    return new HttpError(400, "expected a body that is valid JSON", { code: "invalid_json" });
  }
  return new HttpError(statusCode, fastifyMessages[code] ?? message);
}

/** `error` as the client gets it. */
export function errorBody({ statusCode, message, param, code }: HttpError): ErrorBody {
  return { error: { message, type: errorType(statusCode), param, code } };
}

/** Answers with an error; a fault of ours is logged too. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const told = httpErrorOf(error);
  if (told.statusCode >= 500) request.log.error({ err: error });
  if (told.retryAfter !== undefined) reply.header("retry-after", Math.max(1, Math.ceil(told.retryAfter)));
  reply.code(told.statusCode).send(errorBody(told));
}

/** All errors of the app take the one shape, those of unknown addresses and methods too. Before all routes. */
export function registerErrors(app: App): void {
  const methods = new Map<string, string[]>();
  app.addHook("onRoute", ({ url, method }) => {
    methods.set(url, [...(methods.get(url) ?? []), ...(typeof method === "string" ? [method] : method)]);
  });
  app.setErrorHandler(sendError);
  app.setNotFoundHandler((request, reply) => {
    const [path = ""] = request.url.split("?");
    const called = `${request.method} ${path.length > 100 ? `${path.slice(0, 100)}...` : path}`;
    const allowed = methods.get(path);
    if (allowed === undefined) {
      return sendError(new HttpError(404, `there is no ${called}`, { code: "not_found" }), request, reply);
    }
    reply.header("allow", allowed.join(", "));
    const message = `there is no ${called}, only ${allowed.join(" and ")}`;
    return sendError(new HttpError(405, message, { code: "method_not_allowed" }), request, reply);
  });
}

/** Our words for what fastify refuses. */
const fastifyMessages: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "expected a body of the content-type application/json",
  FST_ERR_CTP_EMPTY_JSON_BODY: "expected a body, got nothing",
  FST_ERR_CTP_BODY_TOO_LARGE: "expected a smaller body than this",
};

/** 408 is one of the statuses that OpenAI's clients try again, as they do at 429 and 503. */
const engineStatus: Record<EngineErrorCode, number> = {
  queue_full: 429,
  deadline: 408,
  closed: 503,
  invalid: 400,
  unsupported: 400,
  failed: 500,
};

const engineCode: Record<EngineErrorCode, string | null> = {
  queue_full: "queue_full",
  deadline: "deadline_exceeded",
  closed: "unavailable",
  invalid: null,
  unsupported: "unsupported",
  failed: "internal_error",
};

function engineHttpError({ code, message, retryAfter = 1 }: EngineError): HttpError {
  if (code === "failed") return internalError();
  const mayComeBack = code === "queue_full" || code === "closed";
  return new HttpError(engineStatus[code], message, {
    code: engineCode[code],
    retryAfter: mayComeBack ? retryAfter : undefined,
  });
}

function internalError(): HttpError {
  return new HttpError(500, "the server failed to answer; its log says why", { code: engineCode.failed });
}

function errorType(statusCode: number): string {
  if (statusCode === 401) return "authentication_error";
  if (statusCode === 403) return "permission_error";
  if (statusCode === 408) return "timeout_error";
  if (statusCode === 429) return "rate_limit_error";
  if (statusCode === 503) return "service_unavailable_error";
  return statusCode < 500 ? "invalid_request_error" : "server_error";
}
