/**
 * The document of the playground. It is the same for everybody: what depends on the models is asked for by its script.
 *
 * Nothing in it is inline and nothing is from elsewhere, so `default-src 'self'` is all that it needs.
 */

/** A field of the sampler. */
interface NumberField {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly min: number;
  readonly max: number;
  readonly step: number | "any";
}

/** The ranges are those of the API. */
const numberFields: readonly NumberField[] = [
  { id: "temperature", label: "Temperature", hint: "0: always the best token", min: 0, max: 2, step: "any" },
  { id: "top_p", label: "Top p", hint: "the best that make up this share", min: 0, max: 1, step: "any" },
  { id: "top_k", label: "Top k", hint: "this many of the best; 0: all", min: -1, max: 2 ** 31 - 1, step: 1 },
  { id: "min_p", label: "Min p", hint: "at least this share of the best one's", min: 0, max: 1, step: "any" },
  {
    id: "repetition_penalty",
    label: "Repetition",
    hint: "above 1: less of the same",
    min: 0.01,
    max: 100,
    step: "any",
  },
  { id: "frequency_penalty", label: "Frequency", hint: "for each time a token was used", min: -2, max: 2, step: "any" },
  {
    id: "presence_penalty",
    label: "Presence",
    hint: "once for each token that was used",
    min: -2,
    max: 2,
    step: "any",
  },
  { id: "max_tokens", label: "Length", hint: "at most, in tokens", min: 1, max: 2 ** 31 - 1, step: 1 },
  { id: "seed", label: "Seed", hint: "the same one, the same text", min: 0, max: Number.MAX_SAFE_INTEGER, step: 1 },
];

function numberField({ id, label, hint, min, max, step }: NumberField): string {
  const placeholder = id === "seed" ? ' placeholder="drawn"' : "";
  return `<div class="field">
            <label for="${id}">${label}</label>
            <input id="${id}" type="number" inputmode="decimal" min="${min}" max="${max}" step="${step}" aria-describedby="${id}-hint"${placeholder} />
            <small id="${id}-hint">${hint}</small>
          </div>`;
}

/** The content of `/`. */
export const playgroundPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Playground · llm-serve</title>
    <link rel="icon" href="/playground/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/playground/style.css" />
    <script type="module" src="/playground/main.js"></script>
  </head>
  <body>
    <a class="skip" href="#prompt">To the prompt</a>
    <header class="top">
      <h1>Playground</h1>
      <div class="model-box">
        <label for="model" class="hidden">Model</label>
        <select id="model"></select>
        <span id="facts" class="muted small"></span>
      </div>
      <form id="key-box" class="key-box" hidden>
        <label for="key">API key</label>
        <input id="key" type="password" autocomplete="off" spellcheck="false" aria-describedby="key-hint" />
        <button type="submit">Use it</button>
        <small id="key-hint">kept in this tab only</small>
      </form>
    </header>
    <main class="page">
      <div class="desk">
      <section aria-label="What to write">
        <form id="ask">
          <div class="line">
            <label id="prompt-label" for="prompt">Prompt</label>
            <fieldset class="switch">
              <legend class="hidden">Kind of text</legend>
              <input type="radio" name="mode" id="mode-complete" checked /><label for="mode-complete">Continue</label>
              <input type="radio" name="mode" id="mode-chat" /><label for="mode-chat">Chat</label>
            </fieldset>
          </div>
          <div id="system-box" hidden>
            <label for="system">System message</label>
            <textarea id="system" rows="2" placeholder="none"></textarea>
          </div>
          <textarea id="prompt" rows="3" spellcheck="false" aria-describedby="keys"></textarea>
          <details id="sampling">
            <summary>Sampling</summary>
            <div class="fields">
          ${numberFields.map(numberField).join("\n          ")}
          <div class="field rest">
            <label for="stop_strings">Stop at</label>
            <textarea id="stop_strings" rows="2" spellcheck="false" aria-describedby="stop_strings-hint"></textarea>
            <small id="stop_strings-hint">a string on each line; \\n is a line end</small>
          </div>
          <div class="field wide check">
            <input id="score_prompt" type="checkbox" /><label for="score_prompt">Probabilities of the prompt, too</label>
          </div>
            </div>
          </details>
          <div class="actions">
            <button id="generate" class="primary" type="submit">Generate</button>
            <button id="stop" type="button" disabled>Stop</button>
            <span id="keys" class="muted small"><kbd>Ctrl</kbd> or <kbd>⌘</kbd> with <kbd>Enter</kbd> generates, <kbd>Esc</kbd> stops</span>
          </div>
        </form>
        <p id="problem" class="warning" role="alert" hidden></p>
      </section>
      <section aria-labelledby="text-title">
        <div class="line">
          <h2 id="text-title">Text</h2>
          <p class="legend surprise muted small" aria-hidden="true">likely <span class="scale"></span> surprising</p>
          <p class="legend heard muted small" aria-hidden="true">not heard <span class="scale"></span> heard</p>
        </div>
        <div class="paper">
          <p id="empty" class="muted">The text will stand here, token by token.</p>
          <div id="text" role="listbox" aria-label="Tokens of the text" aria-orientation="horizontal"></div>
        </div>
        <div class="line foot">
          <p id="status" class="muted small" role="status">Looking for models…</p>
          <div class="actions">
            <button id="back" type="button" hidden>Back to the text before</button>
            <button id="restart" type="button" hidden>New conversation</button>
            <button id="copy" type="button" hidden>Copy</button>
            <button id="go-on" type="button" hidden>Go on</button>
          </div>
        </div>
        <dl class="tiles">
          <div><dt>First token</dt><dd id="first-token">–</dd></div>
          <div><dt>Tokens a second</dt><dd id="speed">–</dd></div>
          <div><dt>Tokens</dt><dd id="count">–</dd></div>
        </dl>
      </section>
      </div>
      <aside id="side" class="side" aria-label="The chosen token">
        <div id="card" class="card"></div>
        <section id="attention" class="card" aria-labelledby="attention-title" hidden>
          <h3 id="attention-title">Where the model looked</h3>
          <div class="line">
            <label for="layer" class="hidden">Layer</label><select id="layer"></select>
            <label for="head" class="hidden">Head</label><select id="head"></select>
          </div>
          <ol id="heard" class="bars"></ol>
          <p id="attention-note" class="muted small" role="status"></p>
        </section>
      </aside>
    </main>
    <noscript><p class="page">The playground takes JavaScript. The API does not: <code>/v1/completions</code>.</p></noscript>
  </body>
</html>
`;

/** A mark of three tokens, the last one unsure. */
export const playgroundIcon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="1" y="5" width="4" height="6" rx="1" fill="#215c9c"/><rect x="6" y="5" width="4" height="6" rx="1" fill="#7eaefe"/><rect x="11" y="5" width="4" height="6" rx="1" fill="#e0a530"/></svg>
`;
