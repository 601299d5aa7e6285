/**
 * How a conversation becomes a prompt, for models that never learned a form for it: a transcript, as plays and interviews are printed.
 *
 *     User: What is that?
 *     Assistant: A whale.
 *     User: And that?
 *     Assistant:
 *
 * It needs no special tokens. A model that was not trained on conversations does not end its answer: stop at "\nUser:".
 */

import type { Tokenizer } from "@llm-learning/tokenizers";

/** The Jinja template, in a few words that every implementation of Jinja knows. */
export const transcriptTemplate: string =
  "{% for message in messages %}" +
  "{% if message['role'] == 'user' %}User: {% elif message['role'] == 'assistant' %}Assistant: {% else %}System: {% endif %}" +
  "{{ message['content'] }}{{ '\\n' }}" +
  "{% endfor %}" +
  "{% if add_generation_prompt %}Assistant:{% endif %}";

const words = "System: \nUser: \nAssistant:";

/** Whether a tokenizer has tokens for all that the template writes: one of a few characters may not. */
export function canWriteTranscripts(tokenizer: Tokenizer): boolean {
  try {
    return tokenizer.decode(tokenizer.encode(words)) === words;
  } catch {
    return false;
  }
}
