/**
 * Leaves out marks, such as the accents of decomposed letters.
 */

import { ANY_MARK, libraryClasses } from "../../unicode/libraryClasses.ts";
import type { AlignedText } from "../alignedText.ts";
import { filter } from "./filter.ts";
import type { Normalizer } from "./normalizer.ts";

export class StripAccents implements Normalizer {
  normalize(source: AlignedText): AlignedText {
    const classes = libraryClasses();
    return filter(source, (point) => ((classes[point] & ANY_MARK) === 0 ? point : -1));
  }
}
