// The two texts of the lectures, where somebody put them beside the checkout (`../shared/data`); the tests that need them
// say that they are absent and skip otherwise. They are not ours to ship.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));

export const hasLectureData: boolean = ["names.txt", "tinyshakespeare.txt"].every((name) => existsSync(folder + name));

/** names.txt: "." (the line end) is 0, a to z are 1 to 26; each word ends with a 0. */
export function namesIds(): Uint8Array {
  const text = `${readFileSync(`${folder}names.txt`, "utf8").trimEnd()}\n`;
  return Uint8Array.from(text, (character) => (character === "\n" ? 0 : character.charCodeAt(0) - 96));
}

/** Tiny Shakespeare by characters, in the order of their code points: the first nine tenths to train on, the rest. */
export function shakespeareIds(): { train: Uint8Array; validation: Uint8Array; vocabSize: number } {
  const text = readFileSync(`${folder}tinyshakespeare.txt`, "utf8");
  const characters = [...new Set(text)].sort();
  const idOf = new Map(characters.map((character, id) => [character, id]));
  const ids = Uint8Array.from(text, (character) => idOf.get(character) as number);
  const trained = Math.floor(ids.length * 0.9);
  return { train: ids.subarray(0, trained), validation: ids.subarray(trained), vocabSize: characters.length };
}
