/**
 * How a session is set up, whichever binding opens it.
 */

import { availableParallelism } from "node:os";

/** Options of sessions on ONNX Runtime and of the engine over them. */
export interface OrtSessionOptions {
  /** Threads inside an operator, an integer > 0. @defaultValue the cores available to this process */
  threads?: number;
  /** How far the runtime rewrites the graph. @defaultValue "all" */
  optimization?: "disabled" | "basic" | "extended" | "all";
  /** Refuse a model whose declared shapes contradict the inferred ones. @defaultValue false */
  strictShapes?: boolean;
  /** Path prefix of a Chrome trace of every operator, written when the session is disposed. @defaultValue no trace */
  profile?: string;
}

/** What only code of this package sets. */
export interface InternalSessionOptions extends OrtSessionOptions {
  /** Directory of the files with external data, of a model that is given as bytes. */
  readonly dataDirectory?: string | undefined;
  /**
   * Whether the runtime remembers how the first run of some sizes used memory, and takes one piece of that length for the next: what the
   * first one took stays beside it. @defaultValue true
   */
  readonly memoryPattern?: boolean | undefined;
}

/** Options with their defaults, and the runtime's own settings. */
export interface OrtSettings extends Required<Omit<OrtSessionOptions, "profile">> {
  readonly profile: string | undefined;
  readonly memoryPattern: boolean;
  /** Entries of the session's configuration, without their common prefix "session.". */
  readonly entries: Readonly<Record<string, string>>;
}

/** @throws RangeError for a number of threads that is not an integer > 0. */
export function ortSettings(caller: string, options: InternalSessionOptions): OrtSettings {
  const { threads = availableParallelism(), optimization = "all", strictShapes = false, profile } = options;
  const { dataDirectory, memoryPattern = true } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`${caller}: expected threads to be an integer > 0, got ${threads}`);
  }
  const entries = {
    // Threads that wait for the next run in a busy loop take the cores from other sessions, and from JavaScript.
    force_spinning_stop: "1",
    ...(dataDirectory === undefined ? {} : { model_external_initializers_file_folder_path: dataDirectory }),
    ...(strictShapes ? { strict_shape_type_inference: "1" } : {}),
  };
  return { threads, optimization, strictShapes, profile, memoryPattern, entries };
}
