/**
 * OpenAI's cl100k_base with its vocabulary, ready to use: an import of this module brings no other vocabulary along.
 */

import { Encoding } from "../encoding.ts";
import { encodingDefinitions } from "../encodingDefinitions.ts";
import { PackedVocabulary } from "../packedVocabulary.ts";
import { merges } from "../vocabularies/cl100k_base.generated.ts";

/** The encoding cl100k_base; its tables are built when it is first used. */
export const cl100k_base: Encoding = /* @__PURE__ */ new Encoding({
  name: "cl100k_base",
  ...encodingDefinitions.cl100k_base,
  ranks: /* @__PURE__ */ new PackedVocabulary(merges),
});
