// Random text of what tokenizers get wrong: white space of all kinds, contractions, marks, digits of many scripts, emoji, lone surrogates.

/** Random integers below a bound (mulberry32, public domain, by Tommy Ettinger). */
export function integers(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const parts = [
  ..." \t\n\r\v\f",
  ..."\u0085\u00a0\u1680\u2003\u2028\u3000\ufeff\u200b\u200d",
  ..."aAzZ09'!?-_/.,<|>$^",
  ..."éßſKİıǅʰªﬁ",
  ..."жЖ中文한글あアไทยहिं",
  ..."٣४²Ⅷ½",
  ..."\u0301\u0308\u20dd\ufe0f",
  ..."😀👩🏽🇰🇷",
  "\ud800",
  "\udc00",
  "'s",
  "'S",
  "'ſ",
  "'re",
  "'VE",
  "'lL",
  "'t",
  "  ",
  "\r\n",
  "\n\n",
  " \n ",
  "Hello",
  "world",
  "HTTPServer",
  "camelCase",
  "12345",
  "</div>",
  "<|endoftext|>",
  "zzzzzzzz",
];

/** A text of up to 40 parts; one in four parts is any code point. */
export function nastyText(pick: (below: number) => number): string {
  let text = "";
  for (let count = pick(40); count > 0; count--) {
    text += pick(4) === 0 ? String.fromCodePoint(pick(pick(2) === 0 ? 0x3000 : 0x110000)) : parts[pick(parts.length)];
  }
  return text;
}
