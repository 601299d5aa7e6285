/**
 * Every character becomes the symbols of its bytes.
 */

import type { AlignedText } from "../alignedText.ts";
import { toByteLevel } from "../byteLevelText.ts";
import type { Normalizer } from "./normalizer.ts";

export class ByteLevelNormalizer implements Normalizer {
  normalize(source: AlignedText): AlignedText {
    return source.text === "" ? source : toByteLevel([source])[0];
  }
}
