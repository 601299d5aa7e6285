/**
 * What is in `deploy/` says the same as the program: names of settings, addresses of probes, times.
 */

import { readdirSync, readFileSync } from "node:fs";
import { buildApp } from "@llm-learning/server";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readSettings } from "../../src/settings/readSettings.ts";
import { contextOf } from "../servedModel.ts";

const folder = new URL("../../deploy/", import.meta.url);
const kubernetes = new URL("kubernetes/", folder);
const containerfile = readFileSync(new URL("Containerfile", folder), "utf8");
const packageJson = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  bin: Record<string, string>;
  name: string;
};

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly resources: { readonly limits: Record<string, string>; readonly requests: Record<string, string> };
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly: boolean }[];
}

interface Deployment extends Named {
  readonly spec: {
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly template: {
      readonly metadata: { readonly labels: Record<string, string> };
      readonly spec: {
        readonly enableServiceLinks: boolean;
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: object;
        readonly containers: readonly [Container];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}

function manifest<T extends Named>(name: string): T {
  return parse(readFileSync(new URL(name, kubernetes), "utf8")) as T;
}

async function routeExists(path: string): Promise<boolean> {
  const app = await buildApp(contextOf([]));
  const found = app.hasRoute({ method: "GET", url: path });
  await app.close();
  return found;
}

describe("the Kubernetes manifests", () => {
  const deployment = manifest<Deployment>("deployment.yaml");
  const { spec: pod, metadata } = deployment.spec.template;
  const [container] = pod.containers;
  const literal = Object.fromEntries(
    container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );

  test("are four, each of one thing", () => {
    const kinds = readdirSync(kubernetes).map((name) => [name, manifest(name).kind]);
    expect(Object.fromEntries(kinds)).toEqual({
      "autoscaler.yaml": "HorizontalPodAutoscaler",
      "deployment.yaml": "Deployment",
      "secret.yaml": "Secret",
      "service.yaml": "Service",
    });
  });

  test("set what the server knows", async () => {
    const values = container.env.map(({ name, value }) => [name, value ?? (name.endsWith("THREADS") ? "2" : "sk-key")]);
    const settings = await readSettings({ models: container.args }, Object.fromEntries(values));
    expect(settings).toMatchObject({ host: "0.0.0.0", apiKeys: ["sk-key"], publicMetrics: true, threads: 2 });
    expect(container.ports).toEqual([{ name: "http", containerPort: settings.port }]);
    expect(container.args.every((path) => path.startsWith(`${container.volumeMounts[0].mountPath}/`))).toBe(true);
    expect(pod.volumes.map(({ name }) => name)).toEqual(container.volumeMounts.map(({ name }) => name));
  });

  test("probe addresses that are there", async () => {
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"] as const) {
      const { path, port } = container[probe].httpGet;
      expect(await routeExists(path), path).toBe(true);
      expect(port).toBe("http");
    }
    // A server that loads or drains is alive: killed for that, it would never get done.
    expect(container.livenessProbe.httpGet.path).toBe("/health/live");
  });

  test("leave time to drain", () => {
    const [sleep, seconds] = container.lifecycle.preStop.exec.command;
    expect(sleep).toBe("sleep");
    const needed = Number(seconds) + Number(literal["LLM_SERVE_DRAIN_TIMEOUT"]) + 5;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(needed);
  });

  test("let the process write nothing and be nobody", () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true });
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(pod.enableServiceLinks).toBe(false);
    expect(Object.keys(container.resources.limits)).toEqual(["cpu", "memory"]);
    expect(container.volumeMounts.every(({ readOnly }) => readOnly)).toBe(true);
  });

  test("name each other", () => {
    const labels = { "app.kubernetes.io/name": "llm-serve" };
    const service = manifest<Named & { spec: { selector: object; ports: object[] } }>("service.yaml");
    expect([deployment.spec.selector.matchLabels, metadata.labels, service.spec.selector]).toEqual([
      labels,
      labels,
      labels,
    ]);
    expect(service.spec.ports).toMatchObject([{ targetPort: "http" }]);
    const secret = manifest<Named & { stringData: object }>("secret.yaml");
    const key = container.env.find(({ name }) => name === "LLM_SERVE_API_KEY");
    expect(key?.valueFrom).toEqual({
      secretKeyRef: { name: secret.metadata.name, key: Object.keys(secret.stringData)[0] },
    });
    const autoscaler = manifest<Named & { spec: { scaleTargetRef: object } }>("autoscaler.yaml");
    expect(autoscaler.spec.scaleTargetRef).toMatchObject({ kind: "Deployment", name: deployment.metadata.name });
  });
});

describe("the Containerfile", () => {
  test("sets what the server knows, and asks for its health where it is", async () => {
    const settings = [...containerfile.matchAll(/^ENV (LLM_SERVE_\w+)=(.*)$/gm)].map(([, name, value]) => [
      name,
      value,
    ]);
    expect(await readSettings({}, Object.fromEntries(settings))).toMatchObject({ host: "0.0.0.0", port: 8000 });
    const [, path] = /^ {2}CMD .*LLM_SERVE_PORT\}([/\w]+)`/m.exec(containerfile) ?? [];
    expect(await routeExists(path)).toBe(true);
    expect(containerfile).toContain("EXPOSE 8000");
  });

  test("installs this package, and runs its program as an ordinary user", () => {
    expect(containerfile).toContain(`"${packageJson.name}@\${VERSION}"`);
    expect(containerfile).toMatch(/^FROM node:24-slim$/m);
    expect(containerfile).toMatch(/^USER node$/m);
    expect(containerfile).toContain(`ENTRYPOINT ["${Object.keys(packageJson.bin)[0]}"]`);
  });
});
