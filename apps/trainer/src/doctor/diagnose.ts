/**
 * What this machine and installation offer, and what is missing and why.
 */

import { availableParallelism, cpus, totalmem } from "node:os";
import { compile, type Engine, input, graphOf, matmul, referenceEngine } from "@llm-learning/nn-core";
import { type BindingChoice, onnxruntimeEngine, runtimeInfo, type RuntimeProvider } from "@llm-learning/onnx/node";
import { loadTfjsNode, tfjsNodeEngine } from "@llm-learning/tfjs/node";
import { bundledData, readData } from "../training/sourceData.ts";

export interface Diagnosis {
  readonly node: { readonly version: string; readonly required: string; readonly ok: boolean };
  readonly system: {
    readonly platform: string;
    readonly arch: string;
    readonly cpu: string;
    /** Cores that this process may use. */
    readonly cores: number;
    readonly totalMemoryBytes: number;
    /** What this process may still take, limits of a container included. */
    readonly availableMemoryBytes: number;
  };
  readonly engines: readonly EngineDiagnosis[];
  /** The bundled data by name. */
  readonly data: readonly { readonly name: string; readonly available: boolean; readonly reason?: string }[];
}

export interface EngineDiagnosis {
  readonly name: "onnxruntime" | "tfjs-node" | "reference";
  readonly available: boolean;
  /** Why it is not. */
  readonly reason?: string;
  readonly version?: string;
  readonly providers?: readonly RuntimeProvider[];
  /** How it is called to generate text, and why. */
  readonly generation?: BindingChoice;
  /** Speed of a product of two square matrices in float32. */
  readonly gflops?: number;
}

/** Lowest Node.js that the packages run on. */
const REQUIRED_NODE = "20.19.0";

/** Looks at the machine; takes a second or two, most of it to measure. */
export async function diagnose(): Promise<Diagnosis> {
  const { node } = process.versions;
  return {
    node: { version: node, required: REQUIRED_NODE, ok: isAtLeast(node, REQUIRED_NODE) },
    system: {
      platform: process.platform,
      arch: process.arch,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      totalMemoryBytes: totalmem(),
      availableMemoryBytes: process.availableMemory(),
    },
    engines: [await diagnoseOnnxruntime(), await diagnoseTfjs(), await diagnoseReference()],
    data: await Promise.all(bundledData.map(diagnoseData)),
  };
}

async function diagnoseOnnxruntime(): Promise<EngineDiagnosis> {
  try {
    const { version, providers, generation } = await runtimeInfo();
    const gflops = await measureMatmul(onnxruntimeEngine({ threads: availableParallelism() }), 1024);
    return { name: "onnxruntime", available: true, version, providers, generation, gflops };
  } catch (error) {
    return { name: "onnxruntime", available: false, reason: reasonOf(error) };
  }
}

async function diagnoseTfjs(): Promise<EngineDiagnosis> {
  try {
    const { version_core: version } = await loadTfjsNode();
    const gflops = await measureMatmul(tfjsNodeEngine(), 1024);
    return { name: "tfjs-node", available: true, version, gflops };
  } catch (error) {
    return { name: "tfjs-node", available: false, reason: reasonOf(error) };
  }
}

async function diagnoseReference(): Promise<EngineDiagnosis> {
  return { name: "reference", available: true, gflops: await measureMatmul(referenceEngine(), 128) };
}

async function diagnoseData(name: string): Promise<Diagnosis["data"][number]> {
  try {
    await readData(name);
    return { name, available: true };
  } catch (error) {
    return { name, available: false, reason: reasonOf(error) };
  }
}

/** Floating-point operations per nanosecond in a product of two `[n, n]` matrices; the best of some tries. */
async function measureMatmul(engine: Engine, n: number): Promise<number> {
  const a = input("a", [n, n], "float32");
  const program = await compile(engine, graphOf({ product: matmul(a, a) }));
  const feeds = { a: new Float32Array(n * n).fill(0.5) };
  let best = Infinity;
  for (let run = 0; run < 5; run++) {
    const begin = performance.now();
    await program.run(feeds);
    best = Math.min(best, performance.now() - begin);
  }
  await program.dispose();
  return (2 * n ** 3) / (best * 1e6);
}

function isAtLeast(version: string, required: string): boolean {
  const [actual, least] = [version, required].map((text) => text.split(".").map(Number));
  for (let i = 0; i < least.length; i++) {
    if (actual[i] !== least[i]) return actual[i] > least[i];
  }
  return true;
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, " ").slice(0, 300);
}
