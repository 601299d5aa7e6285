/**
 * What the runtime on this machine is and can do, for `doctor` to report.
 */

import { loadOnnxruntime } from "./loadOnnxruntime.ts";

/** The version and the devices of ONNX Runtime here. */
export interface RuntimeInfo {
  /** Version of onnxruntime-node. */
  readonly version: string;
  readonly providers: readonly RuntimeProvider[];
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
  return { version: ort.env.versions.node ?? ort.env.versions.common, providers };
}
