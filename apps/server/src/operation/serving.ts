/**
 * One process that serves: listens first, opens its models, tries each once, and then takes requests, until it drains.
 */

import { AttentionThread } from "../attention/attentionThread.ts";
import { type App, buildApp } from "../http/buildApp.ts";
import { defaultSettings, type AppContext } from "../http/appContext.ts";
import { templateFault } from "../chat/compiledTemplate.ts";
import { TemplateThread } from "../chat/templateThread.ts";
import type { ServedModel } from "../model/servedModel.ts";
import { tokenizerOf } from "../model/tokenizerOf.ts";
import { openEngine } from "../scheduler/openEngine.ts";
import type { ThreadEngine } from "../scheduler/threadEngine.ts";
import { defaultThreads, type Settings } from "../settings/settingsTable.ts";
import { UsageError } from "../usageError.ts";
import { LoadingEngine } from "./loadingEngine.ts";
import { foreignBlockSize, type PlannedModel, servable } from "./modelPlan.ts";
import { warmUp } from "./warmUp.ts";

/** What a process serves with. */
export interface ServingOptions {
  readonly settings: Settings;
  readonly models: readonly PlannedModel[];
  readonly apiKeys: readonly string[];
  readonly log: NonNullable<AppContext["log"]>;
  readonly clusterMetrics?: AppContext["clusterMetrics"];
}

const megabyte = 1 << 20;

/** Seconds that answers which are complete are given to reach their readers. */
const LAST_BYTES_SECONDS = 5;

export class Serving {
  readonly #options: ServingOptions;
  readonly #engines = new Map<string, LoadingEngine>();
  readonly #attentions: AttentionThread[] = [];
  readonly #templates: TemplateThread;
  #app: App | undefined;
  #state: "loading" | "ready" | "draining" = "loading";

  private constructor(options: ServingOptions) {
    this.#options = options;
    this.#templates = new TemplateThread(options.models.map(({ directory }) => directory.chatTemplate));
  }

  /** A process that answers, with 503 until {@link load} is done. */
  static async prepare(options: ServingOptions): Promise<Serving> {
    const serving = new Serving(options);
    const { settings, apiKeys, log, clusterMetrics } = options;
    for (const { id, directory } of options.models) {
      const fault = templateFault(directory.chatTemplate);
      // Completions need none.
      if (fault !== undefined) log.warn({ model: id, fault }, "conversations are refused");
    }
    const models = new Map(options.models.map((model, index) => [model.id, serving.#served(model, index)]));
    serving.#app = await buildApp({
      models,
      isReady: () => serving.#state === "ready",
      log,
      clusterMetrics,
      settings: {
        ...defaultSettings,
        apiKeys,
        publicMetrics: settings.publicMetrics,
        allowedHosts: settings.allowedHosts,
        trustedProxies: settings.trustedProxies,
        maxBodyBytes: Math.floor(settings.maxBody * megabyte),
        maxConnections: settings.maxConnections,
        corsOrigins: settings.corsOrigins,
        requestTimeoutSeconds: settings.requestTimeout,
        logTexts: settings.logTexts,
        playground: settings.playground,
      },
    });
    // Whoever asks a server that drains does better to ask over another connection, which may lead to another server.
    serving.#app.server.prependListener("request", (_, response) => {
      if (serving.#state === "draining") response.setHeader("connection", "close");
    });
    return serving;
  }

  /** @returns the address. @throws UsageError where nobody can listen there. */
  async listen(): Promise<string> {
    const { host, port } = this.#options.settings;
    try {
      return await this.#listening.listen({ host, port });
    } catch (error) {
      throw listeningError(error as NodeJS.ErrnoException, { host, port });
    }
  }

  /** Opens the models, and generates with each once. */
  async load(): Promise<void> {
    const { settings, models, log } = this.#options;
    const threads = settings.threads ?? defaultThreads(settings);
    for (const model of models) {
      const { id, directory } = model;
      const engine = await this.#open(model, threads);
      this.#engines.get(id)?.open(engine);
      await warmUp(engine, directory);
      log.info({ model: id, weights: directory.weights, threads, ...engine.model }, "the model is loaded");
    }
    if (this.#state === "loading") this.#state = "ready";
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  /**
   * Refuses new requests, lets running ones finish or, after the time for that, ends them with an error, and frees everything.
   *
   * @param leave - Whether others serve the same port: then new connections are theirs at once.
   */
  async drain({ leave = false }: { leave?: boolean } = {}): Promise<void> {
    this.#state = "draining";
    const { settings, log } = this.#options;
    const engines = [...this.#engines.values()];
    log.info({ running: engines.reduce((sum, engine) => sum + engine.stats().running, 0) }, "draining");
    if (leave) this.#listening.server.close();
    this.#listening.server.closeIdleConnections();
    const isIdle = await within(settings.drainTimeout, Promise.all(engines.map((engine) => engine.idle())));
    if (!isIdle) log.warn({ seconds: settings.drainTimeout }, "requests that did not finish in time are ended");
    await Promise.all([this.#templates, ...this.#attentions, ...engines].map((part) => part.close()));
    const closed = this.#listening.close();
    await within(LAST_BYTES_SECONDS, closed);
    this.#listening.server.closeAllConnections();
    await closed;
  }

  #open({ id, directory, slots, prefixBytes }: PlannedModel, threads: number): Promise<ThreadEngine> {
    const { settings, log } = this.#options;
    const options = {
      modelFile: directory.onnxPath,
      tokenizerFile: directory.tokenizerPath,
      blockSize: foreignBlockSize(directory),
      slots,
      threads,
      maxQueue: settings.maxQueue,
      prefixBytes,
      onFailure: (error: Error) => log.error({ err: error, model: id }, "the model failed"),
    };
    return servable(directory, () => openEngine(options));
  }

  get #listening(): App {
    if (this.#app === undefined) throw new Error("Serving: expected to be prepared");
    return this.#app;
  }

  #served({ id, directory, slots }: PlannedModel, index: number): ServedModel {
    const { attentionPath, blockSize, vocabSize, created, beginId, stopIds, defaults } = directory;
    const engine = new LoadingEngine({ blockSize, vocabSize, slots });
    this.#engines.set(id, engine);
    const attention = attentionPath === undefined ? undefined : new AttentionThread(attentionPath);
    if (attention !== undefined) this.#attentions.push(attention);
    const chatTemplate = this.#templates.template(index);
    const tokenizer = tokenizerOf(directory);
    return { id, created, engine, attention, tokenizer, beginId, stopIds, chatTemplate, defaults };
  }
}

/** Whether something is done within seconds. */
async function within(seconds: number, done: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000);
  });
  try {
    return await Promise.race([done.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function listeningError(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Error {
  const got: Record<string, string> = {
    EADDRINUSE: `which another program listens on; choose another with --port`,
    EACCES: "which this user may not listen on; ports below 1024 are the system's",
    EADDRNOTAVAIL: "which is no address of this machine; choose another with --host",
    ENOTFOUND: "which is no address that is known; choose another with --host",
  };
  const reason = got[error.code ?? ""];
  if (reason === undefined) return error;
  return new UsageError(`expected an address to listen on, got ${host} port ${port}, ${reason}`, { cause: error });
}
