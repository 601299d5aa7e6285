/**
 * Forms that texts are held to, made for one model. Clients ask for the same form again and again, so the last ones are remembered.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import {
  compileJsonSchema,
  type Grammar,
  GrammarConstraint,
  jsonObjectGrammar,
  tokenVocabulary,
} from "../constrained/index.ts";
import type { TextConstraint } from "../engine/engine.ts";
import { EngineError } from "../engine/engineError.ts";
import type { FinishingConstraint } from "./generationRun.ts";

const MOST_REMEMBERED = 32;

export class TextForms {
  readonly #tokenizer: Tokenizer;
  readonly #vocabSize: number;
  readonly #special: ReadonlySet<number>;
  /** By the schema as JSON; the one used last is the last. */
  readonly #grammars = new Map<string, Grammar>();

  /** @param vocabSize - Tokens of the model, at least as many as the tokenizer has. */
  constructor(tokenizer: Tokenizer, vocabSize: number) {
    this.#tokenizer = tokenizer;
    this.#vocabSize = vocabSize;
    this.#special = new Set(tokenizer.specialTokens.values());
  }

  /**
   * What holds one text to a form.
   *
   * @param stopIds - Tokens that end a text. Special ones may come where the form is complete only; others are part of the form's text.
   * @returns A constraint that throws EngineError "invalid" in the middle of a text where the form asks too much there.
   * @throws RangeError for a schema that is none or asks too much, and where the tokenizer cannot write what it asks for.
   */
  hold(constraint: TextConstraint, stopIds: readonly number[]): FinishingConstraint {
    const eosIds = stopIds.filter((id) => this.#special.has(id) || id >= this.#tokenizer.vocabSize);
    const vocabulary = tokenVocabulary(this.#tokenizer);
    const vocabSize = this.#vocabSize;
    return blamingTheForm(new GrammarConstraint(this.#grammarOf(constraint), vocabulary, { eosIds, vocabSize }));
  }

  #grammarOf(constraint: TextConstraint): Grammar {
    const key = JSON.stringify(constraint);
    const grammar =
      this.#grammars.get(key) ??
      (constraint.kind === "json_object" ? jsonObjectGrammar() : compileJsonSchema(constraint.schema));
    this.#grammars.delete(key);
    this.#grammars.set(key, grammar);
    if (this.#grammars.size > MOST_REMEMBERED) this.#grammars.delete(this.#grammars.keys().next().value as string);
    return grammar;
  }
}

/** What a form cannot bear is its author's to mend, also where that shows in the middle of a text only. */
function blamingTheForm(constraint: FinishingConstraint): FinishingConstraint {
  const blaming = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new EngineError("invalid", error.message, { cause: error });
    }
  };
  return {
    allowed: () => blaming(() => constraint.allowed()),
    accept: (token) => blaming(() => constraint.accept(token)),
    get isComplete() {
      return constraint.isComplete;
    },
  };
}
