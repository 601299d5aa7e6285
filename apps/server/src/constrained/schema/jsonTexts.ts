/**
 * The automata of JSON's own signs and values, made once.
 *
 * Between values there is no white space but one blank at most, after a colon and after a comma: both `JSON.stringify` and Python's
 * `json.dumps` write so, and a model that runs on in blanks or lines cannot.
 */

import type { TableAutomaton } from "../automata/byteAutomaton.ts";
import { allCharacters, characterOf, spelled } from "../automata/characters.ts";
import { anyInteger, anyNumber } from "../automata/numbers.ts";
import { automatonOf, choice, literal, optional, type Regular, repeat, sequence } from "../automata/regular.ts";
import { StringAutomaton } from "../automata/stringAutomaton.ts";
import { Budget } from "../budget.ts";

function fixed(expression: Regular): TableAutomaton {
  return automatonOf(expression, new Budget(1000))!;
}

export const openObject = fixed(literal("{"));
export const closeObject = fixed(literal("}"));
export const openArray = fixed(literal("["));
export const closeArray = fixed(literal("]"));
export const comma = fixed(sequence(",", optional(" ")));
export const colon = fixed(sequence(":", optional(" ")));
export const anyStringText = new StringAutomaton();
export const integerText = fixed(anyInteger);
export const numberText = fixed(anyNumber);
export const booleanText = fixed(choice("true", "false"));
export const nullText = fixed(literal("null"));
/** Numbers, true, false and null. */
export const scalarText = fixed(choice(anyNumber, "true", "false", "null"));

/** Names of properties in the spelling of {@link nameText}. */
export const anyName: Regular = sequence('"', repeat(characterOf(allCharacters), 0, Infinity), '"');

/** A property's name and its colon. */
export function nameText(name: string, isFirst: boolean): Regular {
  return sequence(...(isFirst ? [] : [",", optional(" ")]), `"${spelled(name)}":`, optional(" "));
}
