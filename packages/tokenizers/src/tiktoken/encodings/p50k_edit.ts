/**
 * OpenAI's p50k_edit with its vocabulary, ready to use: an import of this module brings no other vocabulary along.
 */

import { Encoding } from "../encoding.ts";
import { encodingDefinitions } from "../encodingDefinitions.ts";
import { PackedVocabulary } from "../packedVocabulary.ts";
import { merges } from "../vocabularies/p50k_base.generated.ts";

/** The encoding p50k_edit; its tables are built when it is first used. */
export const p50k_edit: Encoding = /* @__PURE__ */ new Encoding({
  name: "p50k_edit",
  ...encodingDefinitions.p50k_edit,
  ranks: /* @__PURE__ */ new PackedVocabulary(merges),
});
