/** What people call grams of a length. */

/** "unigram", "bigram", "trigram", "4-gram" and so on. */
export function nGramName(order: number): string {
  return ["unigram", "bigram", "trigram"][order - 1] ?? `${order}-gram`;
}
