// What transformers.js calls a streamer, handing on each new token: what comes first is the prompt.

/**
 * @param {new () => object} BaseStreamer - That of transformers.js.
 * @param {(token: number) => void} add
 */
export function tokenStreamer(BaseStreamer, add) {
  let isPrompt = true;
  class TokenStreamer extends BaseStreamer {
    put([ids]) {
      if (!isPrompt) add(Number(ids.at(-1)));
      isPrompt = false;
    }

    end() {}
  }
  return new TokenStreamer();
}
