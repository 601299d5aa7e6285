/**
 * OpenAI's gpt2 with its vocabulary, ready to use: an import of this module brings no other vocabulary along.
 */

import { Encoding } from "../encoding.ts";
import { encodingDefinitions } from "../encodingDefinitions.ts";
import { PackedVocabulary } from "../packedVocabulary.ts";
import { merges } from "../vocabularies/r50k_base.generated.ts";

/** The encoding gpt2; its tables are built when it is first used. */
export const gpt2: Encoding = /* @__PURE__ */ new Encoding({
  name: "gpt2",
  ...encodingDefinitions.gpt2,
  ranks: /* @__PURE__ */ new PackedVocabulary(merges),
});
