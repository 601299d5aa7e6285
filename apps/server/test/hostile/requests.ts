/**
 * Requests by somebody who means harm, or whose program is broken: sound requests with values damaged, of routes and methods that may
 * not exist. The same seed gives the same requests.
 */

import { mutatedJson } from "@llm-learning/testing/mutatedJson";
import { below, mutatedBytes, oneOf, type Random } from "@llm-learning/testing/mutations";

/** A request before it is sent. */
export interface HostileRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "HEAD" | "PATCH";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for none. */
  readonly body: string | undefined;
}

const schema = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 8, pattern: "^[a-z]+$" },
    age: { type: "integer", minimum: 0, maximum: 130 },
    tags: { type: "array", items: { enum: ["a", "b", 3, null] }, maxItems: 3 },
    next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
  },
  $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } }, additionalProperties: false } },
  required: ["name", "age"],
  additionalProperties: false,
};

const sampling = {
  max_tokens: 3,
  temperature: 0.7,
  top_p: 0.9,
  top_k: 5,
  min_p: 0.05,
  min_tokens: 0,
  seed: 7,
  n: 1,
  stop: ["\n", "x"],
  stop_token_ids: [3],
  presence_penalty: 0.5,
  frequency_penalty: 0.5,
  repetition_penalty: 1.1,
  logit_bias: { "3": 5, "4": -100 },
  stream_options: { include_usage: true },
  user: "somebody",
};

/** Sound bodies, by path. */
const sound: readonly (readonly [path: string, body: object])[] = [
  ["/v1/completions", { ...sampling, prompt: "To be", stream: false, echo: true, logprobs: 2 }],
  ["/v1/completions", { ...sampling, prompt: [[1, 2, 3], [4]], stream: true }],
  ["/v1/completions", { prompt: [1, 2, 3], max_tokens: 2, ignore_eos: true, return_token_ids: true, best_of: 1 }],
  [
    "/v1/chat/completions",
    {
      ...sampling,
      stream: true,
      logprobs: true,
      top_logprobs: 2,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "text", text: "hi" }], name: "ann" },
      ],
    },
  ],
  [
    "/v1/chat/completions",
    {
      messages: [{ role: "user", content: "hi" }],
      max_completion_tokens: 4,
      response_format: { type: "json_schema", json_schema: { name: "person", strict: true, schema } },
    },
  ],
  ["/v1/chat/completions", { messages: [{ role: "user", content: "hi" }], response_format: { type: "json_object" } }],
  ["/v1/embeddings", { input: ["a", "b"], encoding_format: "base64" }],
  ["/tokenize", { prompt: "To be", add_special_tokens: true }],
  ["/tokenize", { messages: [{ role: "user", content: "hi" }] }],
  ["/detokenize", { tokens: [1, 2, 3] }],
];

const strangePaths = [
  "/",
  "/health",
  "/metrics",
  "/v1/models",
  "/v1/models/..%2f..%2fetc%2fpasswd",
  "/v1/models/__proto__",
  "/../../../etc/passwd",
  "/%00",
  "/%",
  "/v1/completions?model=../../x",
  `/${"a/".repeat(500)}`,
  `/v1/models/${"a".repeat(5000)}`,
  "/openapi.json",
  "//v1//models",
];

const strangeTypes = [
  "text/plain",
  "application/xml",
  "multipart/form-data",
  "application/json; charset=utf-7",
  "",
  "\t",
];

/** A request with something wrong in most cases. */
export function hostileRequest(random: Random): HostileRequest {
  const [path, body] = oneOf(sound, random);
  if (random() < 0.06) {
    const method = oneOf(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"] as const, random);
    const isEmpty = method === "GET" || method === "HEAD" || random() < 0.5;
    const headers = isEmpty ? {} : { "content-type": "application/json" };
    return { method, path: oneOf(strangePaths, random), headers, body: isEmpty ? undefined : "{}" };
  }
  const type = random() < 0.05 ? oneOf(strangeTypes, random) : "application/json";
  const text =
    random() < 0.05 ? oneOf(["", "{", "null", "[]", '"x"', "{}{}", "\u0000"], random) : mutatedJson(body, random);
  const headers: Record<string, string> = { "content-type": type };
  if (random() < 0.05) headers["x-request-id"] = oneOf(["a", "b".repeat(3000), "c d", "<script>", "%0d%0a"], random);
  if (random() < 0.05)
    headers["authorization"] = oneOf(["Bearer", "Bearer x", "Basic eDp5", "Bearer ".repeat(200)], random);
  return { method: "POST", path: random() < 0.02 ? oneOf(strangePaths, random) : path, headers, body: text };
}

/** The bytes of a request as they go over the wire, damaged in most cases; the connection is to be closed after the answer. */
export function hostileBytes(random: Random): Uint8Array {
  const { method, path, headers, body = "" } = hostileRequest(random);
  const fields = {
    host: "localhost",
    connection: "close",
    ...headers,
    "content-length": String(Buffer.byteLength(body)),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
  return below(4, random) === 0 ? bytes : mutatedBytes(bytes, random);
}
