/**
 * A pattern as a tree: what the parser of either dialect makes of a source, and the compiler takes.
 */

import type { CodePointSet } from "../unicode/codePointSet.ts";

/** What a place between two characters may have to be. */
export type Assertion =
  | "textStart"
  | "textEnd"
  | "textEndOrLastNewline"
  | "lineStart"
  | "lineStartBeforeEnd"
  | "lineEnd"
  | "wordBoundary"
  | "noWordBoundary"
  | "wordStart"
  | "wordEnd";

export type PatternNode =
  | { readonly kind: "set"; readonly set: CodePointSet }
  | { readonly kind: "sequence"; readonly items: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly options: readonly PatternNode[] }
  | {
      readonly kind: "repeat";
      readonly item: PatternNode;
      readonly min: number;
      /** `Infinity` where there is no limit. */
      readonly max: number;
      readonly greedy: boolean;
    }
  | { readonly kind: "atomic"; readonly item: PatternNode }
  | { readonly kind: "look"; readonly item: PatternNode; readonly behind: boolean; readonly negated: boolean }
  | { readonly kind: "assertion"; readonly assertion: Assertion };

/** What matches the empty text, everywhere. */
export const empty: PatternNode = { kind: "sequence", items: [] };

/** Whether a node is sure to match nothing but the empty text, and there is nothing to check. */
export function isEmpty(node: PatternNode): boolean {
  return node.kind === "sequence" && node.items.length === 0;
}

/** Items one after the other. */
export function sequence(items: readonly PatternNode[]): PatternNode {
  const kept = items.filter((item) => !isEmpty(item));
  return kept.length === 1 ? (kept[0] as PatternNode) : { kind: "sequence", items: kept };
}

/** The first option that leads to a match. */
export function choice(options: readonly PatternNode[]): PatternNode {
  return options.length === 1 ? (options[0] as PatternNode) : { kind: "choice", options };
}
