// Lines in ten languages' scripts, made up but with the shape of text: words of syllables, drawn by Zipf's law, with
// punctuation and numbers, and now and then what normalization is for. The same for the same seed.
import { randomNumbers } from "../hostile/mutate.ts";

/** What a language's words are made of: alternatives for each part of a syllable, and how words follow each other. */
interface Language {
  readonly parts: readonly string[];
  readonly space: string;
  readonly stop: string;
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  english: syllables(" b bl c ch d f g h l m n p r s st t th tr w", "a e i o u ea ou ai", " d n r s t st ng ll"),
  german: syllables(
    " b d f g h k l m n r s sch st t w z pf",
    "a e i o u \u00e4 \u00f6 \u00fc ei au ie",
    " n r t cht \u00df ng ch",
  ),
  russian: syllables(
    "\u0431 \u0432 \u0433 \u0434 \u0437 \u043a \u043b \u043c \u043d \u043f \u0440 \u0441 \u0442 \u0447 \u0448",
    "\u0430 \u0435 \u0438 \u043e \u0443 \u044b \u044f \u0451",
    " \u0439 \u043b \u043d \u0442\u044c \u0441\u044f",
  ),
  greek: syllables(
    "\u03b2 \u03b3 \u03b4 \u03ba \u03bb \u03bc \u03bd \u03c0 \u03c1 \u03c3 \u03c4 \u03c7",
    "\u03b1 \u03b5 \u03b7 \u03b9 \u03bf \u03c5 \u03ac \u03ad \u03ae \u03cc",
    " \u03c2 \u03bd",
  ),
  korean: { parts: [points(0xac00, 420, 28), `${points(0xac04, 90, 97)} `], space: " ", stop: "." },
  japanese: {
    parts: [points(0x3042, 80, 1), `${points(0x4e00, 300, 11)} ${points(0x30a2, 40, 2)}`],
    space: "",
    stop: "\u3002",
  },
  chinese: { parts: [points(0x4e00, 900, 13), `${points(0x5b50, 500, 7)} `], space: "", stop: "\u3002" },
  arabic: syllables(
    points(0x0627, 20, 1),
    "\u0627 \u0648 \u064a  \u064e \u0650",
    " \u0629 \u0646 \u0631 \u0644",
    "\u061f",
  ),
  hindi: syllables(
    points(0x0915, 37, 1),
    " \u093e \u093f \u0940 \u0941 \u0947 \u094b \u094d\u0930",
    " \u0902 \u0930 \u0928",
    "\u0964",
  ),
  thai: {
    ...syllables(
      points(0x0e01, 44, 1),
      "\u0e30 \u0e32 \u0e34 \u0e35 \u0e38 \u0e48\u0e32 \u0e49",
      " \u0e19 \u0e07 \u0e01",
    ),
    space: "",
  },
};

/** How many lines of each language the ordinary tests take. */
export const LINES_EACH = 500;

/** The names of the languages. */
export const languages: readonly string[] = Object.keys(LANGUAGES);

/** What normalization changes, what no vocabulary has, and what looks like special pieces; `|` stands between two. */
const ODDITIES = [
  "  |   |\t|\u00a0|\u3000|\u2003|\u200b|\ufeff|\u0085|\u2028|\u00ad|\u200d|\u200e",
  "\u{1f600}|\u{1f468}\u200d\u{1f469}\u200d\u{1f467}|\u{1f1f0}\u{1f1f7}|\u2764\ufe0f|\u{1f44d}\u{1f3fd}",
  "\uff28\uff45\uff4c\uff4c\uff4f|\uff11\uff12\uff13|\uff76\uff9e|\uff8a\uff9f|\uff5e|\uff01|\u337b|\u3392|\u2460|\u2163|\u00bd|\u00b2|\u2121",
  "\ufb01|\ufb03|\ufdfa|\ufef5|\u0132|\u01c4|\u1e9b\u0323|\u{1d49c}|\u{1d7d9}|\u212b|\u2126",
  "e\u0301|A\u030a|o\u0308|\u1112\u1161\u11ab|\u0e33|\u0958|q\u0307\u0323|\u05d0\u05b7|\u0627\u0653",
  "\u00df|\u1e9e|\u0130|\u0131|\u017f|\u03a3\u03c2|\u03a9|\u00c4\u00d6\u00dc|STRASSE|\u0401",
  "\ufffd|\ue000|\u{10ffff}|\u{20bb7}|\u0378|\u0001|\u007f|\u2581|\u2581\u2581",
  "<s>|</s>|<unk>|<mask>|<pad>|<sep>|<0x41>|<0xE2>|ab|abab|aaaaaaaa|--------|http://a.b/c?d=e|x@y.zz|'s|\u2019s|\u201cq\u201d",
].map((group) => group.split("|"));

/**
 * Lines of one language.
 *
 * @param language - One of {@link languages}.
 * @param count - How many.
 */
export function linesOf(language: string, count: number): string[] {
  const { parts, space, stop } = LANGUAGES[language]!;
  const rng = randomNumbers(1000 + languages.indexOf(language));
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(rng() * items.length)]!;
  const alternatives = parts.map((part) => part.split(" "));
  const syllable = () => alternatives.map((of) => pick(of)).join("");
  const words = Array.from({ length: 3000 }, () =>
    Array.from({ length: 1 + Math.floor(rng() * 3) }, syllable).join(""),
  );
  const word = (): string => {
    const chosen = words[Math.floor(words.length ** rng() - 1)]!;
    return rng() < 0.1 ? chosen.charAt(0).toUpperCase() + chosen.slice(1) : chosen;
  };
  const number = () =>
    pick([String, (n: number) => n.toFixed(2), (n: number) => `20${n % 100}-0${n % 10}`])(
      Math.floor(10 ** (6 * rng())),
    );
  return Array.from({ length: count }, () => {
    let line = rng() < 0.05 ? " " : "";
    for (let left = 1 + Math.floor(rng() * 14); left > 0; left--) {
      const kind = rng();
      line += kind < 0.9 ? word() : kind < 0.94 ? number() : pick(pick(ODDITIES));
      line += rng() < 0.1 ? pick([", ", "; ", ": ", "-", " (", ") ", "\u3001"]) : space;
    }
    return rng() < 0.8 ? line.trimEnd() + stop : line;
  });
}

/** Lines that hold every code point up to U+2FFFF and those of plane 14, except what ends a line, with bars between. */
export function everyCharacter(): string[] {
  const lines: string[] = [];
  for (let first = 0x20; first < 0xe0200; first += 0x20) {
    if ((first >= 0xd800 && first < 0xe000) || (first >= 0x30000 && first < 0xe0000)) continue;
    lines.push(Array.from({ length: 0x20 }, (_, i) => String.fromCodePoint(first + i)).join("|"));
  }
  return lines;
}

function syllables(onsets: string, vowels: string, codas: string, stop = "."): Language {
  return { parts: [onsets, vowels, codas], space: " ", stop };
}

/** Characters at equal distances, separated by spaces. */
function points(first: number, count: number, step: number): string {
  return Array.from({ length: count }, (_, i) => String.fromCodePoint(first + i * step)).join(" ");
}
