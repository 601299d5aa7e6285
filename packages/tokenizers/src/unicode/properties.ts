/**
 * Unicode properties of frozen version (that of tiktoken 0.14's regular expressions, Unicode 16): the sets of code points by general
 * category, by script and by binary property.
 */

import { binaryPropertyRuns } from "./binaryPropertyRuns.ts";
import { type CodePointSet, codePointSet, complement, union } from "./codePointSet.ts";
import { generalCategories, generalCategoryRuns } from "./generalCategoryRuns.ts";
import { scriptRuns, scripts } from "./scriptRuns.ts";

const longCategories: Readonly<Record<string, string>> = {
  letter: "L",
  casedletter: "LC",
  uppercaseletter: "Lu",
  lowercaseletter: "Ll",
  titlecaseletter: "Lt",
  modifierletter: "Lm",
  otherletter: "Lo",
  mark: "M",
  combiningmark: "M",
  nonspacingmark: "Mn",
  spacingmark: "Mc",
  enclosingmark: "Me",
  number: "N",
  decimalnumber: "Nd",
  digit: "Nd",
  letternumber: "Nl",
  othernumber: "No",
  punctuation: "P",
  punct: "P",
  connectorpunctuation: "Pc",
  dashpunctuation: "Pd",
  openpunctuation: "Ps",
  closepunctuation: "Pe",
  initialpunctuation: "Pi",
  finalpunctuation: "Pf",
  otherpunctuation: "Po",
  symbol: "S",
  mathsymbol: "Sm",
  currencysymbol: "Sc",
  modifiersymbol: "Sk",
  othersymbol: "So",
  separator: "Z",
  spaceseparator: "Zs",
  lineseparator: "Zl",
  paragraphseparator: "Zp",
  other: "C",
  control: "Cc",
  cntrl: "Cc",
  format: "Cf",
  privateuse: "Co",
  unassigned: "Cn",
};

type Sets = ReadonlyMap<string, CodePointSet>;
let categories: Sets | undefined;
let scriptSets: Sets | undefined;
const scriptCodes = new Map<string, string>();
let properties: Sets | undefined;

/** A property's name as it is looked up: without case, spaces, hyphens and underscores. */
export function looseName(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, "");
}

/** The code points of a general category, or of a group of them such as `L`, by its short or long {@link looseName}. */
export function generalCategory(name: string): CodePointSet | undefined {
  categories ??= readCategories();
  const short = (longCategories[name] ?? name).toLowerCase();
  const known = categories.get(short);
  if (known !== undefined) return known;
  if (short === "lc") return union(["lu", "ll", "lt"].map((each) => categories?.get(each) ?? []));
  const members = [...categories].filter(([each]) => each[0] === short).map(([, set]) => set);
  return members.length > 0 ? union(members) : undefined;
}

/** The code points of a script, by its {@link looseName}. */
export function script(name: string): CodePointSet | undefined {
  scriptSets ??= readScripts();
  return name === "" ? undefined : scriptSets.get(scriptCodes.get(name) ?? name);
}

/** The code points that have a binary property, by its {@link looseName}. */
export function binaryProperty(name: string): CodePointSet | undefined {
  properties ??= readProperties();
  if (name === "any") return [0, 0x110000];
  if (name === "ascii") return [0, 0x80];
  if (name === "assigned") return complement(generalCategory("cn") ?? []);
  return properties.get(name);
}

function readCategories(): Sets {
  const names = generalCategories.toLowerCase().split(" ");
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&()*+,-./";
  const lengths: [number, string][] = [];
  for (const [, length, letter] of generalCategoryRuns.matchAll(/([0-9a-z]*)([^0-9a-z])/g)) {
    lengths.push([length === "" ? 1 : Number.parseInt(length ?? "", 36), names[letters.indexOf(letter ?? "")] ?? ""]);
  }
  return collect(lengths);
}

function readScripts(): Sets {
  const names = [""];
  for (const both of scripts.split(" ")) {
    const [name = "", code = ""] = both.split("/").map(looseName);
    names.push(name);
    scriptCodes.set(code, name);
  }
  const numbers = scriptRuns.split(" ").map((digits) => Number.parseInt(digits, 36));
  const lengths: [number, string][] = [];
  for (let i = 0; i < numbers.length; i += 2) {
    lengths.push([numbers[i] as number, names[numbers[i + 1] as number] ?? ""]);
  }
  return collect(lengths);
}

function readProperties(): Sets {
  return new Map(
    binaryPropertyRuns.split(";").map((row) => {
      const [name = "", ...lengths] = row.split(" ");
      return [
        looseName(name),
        collect(lengths.map((digits, i) => [Number.parseInt(digits, 36), `${i % 2}`])).get("1") ?? [],
      ];
    }),
  );
}

/** The sets that consecutive runs, each of a length and a name, make up. */
function collect(runs: readonly (readonly [length: number, name: string])[]): Sets {
  const ranges = new Map<string, [number, number][]>();
  let point = 0;
  for (const [length, name] of runs) {
    const known = ranges.get(name) ?? [];
    ranges.set(name, known);
    known.push([point, point + length]);
    point += length;
  }
  return new Map([...ranges].map(([name, all]) => [name, codePointSet(all)]));
}
