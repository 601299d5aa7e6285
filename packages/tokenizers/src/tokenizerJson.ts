/**
 * The parts of Hugging Face's `tokenizer.json` (version 1.0) that this package writes, as types and as one function.
 *
 * All kinds of tokenizer are a BPE model. That of characters or of bytes has no merges: such a model splits a word into the
 * smallest symbols it knows and stops there. It is the one model that every reader of the format has, and it is exact about
 * spaces and newlines, which a WordLevel model behind a splitting pre-tokenizer is not everywhere.
 */

/** A component (normalizer, pre-tokenizer, post-processor or decoder): its type and that type's fields. */
export interface TokenizerComponentJson {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** An entry of `added_tokens`: a token that is looked for in the text before anything else happens to it. */
export interface AddedTokenJson {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/** A BPE model. */
export interface BpeModelJson {
  readonly type: "BPE";
  readonly dropout: number | null;
  readonly unk_token: string | null;
  readonly continuing_subword_prefix: string | null;
  readonly end_of_word_suffix: string | null;
  readonly fuse_unk: boolean;
  readonly byte_fallback: boolean;
  readonly ignore_merges: boolean;
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly (readonly [string, string])[];
}

/** The content of a `tokenizer.json`. */
export interface TokenizerJson {
  readonly version: "1.0";
  readonly truncation: null;
  readonly padding: null;
  readonly added_tokens: readonly AddedTokenJson[];
  readonly normalizer: TokenizerComponentJson | null;
  readonly pre_tokenizer: TokenizerComponentJson | null;
  readonly post_processor: TokenizerComponentJson | null;
  readonly decoder: TokenizerComponentJson | null;
  readonly model: BpeModelJson;
}

/** The decoder of byte-level tokenizers; it ignores the flags, whose values are those that Hugging Face itself writes. */
export const byteLevelDecoder: TokenizerComponentJson = {
  type: "ByteLevel",
  add_prefix_space: true,
  trim_offsets: true,
  use_regex: true,
};

/** What tells one tokenizer from another. */
export interface DocumentParts {
  /** Tokens and ids, special tokens included. */
  readonly vocab: Iterable<readonly [token: string, id: number]>;
  readonly merges: readonly (readonly [string, string])[];
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly unknown: string | undefined;
  readonly preTokenizer: TokenizerComponentJson | null;
  readonly decoder: TokenizerComponentJson;
}

/** Writes a tokenizer. */
export function tokenizerDocument(parts: DocumentParts): TokenizerJson {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [...parts.specialTokens].map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: parts.preTokenizer,
    post_processor: null,
    decoder: parts.decoder,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: parts.unknown ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      // fromEntries defines own properties, so that a token spelled "__proto__" is a key like any other.
      vocab: Object.fromEntries(parts.vocab),
      merges: parts.merges,
    },
  };
}
