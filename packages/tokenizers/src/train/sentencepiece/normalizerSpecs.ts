/**
 * How text is normalized, and what it is turned into after decoding, as a model says it.
 */

import type { NormalizerSpec } from "../../sentencepiece/modelProto.ts";
import { charsmapOf, compileCharsmap } from "./compileCharsmap.ts";
import { parseRuleTsv } from "./ruleTsv.ts";
import type { TrainingSettings } from "./settings.ts";

/** Parts of a model. */
export interface NormalizerSpecs {
  readonly normalizerSpec: NormalizerSpec;
  /** Absent if decoded text stays as it is. */
  readonly denormalizerSpec?: NormalizerSpec;
}

/** @throws RangeError if rules are wrong. */
export function normalizerSpecsOf(settings: TrainingSettings): NormalizerSpecs {
  const { normalizationRuleName, normalizationRuleTsv, denormalizationRuleTsv } = settings;
  const { addDummyPrefix, removeExtraWhitespaces } = settings;
  const rules =
    normalizationRuleTsv === ""
      ? { name: normalizationRuleName, precompiledCharsmap: charsmapOf(normalizationRuleName) }
      : ownRules("normalizationRuleTsv", normalizationRuleTsv);
  const normalizerSpec = { ...rules, addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces: true };
  if (denormalizationRuleTsv === "") return { normalizerSpec };
  const denormalizerSpec = {
    ...ownRules("denormalizationRuleTsv", denormalizationRuleTsv),
    addDummyPrefix: false,
    removeExtraWhitespaces: false,
    escapeWhitespaces: false,
  };
  return { normalizerSpec, denormalizerSpec };
}

function ownRules(option: string, tsv: string): NormalizerSpec {
  return { name: "user_defined", precompiledCharsmap: compileCharsmap({ replacements: parseRuleTsv(option, tsv) }) };
}
