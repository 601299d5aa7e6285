import type { StatisticsLine } from "@llm-learning/diagnostics";
import { resolveConfig } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";
import { DashboardView } from "../../src/dashboard/dashboardView.ts";
import { RunHistory } from "../../src/report/runHistory.ts";

const subject = { config: resolveConfig(), vocabSize: 20, parameterCount: 100 };

function progressOf(view: DashboardView): string {
  return view.render("wide").get("progress/all") ?? "";
}

describe("the samples of a dashboard", () => {
  it("stand under their steps, newest first, those of the sessions before among them", () => {
    const view = new DashboardView(subject);
    expect(progressOf(view)).toBe("");
    const history = new RunHistory();
    history.addSamples({ step: 0, texts: ["qqq"] });
    view.begin(history);
    for (let step = 1000; step <= 30_000; step += 1000) {
      view.handle({ type: "samples", line: { step, texts: [`anna${step}`, `bob${step}`] } });
    }
    const html = progressOf(view);
    const steps = [...html.matchAll(/<h3>Step ([\d,]+)<\/h3>/g)].map(([, step]) => Number(step.replace(",", "")));
    expect(steps.slice(0, 3)).toEqual([30_000, 29_000, 28_000]);
    expect(steps).toHaveLength(16);
    expect(html).toContain("anna30000\nbob30000");
  });

  it("are text, whatever the model writes, and of a long one the beginning", () => {
    const view = new DashboardView(subject);
    const evil = `</pre><script>alert(1)</script><img src=x onerror="alert(1)">`;
    view.handle({ type: "samples", line: { step: 5, texts: [evil + "x".repeat(100_000)] } });
    expect(progressOf(view)).toContain("&lt;/pre&gt;&lt;script&gt;alert(1)");
    expect(progressOf(view)).not.toMatch(/<script|<img/);
    expect(progressOf(view).length).toBeLessThan(2000);
  });
});

describe("a dashboard that fails", () => {
  it("says so on the page, and does not throw at the training", () => {
    const view = new DashboardView(subject);
    // Statistics of another program: no record has what a plot reads.
    const line = { step: 1, records: [{ name: "x", kind: "tanh" }] } as unknown as StatisticsLine;
    view.handle({ type: "statistics", line });
    const notes = view.render("wide").get("notes/all") ?? "";
    expect(notes).toContain("This page does not show everything.");
    expect(notes).toContain("The training goes on.");
    view.fail(new Error("no room <left>"));
    expect(new DashboardView(subject).render("wide").get("notes/all")).not.toContain("does not show");
  });
});
