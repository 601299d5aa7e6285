/**
 * What all routes share: the models, and what the operator set.
 */

import type { FastifyBaseLogger } from "fastify";
import type { ClusterMetrics } from "../metrics/gatheredMetrics.ts";
import type { ServedModel } from "../model/servedModel.ts";

/** What the operator decides about requests; every limit has a default. */
export interface AppSettings {
  /** Keys of which a request must carry one, as a bearer token; without any, all requests are welcome. */
  readonly apiKeys: readonly string[];
  /** Whether `/metrics` needs no key. */
  readonly publicMetrics: boolean;
  /** Names besides localhost that requests without keys may be addressed to. */
  readonly allowedHosts: readonly string[];
  /** Addresses or networks of proxies whose `x-forwarded-for` is believed. */
  readonly trustedProxies: readonly string[];
  /** Largest body of a request, in bytes. */
  readonly maxBodyBytes: number;
  /** Most seconds until a request has arrived wholly, and most connections at a time. */
  readonly arrivalTimeoutSeconds: number;
  readonly maxConnections: number;
  /** Origins whose pages may call the API; none by default. */
  readonly corsOrigins: readonly string[];
  /** Most seconds that a request may take; a body's own `timeout` may only be shorter. */
  readonly requestTimeoutSeconds: number;
  /** Seconds that a stream waits for its reader before the connection is cut. */
  readonly slowReaderSeconds: number;
  /** Most answers (`n`) to one prompt, and most prompts of one request. */
  readonly maxChoices: number;
  readonly maxPrompts: number;
  /** Whether logs hold prompts and answers. */
  readonly logTexts: boolean;
  /** Whether the playground is at `/`. */
  readonly playground: boolean;
}

export const defaultSettings: AppSettings = {
  apiKeys: [],
  publicMetrics: false,
  allowedHosts: [],
  trustedProxies: [],
  maxBodyBytes: 1 << 20,
  arrivalTimeoutSeconds: 30,
  maxConnections: 1024,
  corsOrigins: [],
  requestTimeoutSeconds: 600,
  slowReaderSeconds: 30,
  maxChoices: 16,
  maxPrompts: 64,
  logTexts: false,
  playground: true,
};

/** What routes are registered with. */
export interface AppContext {
  /** By id, in the order in which they are listed; the first one answers requests that name none. */
  readonly models: ReadonlyMap<string, ServedModel>;
  readonly settings: AppSettings;
  /** Whether requests are taken: false while models load and while the server drains. */
  readonly isReady: () => boolean;
  /** The same model, what it does being measured: set by the app for its routes. */
  readonly measured?: ((model: ServedModel) => ServedModel) | undefined;
  /** Where lines about requests go. @defaultValue nowhere */
  readonly log?: FastifyBaseLogger | undefined;
  /** The metrics of all processes, where several serve this port. @defaultValue those of this process alone */
  readonly clusterMetrics?: ClusterMetrics | undefined;
}
