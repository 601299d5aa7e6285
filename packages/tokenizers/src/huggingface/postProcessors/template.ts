/**
 * Puts special tokens around a text, or a text and its pair, as a template says, such as `[CLS] $A [SEP] $B:1 [SEP]:1`.
 */

import { addedColumns, type Columns, ofSequence, ofType } from "../columns.ts";
import { Fields, outOfRange, toCount } from "../fields.ts";
import type { PostProcessor } from "./postProcessor.ts";

const MAX_ID = 0xffffffff;

/** A text (0 or 1) or a special token in a template. */
type Piece =
  | { readonly sequence: 0 | 1; readonly typeId: number }
  | { readonly special: SpecialToken; readonly typeId: number };

interface SpecialToken {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

export class Template implements PostProcessor {
  readonly #single: readonly Piece[];
  readonly #pair: readonly Piece[];

  constructor(single: readonly Piece[], pair: readonly Piece[]) {
    this.#single = single;
    this.#pair = pair;
  }

  static read(fields: Fields): Template {
    const specials = readSpecialTokens(fields.object("special_tokens"));
    const single = readPieces(fields.objects("single"), specials);
    const second = single.findIndex((piece) => "sequence" in piece && piece.sequence === 1);
    if (second >= 0) throw outOfRange(`${fields.pathOf("single")}[${second}]`, "sequence A or a special token", "B");
    return new Template(single, readPieces(fields.objects("pair"), specials));
  }

  addedTokens(isPair: boolean): number {
    const pieces = isPair ? this.#pair : this.#single;
    return pieces.reduce((sum, piece) => sum + ("special" in piece ? piece.special.ids.length : 0), 0);
  }

  process(parts: readonly Columns[], addsSpecial: boolean): readonly Columns[] {
    if (parts.length === 0 || parts.length > 2) {
      throw new RangeError(`Tokenizer.encode: expected a template for one or two sequences, got ${parts.length}`);
    }
    const pieces = parts.length === 2 ? this.#pair : this.#single;
    const processed: Columns[] = [];
    for (const piece of pieces) {
      if ("sequence" in piece) processed.push(ofSequence(ofType(parts[piece.sequence], piece.typeId), piece.sequence));
      else if (addsSpecial) processed.push(addedColumns(piece.special.ids, piece.special.tokens, piece.typeId, 1));
    }
    return processed;
  }
}

function readSpecialTokens(fields: Fields): ReadonlyMap<string, SpecialToken> {
  const specials = new Map<string, SpecialToken>();
  for (const [name, value] of Object.entries(fields.json)) {
    const special = new Fields(`${fields.path}[${JSON.stringify(name)}]`, value);
    const ids = special.array("ids").map((id, i) => toCount(`${special.pathOf("ids")}[${i}]`, id, MAX_ID));
    const tokens = special.array("tokens").map((token, i) => {
      if (typeof token !== "string") throw outOfRange(`${special.pathOf("tokens")}[${i}]`, "a string", token);
      return token;
    });
    if (tokens.length !== ids.length) throw outOfRange(special.pathOf("tokens"), `${ids.length} tokens`, tokens);
    specials.set(name, { ids, tokens });
  }
  return specials;
}

function readPieces(pieces: readonly Fields[], specials: ReadonlyMap<string, SpecialToken>): Piece[] {
  return pieces.map((piece) => {
    const sequence = piece.optionalObject("Sequence");
    if (sequence !== undefined) {
      const typeId = sequence.count("type_id", MAX_ID);
      return { sequence: sequence.oneOf("id", ["A", "B"]) === "A" ? 0 : 1, typeId };
    }
    const token = piece.object("SpecialToken");
    const special = specials.get(token.string("id"));
    if (special === undefined) throw token.error("id", "one of special_tokens");
    return { special, typeId: token.count("type_id", MAX_ID) };
  });
}
