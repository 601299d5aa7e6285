/**
 * The playground: asks a model for a text, shows it token by token as it comes, and lets the reader look into each token and write
 * on from another one.
 */

import type { Alternative, GenerateRequest, PlaygroundMessage, PlaygroundModel } from "../protocol.ts";
import { AttentionPanel } from "./attentionPanel.ts";
import { Client, ServerProblem } from "./client.ts";
import { byId } from "./element.ts";
import { Pace } from "./pace.ts";
import { readSettings, showDefaults, showFields } from "./settings.ts";
import { complain, say, showPace } from "./statusLine.ts";
import { TokenCard } from "./tokenCard.ts";
import { TokenView, type ViewToken } from "./tokenView.ts";

/** Where the key is kept: until the tab is closed. */
const KEY = "llm-serve-key";

/** Texts that can be gone back to. */
const MAX_VERSIONS = 50;

const form = byId("ask", HTMLFormElement);
const prompt = byId("prompt", HTMLTextAreaElement);
const keyBox = byId("key-box", HTMLFormElement);
const keyField = byId("key", HTMLInputElement);
const modelField = byId("model", HTMLSelectElement);
const stopButton = byId("stop", HTMLButtonElement);
const goOnButton = byId("go-on", HTMLButtonElement);
const backButton = byId("back", HTMLButtonElement);
const copyButton = byId("copy", HTMLButtonElement);
const restartButton = byId("restart", HTMLButtonElement);
const textBox = byId("text", HTMLElement);

const client = new Client();
const card = new TokenCard(byId("card", HTMLElement), { onAlternative: chooseAlternative });
const attention = new AttentionPanel({ client, shade: (weights) => view.shade(weights) });
const view = new TokenView(textBox, {
  onPreview: (index) => showCard(index ?? view.pinned),
  onPin: (index) => {
    showCard(index);
    look();
  },
  onEnter: () => card.focus(),
});

let models: readonly PlaygroundModel[] = [];
let running: AbortController | undefined;
/** The messages that the text on the page answers. */
let asked: PlaygroundMessage[] = [];
const versions: ViewToken[][] = [];

function model(): PlaygroundModel | undefined {
  return models.find(({ id }) => id === modelField.value);
}

function mode(): "complete" | "chat" {
  return byId("mode-chat", HTMLInputElement).checked ? "chat" : "complete";
}

async function loadModels(): Promise<void> {
  try {
    models = await client.models();
    modelField.replaceChildren(...models.map(({ id }) => new Option(id, id)));
    keyBox.hidden = client.key === "";
    say("Ready");
    complain(undefined);
    changeModel();
  } catch (error) {
    const isLocked = error instanceof ServerProblem && error.status === 401;
    if (isLocked) keyBox.hidden = false;
    say(isLocked ? "An API key is needed" : "Not ready");
    if (!isLocked || client.key !== "") complain(error);
  }
  showState();
}

function changeModel(): void {
  const chosen = model();
  if (chosen === undefined) return;
  showDefaults(chosen);
  byId("facts", HTMLElement).textContent =
    `${chosen.vocabSize.toLocaleString("en")} tokens, context of ${chosen.blockSize.toLocaleString("en")}`;
  // The tokens of one model mean nothing to another.
  setVersion([]);
  versions.length = 0;
  asked = [];
  showState();
}

/** Begins a text: the prompt's, or the conversation's with the prompt as its next message. */
async function begin(): Promise<void> {
  const content = prompt.value;
  if (mode() === "complete") {
    await generate({ prompt: content }, []);
    return;
  }
  const before = asked;
  const system = byId("system", HTMLTextAreaElement).value;
  asked = [...conversation(), { role: "user", content }];
  if (before.length === 0 && system !== "") asked = [{ role: "system", content: system }, ...asked];
  prompt.value = "";
  if (await generate({ messages: asked }, [])) return;
  // What could not be answered can be changed.
  asked = before;
  prompt.value = content;
  showState();
}

/** The messages so far, the last answer as it stands: other tokens may have been chosen in it. */
function conversation(): PlaygroundMessage[] {
  if (asked.length === 0) return [];
  const written = view.tokens.filter(({ origin }) => origin !== "prompt");
  return [...asked, { role: "assistant", content: written.map(({ text }) => text).join("") }];
}

function chooseAlternative(index: number, { id, text, logprob }: Alternative): void {
  const { top } = view.tokens[index];
  const chosen: ViewToken = { id, text, logprob, origin: "chosen", ...(top !== undefined && { top }) };
  const kept = [...view.tokens.slice(0, index), chosen];
  void generate({ tokens: kept.map((token) => token.id) }, kept);
  // What was chosen from is gone with the token.
  view.pin(index, { focus: true });
}

function goOn(): void {
  void generate({ tokens: view.tokens.map(({ id }) => id) }, view.tokens);
}

/**
 * Has a text written behind `kept`, whose tokens are those of the prompt; where none are kept, the prompt's are shown.
 *
 * @returns false where nothing came; the text is then the one before.
 */
async function generate(
  what: Pick<GenerateRequest, "prompt" | "messages" | "tokens">,
  kept: readonly ViewToken[],
): Promise<boolean> {
  const chosen = model();
  if (chosen === undefined || running !== undefined) return false;
  const { sampling, maxTokens, seed, stop, scorePrompt } = readSettings(chosen);
  const controller = new AbortController();
  running = controller;
  versions.push([...view.tokens]);
  if (versions.length > MAX_VERSIONS) versions.shift();
  setVersion(kept);
  complain(undefined);
  say("Reading the prompt…");
  showState();
  const pace = new Pace(performance.now());
  let ending = "";
  let hasBegun = false;
  try {
    const request: GenerateRequest = {
      model: chosen.id,
      ...what,
      ...sampling,
      max_tokens: maxTokens,
      seed,
      stop,
      ...(scorePrompt && kept.length === 0 && { score_prompt: true }),
    };
    for await (const event of client.generate(request, controller.signal)) {
      hasBegun = true;
      if (event.type === "prompt") {
        if (kept.length === 0) for (const token of event.tokens) view.push({ ...token, origin: "prompt" });
      } else if (event.type === "token") {
        pace.token(performance.now());
        view.push({ ...event, origin: "written" });
        say(`Writing, ${pace.tokens} tokens`, { quiet: true });
        showPace(pace);
      } else {
        ending = event.reason === "length" ? "ended by the length" : "ended by the model";
        if (event.stopped !== undefined) ending = `ended by ${JSON.stringify(event.stopped)}`;
      }
    }
    say(`Done: ${pace.tokens} tokens, ${ending}, seed ${seed}`);
  } catch (error) {
    if (controller.signal.aborted) say(`Stopped after ${pace.tokens} tokens, seed ${seed}`);
    else {
      say("Not done");
      complain(error);
    }
  } finally {
    running = undefined;
    if (!hasBegun) setVersion(versions.pop() ?? []);
    showPace(pace);
    showState();
    look();
  }
  return hasBegun;
}

function setVersion(tokens: readonly ViewToken[]): void {
  attention.hide();
  view.set(tokens);
  showCard(undefined);
}

function showCard(index: number | undefined): void {
  const count = view.tokens.length;
  card.show(index === undefined ? undefined : view.tokens[index], { index: index ?? 0, count });
}

/** Shows what the model looked at before the chosen token, once nothing is being written. */
function look(): void {
  if (model()?.attention !== true || running !== undefined || view.pinned === undefined) return;
  attention.show(modelField.value, view.tokens, view.pinned);
}

function showState(): void {
  const isRunning = running !== undefined;
  const hasText = view.tokens.length > 0;
  const isChat = mode() === "chat";
  byId("generate", HTMLButtonElement).disabled = isRunning || model() === undefined;
  stopButton.disabled = !isRunning;
  goOnButton.hidden = isRunning || !hasText || view.tokens.length >= (model()?.blockSize ?? 0);
  backButton.hidden = isRunning || (versions.at(-1) ?? []).length === 0;
  copyButton.hidden = isRunning || !hasText;
  restartButton.hidden = isRunning || !isChat || asked.length === 0;
  byId("system-box", HTMLElement).hidden = !isChat || asked.length > 0;
  byId("prompt-label", HTMLElement).textContent = isChat ? "Message" : "Prompt";
  prompt.placeholder = isChat ? "What do you say?" : "How does the text begin?";
  byId("empty", HTMLElement).hidden = hasText || isRunning;
  textBox.setAttribute("aria-busy", String(isRunning));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running === undefined) void begin();
});
// A field that is wrong can only say so where it is seen.
form.addEventListener("invalid", showFields, { capture: true });
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  if (event.key !== "Escape") return;
  if (running !== undefined) running.abort();
  else if (view.pinned !== undefined && byId("card", HTMLElement).contains(document.activeElement)) {
    view.pin(view.pinned, { focus: true });
  }
});
stopButton.addEventListener("click", () => running?.abort());
goOnButton.addEventListener("click", goOn);
backButton.addEventListener("click", () => {
  setVersion(versions.pop() ?? []);
  showState();
});
copyButton.addEventListener("click", async () => {
  await navigator.clipboard.writeText(view.tokens.map(({ text }) => text).join(""));
  say("The text is copied");
});
restartButton.addEventListener("click", () => {
  asked = [];
  setVersion([]);
  showState();
});
modelField.addEventListener("change", changeModel);
for (const id of ["mode-complete", "mode-chat"]) byId(id, HTMLInputElement).addEventListener("change", showState);
keyBox.addEventListener("submit", (event) => {
  event.preventDefault();
  client.key = keyField.value.trim();
  sessionStorage.setItem(KEY, client.key);
  void loadModels();
});

client.key = sessionStorage.getItem(KEY) ?? "";
keyField.value = client.key;
void loadModels();
showCard(undefined);
showState();
