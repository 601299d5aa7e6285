/**
 * `llm-learning doctor`: what this machine can run, and why not.
 */

import type { Command } from "commander";
import type { BindingChoice } from "@llm-learning/onnx/node";
import { type Diagnosis, diagnose, type EngineDiagnosis } from "../doctor/diagnose.ts";
import { formatBytes } from "../terminal/format.ts";

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description("say what this machine can run, and why not")
    .option("--json", "print one JSON document on standard output")
    .action(async ({ json = false }: { json?: boolean }) => {
      const diagnosis = await diagnose();
      process.stdout.write(json ? `${JSON.stringify(diagnosis, null, 2)}\n` : describeDiagnosis(diagnosis));
    });
}

/** The diagnosis for people: a mark, a name, and what there is to know. */
export function describeDiagnosis({ node, system, engines, data }: Diagnosis): string {
  const rows: [ok: boolean, name: string, text: string][] = [
    [node.ok, "Node.js", node.ok ? node.version : `${node.version}; needs ${node.required} or newer`],
    [true, "system", `${system.platform} ${system.arch}, ${system.cores} cores (${system.cpu})`],
    [
      true,
      "memory",
      `${formatBytes(system.availableMemoryBytes)} available of ${formatBytes(system.totalMemoryBytes)}`,
    ],
    ...engines.map((engine): [boolean, string, string] => [engine.available, engine.name, describeEngine(engine)]),
    ...data.map(({ name, available, reason }): [boolean, string, string] => [
      available,
      name,
      available ? "bundled" : `not available: ${reason}`,
    ]),
  ];
  return rows.map(([ok, name, text]) => `${ok ? "ok" : "no"}  ${name.padEnd(12)} ${text}\n`).join("");
}

function describeEngine({ available, reason, version, providers, generation, gflops }: EngineDiagnosis): string {
  if (!available) return `not available: ${reason}`;
  const bundled = providers?.filter((provider) => provider.bundled).map(({ name }) => name);
  return [
    ...(version === undefined ? ["plain TypeScript, slow and obviously right"] : [version]),
    ...(bundled === undefined ? [] : [`providers ${bundled.join(", ") || "none"}; trains on cpu`]),
    ...(generation === undefined ? [] : [`generates ${describeBinding(generation)}`]),
    ...(gflops === undefined ? [] : [`${Number(gflops.toPrecision(2))} GFLOP/s`]),
  ].join(", ");
}

function describeBinding({ binding, reason }: BindingChoice): string {
  if (binding === "native") return "through its C API";
  return `through onnxruntime-node${reason === undefined ? "" : ` (${reason.slice(0, 120)})`}`;
}
