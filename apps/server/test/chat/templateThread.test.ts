import { EngineError, type TemplateThread } from "@llm-learning/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { isBuilt } from "../builtCli.ts";

const messages = [{ role: "user", content: "hi" }];

/** A thread of the built program: one of sources renders in its own thread. */
async function threadOf(...texts: string[]): Promise<TemplateThread> {
  const built = new URL("../../dist/chat/templateThread.js", import.meta.url);
  const { TemplateThread: Thread } = (await import(built.href)) as {
    TemplateThread: new (...args: ConstructorParameters<typeof TemplateThread>) => TemplateThread;
  };
  const sources = texts.map((text) => ({ name: "a test's", text, tokens: {}, stops: [] }));
  const thread = new Thread(sources, { deadlineMs: 1500 });
  onTestFinished(() => thread.close());
  return thread;
}

describe.runIf(isBuilt)("the thread of chat templates", () => {
  test("renders the templates of all models, in the order in which it is asked", async () => {
    const thread = await threadOf("a {{ messages[0].content }}", "b {{ add_generation_prompt }}");
    const asked = [0, 1, 0].map((index) => thread.template(index).render(messages, true));
    expect(await Promise.all(asked)).toEqual(["a hi", "b true", "a hi"]);
  });

  test("gives up what takes too long, and goes on with the next one", async () => {
    const without = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    const thread = await threadOf(without, "{{ messages[0].content }}");
    const late = thread.template(0).render(messages, true);
    const next = thread.template(1).render(messages, true);
    await expect(late).rejects.toThrow("that the model's chat template renders within 1500 ms, got a longer one");
    expect(await next).toBe("hi");
  });

  test("gives up what takes too much memory", async () => {
    const growing =
      "{% set all = namespace(lists=[]) %}{% for a in range(100000) %}" +
      "{% set all.lists = all.lists + [range(100000)] %}{% endfor %}";
    const thread = await threadOf(growing, "{{ messages[0].content }}");
    await expect(thread.template(0).render(messages, true)).rejects.toThrow(RangeError);
    expect(await thread.template(1).render(messages, true)).toBe("hi");
  });

  test("refuses texts of any length", async () => {
    const thread = await threadOf("{% for a in range(90000) %}{{ messages[0].content * 50 }}{% endfor %}");
    await expect(thread.template(0).render(messages, true)).rejects.toThrow(RangeError);
  });

  test("fails what is not rendered when it ends", async () => {
    const thread = await threadOf("{{ 1 }}");
    const asked = [1, 2].map(() => thread.template(0).render(messages, true));
    const ends = Promise.allSettled(asked);
    await thread.close();
    const reason = expect.objectContaining({ code: "closed", message: "the server is shutting down" }) as unknown;
    expect(await ends).toEqual(asked.map(() => ({ status: "rejected", reason })));
    await expect(thread.template(0).render(messages, true)).rejects.toMatchObject({
      name: EngineError.name,
      code: "closed",
    });
  });
});
