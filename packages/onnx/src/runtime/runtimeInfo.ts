/**
 * What the runtime on this machine is and can do, for `doctor` to report.
 */

import { loadOnnxruntime } from "./loadOnnxruntime.ts";
import { type BindingChoice, chooseBinding } from "./openSession.ts";

/** The version and the devices of ONNX Runtime here. */
export interface RuntimeInfo {
  /** Version of onnxruntime-node. */
  readonly version: string;
  readonly providers: readonly RuntimeProvider[];
  /** How models are run for generation, and why. */
  readonly generation: BindingChoice;
}

/** A kind of device that the runtime was built for. */
export interface RuntimeProvider {
  readonly name: string;
  /** Whether its library came with the package, rather than having to be installed. */
  readonly bundled: boolean;
}

/** @throws Error if onnxruntime-node cannot be loaded. */
export async function runtimeInfo(): Promise<RuntimeInfo> {
  const ort = await loadOnnxruntime();
  const providers = ort.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
  return { version: ort.env.versions.node ?? ort.env.versions.common, providers, generation: await chooseBinding() };
}
