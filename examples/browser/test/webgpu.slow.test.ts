// The page on WebGPU, whose shaders a processor without graphics takes half a minute to compile and run.
import { hasChromium, launchWithWebGPU, screens } from "@llm-learning/testing/chromium";
import { expect, test } from "vitest";
import { expectReference, servePage, TrainingPage } from "./trainingPage.ts";

test.skipIf(!hasChromium)("a model that learns on WebGPU has the losses of the reference engine", async ({ skip }) => {
  const [browser, served] = await Promise.all([launchWithWebGPU(), servePage()]);
  try {
    const training = await TrainingPage.open(browser, served.url, screens[0]);
    const { page } = training;
    const hasAdapter = await page.evaluate<boolean>("Promise.resolve(navigator.gpu?.requestAdapter()).then(Boolean)");
    if (!hasAdapter) skip("this Chromium has no WebGPU in software");
    await training.enter();
    await page.getByLabel("Computes with").selectOption("webgpu");
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("Done: 30 steps").waitFor({ timeout: 300_000 });
    const losses = await training.losses();
    expect(losses).toHaveLength(30);
    await expectReference(losses);
    expect(await training.close()).toEqual([]);
  } finally {
    await browser.close();
    served.close();
  }
});
