/**
 * JSON Schema to grammars: the part of it that OpenAI's structured outputs have, and some more. Every document that the grammar lets through
 * is valid under the schema; not every valid document is let through, as the order of properties is fixed and white space is bounded.
 *
 * @see https://json-schema.org/draft/2020-12
 * @see https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */

import { Budget, type GrammarLimits } from "../budget.ts";
import { type Grammar, GrammarBuilder } from "../grammar.ts";
import { addFacts, noFacts } from "./facts.ts";
import { anyStringText, scalarText } from "./jsonTexts.ts";
import { type Keywords, keywordsOf, type Located, schemasOf, valueOf } from "./keywords.ts";
import { referenced } from "./references.ts";
import { child, schemaError } from "./schemaError.ts";
import { type SchemaCompiler, writeFacts } from "./valueWriter.ts";

/** Schemas within schemas. */
const MOST_NESTING = 100;
/** References that are followed for a single value. */
const MOST_MERGED = 100;

/**
 * Compiles a schema.
 *
 * @param schema - A parsed JSON Schema.
 * @param limits - How large the grammar may be.
 * @throws RangeError naming the place in the schema, as a JSON pointer, and the keyword that is wrong or cannot be kept; also where no document
 * is valid, or the grammar would be too large.
 * @example
 * ```ts
 * const grammar = compileJsonSchema({ type: "object", properties: { age: { type: "integer", minimum: 0 } }, required: ["age"] });
 * ```
 */
export function compileJsonSchema(schema: unknown, limits: GrammarLimits = {}): Grammar {
  return new Compiler(schema, limits).compile((compiler, next) => compiler.value([{ schema, pointer: "#" }], next));
}

/**
 * The grammar of any JSON object: what `response_format: { type: "json_object" }` asks for.
 *
 * @param limits - How large the grammar may be.
 */
export function jsonObjectGrammar(limits: GrammarLimits = {}): Grammar {
  return compileJsonSchema({ type: "object" }, limits);
}

class Compiler implements SchemaCompiler {
  readonly budget: Budget;
  readonly builder: GrammarBuilder;
  readonly #root: unknown;
  readonly #maxDepth: number;
  readonly #rules = new Map<string, number>();
  /** Rules that are named but not yet written. */
  readonly #pending: (() => void)[] = [];
  #anyRule: number | undefined;
  #nesting = 0;

  constructor(root: unknown, { maxStates = 65_536, maxDepth = 64 }: GrammarLimits) {
    this.budget = new Budget(maxStates);
    this.builder = new GrammarBuilder(this.budget);
    this.#root = root;
    this.#maxDepth = maxDepth;
  }

  compile(write: (compiler: SchemaCompiler, next: number) => number): Grammar {
    const start = write(this, this.builder.end());
    for (let rule = this.#pending.pop(); rule !== undefined; rule = this.#pending.pop()) rule();
    const grammar = this.builder.grammar(start, this.#maxDepth);
    if (grammar.depthsNeeded()[start] > this.#maxDepth) {
      throw schemaError(
        "#",
        `a schema that allows some document nested at most ${this.#maxDepth} deep`,
        "one that allows none",
      );
    }
    return grammar;
  }

  // A field, so that the parts of the compiler may take it by itself.
  readonly value = (schemas: readonly Located[], next: number): number => {
    if (++this.#nesting > MOST_NESTING) {
      throw schemaError(schemas[0]?.pointer ?? "#", `schemas nested at most ${MOST_NESTING} deep`, "more");
    }
    const place = this.#valueOf(schemas, next);
    this.#nesting--;
    return place;
  };

  #valueOf(schemas: readonly Located[], next: number): number {
    this.budget.takeWork(16 * (schemas.length + 1));
    const facts = noFacts(schemas[0]?.pointer ?? "#");
    const pending = schemas.toReversed();
    const read: Located[] = [];
    let merged = 0;
    for (let located = pending.pop(); located !== undefined; located = pending.pop()) {
      const { pointer } = located;
      const keywords = keywordsOf(located);
      if (keywords === false) return this.builder.choice([]);
      if (keywords === true) continue;
      const isAlone = read.length === 0 && pending.length === 0;
      const reference = valueOf(keywords, "$ref");
      if (reference !== undefined) {
        const target = referenced(this.#root, reference, child(pointer, "$ref"));
        const others = without(keywords, "$ref");
        if (isAlone && keywordsOf({ schema: others, pointer }) === true) {
          return this.builder.call(this.#ruleOf(target), next);
        }
        if (++merged > MOST_MERGED) {
          throw schemaError(child(pointer, "$ref"), "a reference that does not lead back to itself", "one in a circle");
        }
        pending.push({ schema: others, pointer }, target);
        continue;
      }
      const all = schemasOf(keywords, pointer, "allOf");
      if (all !== undefined) {
        pending.push(...all.toReversed(), { schema: without(keywords, "allOf"), pointer });
        continue;
      }
      // Of more than one alternative that holds, oneOf would allow none: a generated document is not checked for that.
      for (const keyword of ["anyOf", "oneOf"]) {
        const alternatives = schemasOf(keywords, pointer, keyword);
        if (alternatives === undefined) continue;
        const rest = [...read, ...pending.toReversed(), { schema: without(keywords, keyword), pointer }];
        return this.builder.choice(alternatives.map((one) => this.value([...rest, one], next)));
      }
      addFacts(facts, keywords, pointer);
      read.push({ schema: keywords, pointer });
    }
    return read.length > 0 ? writeFacts(this, facts, next) : this.builder.call(this.#any(), next);
  }

  #ruleOf(target: Located): number {
    let rule = this.#rules.get(target.pointer);
    if (rule === undefined) {
      const place = this.builder.reserve();
      rule = place;
      this.#rules.set(target.pointer, rule);
      this.#pending.push(() => {
        this.builder.fill(place, [this.value([target], this.builder.end())]);
      });
    }
    return rule;
  }

  /** Any JSON value. */
  #any(): number {
    if (this.#anyRule !== undefined) return this.#anyRule;
    const { builder } = this;
    const rule = builder.reserve();
    this.#anyRule = rule;
    const end = builder.end();
    const containers = ["object", "array"].map((type) => this.value([{ schema: { type }, pointer: "#" }], end));
    builder.fill(rule, [builder.text(anyStringText, end), builder.text(scalarText, end), ...containers]);
    return rule;
  }
}

function without(keywords: Keywords, name: string): Keywords {
  return Object.fromEntries(Object.entries(keywords).filter(([key]) => key !== name));
}
