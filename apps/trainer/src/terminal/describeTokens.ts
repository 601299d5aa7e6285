/**
 * Facts of tokens and vocabularies for people.
 */

import stringWidth from "string-width";
import type { TextFacts } from "../tokenizer/textFacts.ts";
import type { TextTokenizer } from "../tokenizer/textTokenizer.ts";
import type { ListedToken, VocabularyFacts } from "../tokenizer/vocabularyFacts.ts";
import { formatCount } from "./format.ts";

/** Longest bar of the histogram. */
const BAR = 40;
/** Lengths from this one on share a line of it. */
const LONG = 16;
/** Special tokens named; others are counted. */
const NAMED = 8;
/** Columns of a token's text in a list; a longer one is cut. */
const WIDTH = 48;

/** What a text's tokens are. */
export function describeTextFacts(
  source: string,
  { kind, vocabSize }: Pick<TextTokenizer, "kind" | "vocabSize">,
  { tokens, bytes, characters, bytesPerToken, distinct, frequent, rare }: TextFacts,
): string {
  return [
    `${source}: ${kind}, ${formatCount(vocabSize)} ids\n`,
    `${formatCount(tokens)} tokens of ${bytesPerToken.toFixed(2)} bytes each: ${formatCount(bytes)} bytes, ` +
      `${formatCount(characters)} characters, ${formatCount(distinct)} kinds of tokens\n`,
    ...(frequent.length > 0
      ? [`\nmost frequent\n`, describeList(frequent, ({ count }) => `${formatCount(count)} x`)]
      : []),
    ...(rare.length > 0 ? [`\nrarest\n`, describeList(rare, ({ count }) => `${formatCount(count)} x`)] : []),
  ].join("");
}

/** What a vocabulary is. */
export function describeVocabularyFacts(source: string, facts: VocabularyFacts): string {
  const { kind, vocabSize, tokens, specialTokens, longest, last } = facts;
  const holes = vocabSize - tokens;
  const bytes = ({ bytes: count }: ListedToken): string => `${count} byte${count === 1 ? "" : "s"}`;
  return [
    `${source}: ${kind}, ${formatCount(vocabSize)} ids${holes === 0 ? "" : `, ${formatCount(holes)} of them without a token`}\n`,
    `special tokens: ${describeSpecialTokens(specialTokens)}\n`,
    ...(longest.length > 0 ? [`\nlongest\n`, describeList(longest, bytes)] : []),
    ...(last.length > 0 ? [`\nlast, and so the rarest\n`, describeList(last, bytes)] : []),
    `\nlength in bytes\n`,
    histogram(facts.lengths),
  ].join("");
}

/** A line for each token: a number, the id, the text. */
function describeList<T extends ListedToken>(tokens: readonly T[], number: (token: T) => string): string {
  const widest = Math.max(...tokens.map(({ id }) => String(id).length));
  return tokens
    .map((token) => `  ${number(token).padStart(9)}  ${String(token.id).padStart(widest)}  ${describeText(token)}\n`)
    .join("");
}

function describeText({ text }: ListedToken): string {
  if (stringWidth(text) <= WIDTH) return `"${text}"`;
  let shown = "";
  for (const character of text) {
    if (stringWidth(shown + character) >= WIDTH) break;
    shown += character;
  }
  return `"${shown}…"`;
}

function describeSpecialTokens(specialTokens: VocabularyFacts["specialTokens"]): string {
  if (specialTokens.length === 0) return "none";
  const named = specialTokens.slice(0, NAMED).map(({ token, id }) => `${token} ${id}`);
  const more = specialTokens.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${formatCount(more)} more` : "");
}

function histogram(lengths: VocabularyFacts["lengths"]): string {
  const short = lengths.filter(({ bytes }) => bytes < LONG).map(({ bytes, tokens }) => ({ label: `${bytes}`, tokens }));
  const long = lengths.filter(({ bytes }) => bytes >= LONG).reduce((sum, { tokens }) => sum + tokens, 0);
  const rows = long === 0 ? short : [...short, { label: `${LONG}+`, tokens: long }];
  const most = Math.max(...rows.map(({ tokens }) => tokens));
  return rows
    .map(({ label, tokens }) => {
      const bar = "█".repeat(Math.max(1, Math.round((BAR * tokens) / most)));
      return `  ${label.padStart(9)}  ${bar} ${formatCount(tokens)}\n`;
    })
    .join("");
}
