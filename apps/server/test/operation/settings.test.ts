import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { apiKeysOf, isLoopback } from "../../src/settings/apiKeys.ts";
import { type FlagValues, readSettings } from "../../src/settings/readSettings.ts";
import { settingsDefaults } from "../../src/settings/settingsTable.ts";
import { UsageError } from "../../src/usageError.ts";
import { temporaryDirectory, writeFiles } from "../tinyModel.ts";

async function errorOf(action: () => Promise<unknown>): Promise<string> {
  const error: unknown = await action().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message;
}

describe("settings", () => {
  test("are taken from flags, then from the environment, then from a file, then from defaults", async () => {
    const folder = await temporaryDirectory();
    const config = join(folder, "serve.json");
    await writeFile(config, JSON.stringify({ port: 1, maxBatch: 1, maxQueue: 1, playground: false, models: ["one"] }));
    const environment = { LLM_SERVE_PORT: "2", LLM_SERVE_MAX_BATCH: "2", LLM_SERVE_LOG_TEXTS: "true" };
    const settings = await readSettings({ config, port: "3", models: ["three", "four"] }, environment);
    expect(settings).toEqual({
      ...settingsDefaults,
      models: ["three", "four"],
      port: 3,
      maxBatch: 2,
      maxQueue: 1,
      playground: false,
      logTexts: true,
    });
    expect((await readSettings({}, { LLM_SERVE_CONFIG: config })).port).toBe(1);
    expect((await readSettings({ playground: false }, {})).playground).toBe(false);
  });

  test("of several values are lists in the environment, with commas", async () => {
    const environment = {
      LLM_SERVE_API_KEY: "sk-one, sk-two",
      LLM_SERVE_CORS_ORIGINS: "https://a.example",
      OTHER: "x",
    };
    expect(await readSettings({}, environment)).toMatchObject({
      apiKeys: ["sk-one", "sk-two"],
      corsOrigins: ["https://a.example"],
    });
  });

  test.each<[string, FlagValues, NodeJS.ProcessEnv, string]>([
    ["a flag", { port: "http" }, {}, 'expected --port to be an integer from 0 to 65535, got "http"'],
    ["out of range", { workers: "0" }, {}, "expected --workers to be an integer from 1 to 1024, got 0"],
    ["no integer", { maxQueue: "1.5" }, {}, "expected --max-queue to be an integer from 0 to 100000, got 1.5"],
    [
      "no number",
      { drainTimeout: "1e3" },
      {},
      'expected --drain-timeout to be seconds, above 0 and at most 86400, got "1e3"',
    ],
    ["no choice", { weights: "q5" }, {}, 'expected --weights to be one of auto, fp32, fp16, q8, q4, got "q5"'],
    [
      "a key, which is not repeated",
      { apiKeys: ["my secret"] },
      {},
      "expected --api-key to be keys of 1 to 512 printable ASCII characters without spaces, got others",
    ],
    [
      "the environment",
      {},
      { LLM_SERVE_PORT: "80000" },
      "expected LLM_SERVE_PORT to be an integer from 0 to 65535, got 80000",
    ],
    ["a truth", {}, { LLM_SERVE_LOG_TEXTS: "yes" }, 'expected LLM_SERVE_LOG_TEXTS to be true or false, got "yes"'],
    [
      "an unknown name in the environment",
      {},
      { LLM_SERVE_MAX_BACH: "8" },
      'expected a setting in the environment, got "LLM_SERVE_MAX_BACH": did you mean LLM_SERVE_MAX_BATCH?',
    ],
    [
      "what Kubernetes says of a service of this name",
      {},
      {
        LLM_SERVE_SERVICE_HOST: "10.0.0.5",
        LLM_SERVE_PORT_80_TCP: "tcp://10.0.0.5:80",
        LLM_SERVE_PORT: "tcp://10.0.0.5:80",
      },
      'expected LLM_SERVE_PORT to be a port, got "tcp://10.0.0.5:80": Kubernetes sets it where a service is called llm-serve; ' +
        "write enableServiceLinks: false in the pod, or call the service something else",
    ],
  ])("are refused in one line: %s", async (_, flags, environment, message) => {
    expect(await errorOf(() => readSettings(flags, environment))).toBe(message);
  });

  test.each<[string, unknown, string]>([
    ["an unknown name", { maxBach: 8 }, 'expected a setting, got "maxBach": did you mean maxBatch? (in FILE)'],
    ["a name like none", { frequency: 8 }, 'expected a setting, got "frequency" (in FILE)'],
    ["the name of something else", { constructor: 8 }, 'expected a setting, got "constructor" (in FILE)'],
    ["a wrong type", { port: "8000" }, 'expected port to be an integer from 0 to 65535, got "8000" (in FILE)'],
    ["no object", [], "expected an object of settings (in FILE)"],
    ["no JSON", "{", 'expected JSON, got "{" (in FILE)'],
  ])("in a file are refused in one line: %s", async (_, content, message) => {
    const folder = await temporaryDirectory();
    await writeFiles(folder, { "serve.json": content });
    const config = join(folder, "serve.json");
    const got = await errorOf(() => readSettings({ config }, {}));
    expect(got.replace(JSON.stringify(config), "FILE")).toBe(message);
  });
});

describe("keys", () => {
  test("come from the settings and from a file, each once", async () => {
    const apiKeyFile = join(await temporaryDirectory(), "keys");
    await writeFile(apiKeyFile, "# of the team\nsk-two\r\n\n  sk-three  \nsk-one\n");
    const settings = { ...settingsDefaults, apiKeys: ["sk-one"], apiKeyFile };
    expect(await apiKeysOf(settings)).toEqual(["sk-one", "sk-two", "sk-three"]);
    await writeFile(apiKeyFile, "# nothing\n");
    expect(await errorOf(() => apiKeysOf(settings))).toBe(
      `expected a key on a line of ${JSON.stringify(apiKeyFile)}, got none`,
    );
    await writeFile(apiKeyFile, "sk-one\nmy secret\n");
    const message = await errorOf(() => apiKeysOf(settings));
    expect(message).toContain("got another as key 2");
    expect(message).not.toContain("secret");
  });

  test.each(["0.0.0.0", "::", "192.168.1.5", "::ffff:127.0.0.1", "myhost", "127.0.0.1.example.org"])(
    "are needed on %s",
    async (host) => {
      expect(await errorOf(() => apiKeysOf({ ...settingsDefaults, host }))).toBe(
        `expected --api-key or --api-key-file with --host ${host}, which others can reach, got none; ` +
          "without a key the server listens on 127.0.0.1 only",
      );
      expect(await apiKeysOf({ ...settingsDefaults, host, apiKeys: ["sk-one"] })).toEqual(["sk-one"]);
    },
  );

  test("are not needed where only this machine can ask", async () => {
    for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) {
      expect(isLoopback(host)).toBe(true);
      expect(await apiKeysOf({ ...settingsDefaults, host })).toEqual([]);
    }
  });
});
