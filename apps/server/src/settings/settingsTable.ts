/**
 * All settings of the server: what each is called on the command line, what it may be, and what it is by default. The names in the
 * environment and in a file follow from the key: `maxBatch` is `--max-batch`, `LLM_SERVE_MAX_BATCH`, and `"maxBatch"` in a file.
 */

import { availableParallelism } from "node:os";
import Type, { type Static } from "typebox";
import { weightChoices } from "../model/weights.ts";

const count = (minimum: number, maximum: number) =>
  Type.Integer({ minimum, maximum, description: `an integer from ${minimum} to ${maximum}` });
const seconds = (maximum: number) =>
  Type.Number({ exclusiveMinimum: 0, maximum, description: `seconds, above 0 and at most ${maximum}` });
const texts = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 1024 }), { maxItems: 1000, description });
const text = (description: string) => Type.String({ minLength: 1, maxLength: 4096, description });
const flag = Type.Boolean({ description: "true or false" });

/** Most processes and threads: more would not help any machine of today. */
const MANY = 1024;

/** What may be set. */
export const settingsSchema = Type.Object({
  models: texts("model directories, or NAME=DIR"),
  host: text("an address"),
  port: count(0, 65_535),
  apiKeys: Type.Array(Type.String({ pattern: "^[\\x21-\\x7e]{1,512}$" }), {
    maxItems: 1000,
    description: "keys of 1 to 512 printable ASCII characters without spaces",
  }),
  apiKeyFile: Type.Optional(text("a path")),
  weights: Type.Enum([...weightChoices], { description: `one of ${weightChoices.join(", ")}` }),
  workers: count(1, MANY),
  threads: Type.Optional(count(1, MANY)),
  maxBatch: count(1, 1024),
  maxQueue: count(0, 100_000),
  memory: Type.Optional(count(1, 1 << 24)),
  prefixCache: count(0, 1 << 20),
  requestTimeout: seconds(86_400),
  drainTimeout: seconds(86_400),
  maxBody: Type.Number({ minimum: 0.001, maximum: 1024, description: "megabytes, from 0.001 to 1024" }),
  maxConnections: count(1, 1_000_000),
  corsOrigins: texts('origins, such as "https://example.org"'),
  allowedHosts: texts("names of hosts"),
  trustedProxies: texts("addresses or networks"),
  publicMetrics: flag,
  playground: flag,
  logLevel: Type.Enum(["silent", "fatal", "error", "warn", "info", "debug"], {
    description: "one of silent, fatal, error, warn, info, debug",
  }),
  logTexts: flag,
});

/** The settings of a server. */
export type Settings = Static<typeof settingsSchema>;
export type SettingKey = keyof Settings;

/** What is set where nobody sets anything. */
export const settingsDefaults: Settings = {
  models: [],
  host: "127.0.0.1",
  port: 8000,
  apiKeys: [],
  weights: "auto",
  workers: 1,
  maxBatch: 16,
  maxQueue: 256,
  prefixCache: 256,
  requestTimeout: 600,
  drainTimeout: 30,
  maxBody: 1,
  maxConnections: 1024,
  corsOrigins: [],
  allowedHosts: [],
  trustedProxies: [],
  publicMetrics: false,
  playground: true,
  logLevel: "info",
  logTexts: false,
};

/** What a setting is on the command line. */
export interface SettingFlag {
  /** As commander has it. A setting that is on by default has the flag that turns it off. */
  readonly flag: string;
  readonly help: string;
}

/** In the order in which `--help` lists them. `models` are arguments, and `--model-name` besides. */
export const settingFlags: Readonly<Record<SettingKey, SettingFlag>> = {
  models: {
    flag: "--model-name <name=dir>",
    help: "a model directory and the name that requests call it by; repeatable",
  },
  host: { flag: "--host <address>", help: "address to listen on; one that others can reach needs a key" },
  port: { flag: "--port <n>", help: "port to listen on; 0 for any that is free" },
  apiKeys: {
    flag: "--api-key <key>",
    help: "a key of which requests must carry one; repeatable (others can see it in the list of processes: better LLM_SERVE_API_KEY or --api-key-file)",
  },
  apiKeyFile: { flag: "--api-key-file <file>", help: "a file with a key on each line" },
  weights: {
    flag: "--weights <form>",
    help: `which ONNX file of a directory: ${weightChoices.join(", ")}; auto is q8 where it is there, else fp32`,
  },
  workers: { flag: "--workers <n>", help: "processes that serve the port together, each with its own models" },
  threads: {
    flag: "--threads <n>",
    help: "threads of a model in each process (default: the cores, divided among processes)",
  },
  maxBatch: { flag: "--max-batch <n>", help: "texts of a model at a time; fewer where the memory does not do" },
  maxQueue: { flag: "--max-queue <n>", help: "requests of a model that may wait; more are told to come back (429)" },
  memory: {
    flag: "--memory <mb>",
    help: "most megabytes of weights and caches in each process (default: 3/4 of the machine's, divided among processes)",
  },
  prefixCache: {
    flag: "--prefix-cache <mb>",
    help: "megabytes for the beginnings of prompts that a client repeats, for each model; 0 for none",
  },
  requestTimeout: { flag: "--request-timeout <s>", help: "most seconds that a request may take" },
  drainTimeout: { flag: "--drain-timeout <s>", help: "seconds that running requests are given at the end" },
  maxBody: { flag: "--max-body <mb>", help: "largest body of a request, in megabytes" },
  maxConnections: { flag: "--max-connections <n>", help: "most connections of each process" },
  corsOrigins: { flag: "--cors-origin <origin>", help: "an origin whose pages may call the API; repeatable" },
  allowedHosts: {
    flag: "--allowed-host <name>",
    help: "a name besides localhost that requests without keys may be addressed to; repeatable",
  },
  trustedProxies: { flag: "--trusted-proxy <address>", help: "a proxy whose x-forwarded-for is believed; repeatable" },
  publicMetrics: { flag: "--public-metrics", help: "serve /metrics without a key" },
  playground: { flag: "--no-playground", help: "serve no page at /" },
  logLevel: { flag: "--log-level <level>", help: "silent, fatal, error, warn, info or debug" },
  logTexts: { flag: "--log-texts", help: "log prompts and answers" },
};

/** Threads of each process where nobody sets them: a core for each, so that processes do not wait for each other. */
export function defaultThreads({ workers }: { readonly workers: number }): number {
  return Math.max(1, Math.floor(availableParallelism() / workers));
}
