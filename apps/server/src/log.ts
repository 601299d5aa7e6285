/**
 * The log: a line of JSON for each thing that happened, by pino. No keys, and no texts unless the operator asks for them; what could
 * carry a key is cut out should anybody log it.
 */

import { type DestinationStream, type Logger, pino } from "pino";

/** How much is logged. */
export type LogLevel = "silent" | "fatal" | "error" | "warn" | "info" | "debug";

/** @param destination - Where lines go. @defaultValue standard output */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: ["headers", "*.headers", "apiKeys", "*.apiKeys"], remove: true },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
