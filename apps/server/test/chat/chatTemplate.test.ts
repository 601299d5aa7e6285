import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type ChatMessage, type ChatTemplate, readModelDirectory, TemplateThread } from "@llm-learning/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { templateFault } from "../../src/chat/compiledTemplate.ts";
import { tinyModel, type TinyModelOptions, writeFiles } from "../tinyModel.ts";

const conversation: readonly ChatMessage[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "What is that?" },
  { role: "assistant", content: "A whale." },
  { role: "user", content: "And that?" },
];

/** The template of a tiny model with these files besides its own. */
async function templateOf(options: TinyModelOptions, files: Record<string, unknown> = {}): Promise<ChatTemplate> {
  const path = await tinyModel(options);
  await writeFiles(path, files);
  const { chatTemplate } = await readModelDirectory(path);
  const thread = new TemplateThread([chatTemplate]);
  onTestFinished(() => thread.close());
  return thread.template(0);
}

describe("a model without a template of its own", () => {
  test("writes conversations as transcripts, and ends its answers before the user's next line", async () => {
    const template = await templateOf({});
    expect(await template.render(conversation, true)).toBe(
      "System: Be brief.\nUser: What is that?\nAssistant: A whale.\nUser: And that?\nAssistant:",
    );
    expect(await template.render(conversation.slice(0, 2), false)).toBe("System: Be brief.\nUser: What is that?\n");
    expect(template.stops).toEqual(["\nUser:"]);
  });

  test("is what llm-learning exports, under the same name in both programs", async () => {
    const exporter = new URL("../../../trainer/src/export/chatTemplate.ts", import.meta.url);
    const lines = readFileSync(exporter, "utf8").split("\n");
    const own = readFileSync(new URL("../../src/chat/transcript.ts", import.meta.url), "utf8").split("\n");
    const templateOfLines = (all: string[]): string[] => all.filter((line) => /^ {2}"\{/.test(line));
    expect(templateOfLines(own)).toEqual(templateOfLines(lines));
    expect(templateOfLines(own)).not.toEqual([]);
  });

  test("takes the exported transcript for what it is", async () => {
    const { transcriptTemplate } = await import("../../src/chat/transcript.ts");
    const template = await templateOf({ tokenizerConfig: { chat_template: transcriptTemplate } });
    expect(template.stops).toEqual(["\nUser:"]);
  });
});

describe("a model's own template", () => {
  // The form of ChatML, as Qwen's and SmolLM's models have it.
  const chatML =
    "{% for message in messages %}\n" +
    "{{ '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>\\n' -}}\n" +
    "{% endfor %}\n" +
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
  const rendered = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n";
  const hi: readonly ChatMessage[] = [{ role: "user", content: " hi " }];

  test.each<[where: string, options: TinyModelOptions, files: Record<string, unknown>]>([
    ["tokenizer_config.json", { tokenizerConfig: { chat_template: chatML } }, {}],
    [
      "a list there, under the name default",
      {
        tokenizerConfig: {
          chat_template: [
            { name: "tool_use", template: "{{ 1 }}" },
            { name: "default", template: chatML },
          ],
        },
      },
      {},
    ],
    [
      "chat_template.jinja, which comes first",
      { tokenizerConfig: { chat_template: "{{ 1 }}" } },
      { "chat_template.jinja": chatML },
    ],
  ])("is read from %s", async (_, options, files) => {
    const template = await templateOf(options, files);
    expect(await template.render(hi, true)).toBe(rendered);
    expect(template.stops).toEqual([]);
  });

  test("has the names that transformers gives a template", async () => {
    const template = await templateOf(
      { tokenizerConfig: { pad_token: { content: "<pad>" } } },
      {
        "chat_template.jinja":
          "{{ bos_token }}{{ eos_token }}{{ pad_token }} {{ tools is none }} {{ documents is none }} {{ messages[0].name }} " +
          "{{ messages[1].name is defined }} {{ strftime_now('%Y') | length }} {{ range(3) | list }}",
      },
    );
    const messages = [{ ...hi[0], name: "Ishmael" }, hi[0]];
    expect(await template.render(messages, true)).toBe(
      "<|endoftext|><|endoftext|><pad> true true Ishmael false 4 [0, 1, 2]",
    );
  });

  test("refuses conversations in its own words", async () => {
    const template = await templateOf(
      {},
      {
        "chat_template.jinja":
          "{% if messages[0].role != 'user' %}{{ raise_exception('users come first') }}{% endif %}",
      },
    );
    await expect(template.render(conversation, true)).rejects.toThrow(
      new RangeError("expected a conversation that the model's chat template takes, got: users come first"),
    );
  });

  test("is refused where it is too large", async () => {
    const path = await tinyModel({ tokenizerConfig: { chat_template: "x".repeat(300_000) } });
    await expect(readModelDirectory(path)).rejects.toThrow("expected a chat_template of at most 262144 bytes");
    await writeFiles(path, { "chat_template.jinja": "x".repeat(300_000) });
    await expect(readModelDirectory(path)).rejects.toThrow("expected at most 262144 bytes in");
    await rm(join(path, "chat_template.jinja"));
  });

  test("that is none refuses every conversation, and says why", async () => {
    const template = await templateOf({}, { "chat_template.jinja": "{% for %}" }).catch((error: unknown) => error);
    expect(template).toBeInstanceOf(RangeError);
    expect((template as RangeError).message).toMatch(/^expected a chat template, got: /);
    const source = { name: "chat_template.jinja", text: "{% for %}", tokens: {}, stops: [] };
    expect(templateFault(source)).toMatch(/^chat_template.jinja: expected a chat template, got: /);
    expect(templateFault({ ...source, text: "{{ messages }}" })).toBeUndefined();
  });
});
