/**
 * OpenAI's o200k_base with its vocabulary, ready to use: an import of this module brings no other vocabulary along.
 */

import { Encoding } from "../encoding.ts";
import { encodingDefinitions } from "../encodingDefinitions.ts";
import { PackedVocabulary } from "../packedVocabulary.ts";
import { merges } from "../vocabularies/o200k_base.generated.ts";

/** The encoding o200k_base; its tables are built when it is first used. */
export const o200k_base: Encoding = /* @__PURE__ */ new Encoding({
  name: "o200k_base",
  ...encodingDefinitions.o200k_base,
  ranks: /* @__PURE__ */ new PackedVocabulary(merges),
});
