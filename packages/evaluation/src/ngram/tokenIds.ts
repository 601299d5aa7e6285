/**
 * Streams of token ids, in the forms they come in: an array, a typed array, an iterable of ids, or an iterable of chunks
 * of them, read at once or as they arrive. Where one chunk ends and the next begins means nothing.
 */

/** Ids in one piece: an array or a typed array such as `Uint16Array`. */
export type TokenIds = ArrayLike<number>;

/** Ids one by one, or chunks of them, or all in one piece. */
export type TokenStream = TokenIds | Iterable<number | TokenIds>;

/** {@link TokenStream} that arrives bit by bit. */
export type AsyncTokenStream = AsyncIterable<number | TokenIds>;

/** How many single ids are gathered before they are handed on. */
const CHUNK = 4096;

/** Hands a stream on in chunks. @throws TypeError if it is none. */
export function forEachChunk(caller: string, stream: TokenStream, use: (chunk: TokenIds) => void): void {
  if (isTokenIds(stream) && typeof stream[0] !== "object") return use(stream);
  const given = stream as Partial<Iterable<number | TokenIds>> | null | undefined;
  if (typeof given !== "object" || typeof given?.[Symbol.iterator] !== "function") throw notTokens(caller, stream);
  const chunker = new Chunker(caller, use);
  for (const item of stream as Iterable<number | TokenIds>) chunker.take(item);
  chunker.flush();
}

/** {@link forEachChunk} for a stream that arrives bit by bit. */
export async function forEachChunkAsync(
  caller: string,
  stream: TokenStream | AsyncTokenStream,
  use: (chunk: TokenIds) => void,
): Promise<void> {
  const given = stream as Partial<AsyncTokenStream> | null | undefined;
  if (typeof given !== "object" || typeof given?.[Symbol.asyncIterator] !== "function") {
    return forEachChunk(caller, stream as TokenStream, use);
  }
  const chunker = new Chunker(caller, use);
  for await (const item of stream as AsyncTokenStream) chunker.take(item);
  chunker.flush();
}

/** Gathers single ids to chunks and lets chunks through. */
class Chunker {
  readonly #caller: string;
  readonly #use: (chunk: TokenIds) => void;
  #single: number[] = [];

  constructor(caller: string, use: (chunk: TokenIds) => void) {
    this.#caller = caller;
    this.#use = use;
  }

  take(item: number | TokenIds): void {
    if (typeof item === "number") {
      if (this.#single.push(item) === CHUNK) this.flush();
      return;
    }
    this.flush();
    if (!isTokenIds(item)) throw notTokens(this.#caller, item);
    this.#use(item);
  }

  flush(): void {
    const single = this.#single;
    if (single.length === 0) return;
    this.#single = [];
    this.#use(single);
  }
}

function isTokenIds(value: unknown): value is TokenIds {
  return typeof value === "object" && value !== null && typeof (value as { length?: unknown }).length === "number";
}

function notTokens(caller: string, value: unknown): TypeError {
  const got = typeof value === "string" ? "a string; encode it first" : value === null ? "null" : typeof value;
  return new TypeError(`${caller}: expected token ids, one by one or in chunks, got ${got}`);
}
