/**
 * The plan of the kernel's memory: tables that JavaScript fills in at the start, tables that fill as pieces are learnt, ids on their way out,
 * and the text, which takes all that is left. Addresses are bytes.
 *
 * The files of this folder are AssemblyScript, a TypeScript of integers that compiles to WebAssembly (scripts/generateKernel.mjs).
 */

/** Class bits of each ASCII byte; {@link MULTIBYTE} for the others. */
export const ASCII: usize = 1 << 10;
/** What each byte may do at the start of a word, see src/splitting/asciiWords.ts. */
export const STARTS: usize = ASCII + 256;
/** Lengths of short pieces by two characters, see src/splitting/shortPieces.ts. */
export const PLAIN: usize = 1 << 14;
export const AFTER_BLANK: usize = PLAIN + (1 << 14);
/** Class bits of each code point. */
export const POINTS: usize = 1 << 16;

/** Pieces of up to 8 bytes: slots of the piece (8 bytes), its length and its answer; length 0 is an empty slot. */
export const SHORT_BITS: u64 = 17;
export const SHORT: usize = POINTS + 0x110000;
export const SHORT_END: usize = SHORT + (16 << (<usize>SHORT_BITS));
/** Longer pieces: slots of a hash, the address of a copy, the length and the answer. */
export const LONG_BITS: u64 = 17;
export const LONG: usize = SHORT_END;
export const LONG_END: usize = LONG + (16 << (<usize>LONG_BITS));
/** Copies of longer pieces. */
export const COPIES: usize = LONG_END;
export const COPIES_END: usize = COPIES + (4 << 20);
/** Ids of pieces of more than one token: their count, then the ids. */
export const SEQUENCES: usize = COPIES_END;
export const SEQUENCES_END: usize = SEQUENCES + (4 << 20);

/** Ids on their way out, with room behind them for those of one more piece. */
export const IDS: usize = SEQUENCES_END;
export const IDS_FULL: usize = IDS + (4 << 16);
export const TEXT: usize = IDS_FULL + (4 << 10);

/** Longer pieces hardly come twice, and are not learnt; so no learnt piece has more ids than this. */
export const LONGEST: i32 = 512;
