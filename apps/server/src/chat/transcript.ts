/**
 * How a conversation becomes a prompt for models that never learned a form for it: a transcript, as plays and interviews are printed.
 *
 *     User: What is that?
 *     Assistant: A whale.
 *     User: And that?
 *     Assistant:
 *
 * A model that was not trained on conversations does not end its answer, but goes on with the next line of the play: "\nUser:" ends it.
 */

/** The Jinja template, the same as `llm-learning export` writes. */
export const transcriptTemplate: string =
  "{% for message in messages %}" +
  "{% if message['role'] == 'user' %}User: {% elif message['role'] == 'assistant' %}Assistant: {% else %}System: {% endif %}" +
  "{{ message['content'] }}{{ '\\n' }}" +
  "{% endfor %}" +
  "{% if add_generation_prompt %}Assistant:{% endif %}";

/** Strings that end an answer in a transcript. */
export const transcriptStops: readonly string[] = ["\nUser:"];
