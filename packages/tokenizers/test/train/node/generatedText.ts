// Text without end for tests of size: words as frequent as in a language (Zipf's law), out of half a million, in lines with punctuation,
// numbers and other scripts.

/** The text of a line generator, as JavaScript for a process of its own. */
export const generatedText = String.raw`
const WORDS = 500_000;
const scripts = ["bdfgklmnprstvz", "aeiou", "бвгдклмн", "аеио", "日本中文學生大小", ""];

export function* lines(seed, megabytes) {
  let state = seed | 0;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  for (let size = 0; size < megabytes * 1e6;) {
    let line = "";
    for (let count = 5 + 20 * random(); count > 0; count--) {
      const kind = random();
      if (kind < 0.02) line += Math.floor(2030 * random());
      else {
        const script = kind < 0.9 ? 0 : kind < 0.97 ? 2 : 4;
        const word = spell(Math.floor(Math.exp(random() * Math.log(WORDS))), scripts[script], scripts[script + 1]);
        line += kind < 0.1 ? word[0].toUpperCase() + word.slice(1) : word;
        size += script === 0 ? 0 : word.length;
      }
      line += kind < 0.8 ? " " : kind < 0.87 ? ", " : kind < 0.95 ? " " : ". ";
    }
    line += "\n";
    size += line.length;
    yield line;
  }
}

// Most words are among the frequent ones.
const known = new Map(scripts.map((consonants) => [consonants, []]));

function spell(rank, consonants, vowels) {
  const words = known.get(consonants);
  if (rank >= 30_000) return spelled(rank, consonants, vowels);
  return (words[rank] ??= spelled(rank, consonants, vowels));
}

function spelled(rank, consonants, vowels) {
  let word = "";
  for (let rest = rank; rest > 0;) {
    word += consonants[rest % consonants.length];
    rest = Math.floor(rest / consonants.length);
    if (vowels === "") continue;
    word += vowels[rest % vowels.length];
    rest = Math.floor(rest / vowels.length);
  }
  return word;
}
`;
