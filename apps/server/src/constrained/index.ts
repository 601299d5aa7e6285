/**
 * Constrained decoding: JSON Schemas, and which tokens may come next.
 */

export { compileJsonSchema, jsonObjectGrammar } from "./schema/compileJsonSchema.ts";
export type { Grammar } from "./grammar.ts";
export { GrammarConstraint } from "./grammarConstraint.ts";
export { tokenVocabulary } from "./tokens/tokenVocabulary.ts";
