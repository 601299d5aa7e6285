/**
 * The post-processors of BERT (`[CLS] A [SEP] B [SEP]`) and of RoBERTa (`<s> A </s> </s> B </s>`), as older files have them.
 */

import { addedColumns, type Columns, joined, ofSequence, ofType } from "../columns.ts";
import { type Fields, outOfRange, toCount, wrongType } from "../fields.ts";
import { withTrimmedOffsets } from "./offsetTrimmer.ts";
import type { PostProcessor } from "./postProcessor.ts";

/** A special token by spelling and id. */
interface SpecialToken {
  readonly token: string;
  readonly id: number;
}

/** What tells the two apart. */
interface Kind {
  readonly cls: SpecialToken;
  readonly sep: SpecialToken;
  /** RoBERTa has one type for all tokens, and two separators between the texts. */
  readonly isRoberta: boolean;
  readonly trimsOffsets: boolean;
  readonly addsPrefixSpace: boolean;
}

export class PairProcessor implements PostProcessor {
  readonly #kind: Kind;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  static readBert(fields: Fields): PairProcessor {
    const [cls, sep] = [readToken(fields, "cls"), readToken(fields, "sep")];
    return new PairProcessor({ cls, sep, isRoberta: false, trimsOffsets: false, addsPrefixSpace: false });
  }

  static readRoberta(fields: Fields): PairProcessor {
    return new PairProcessor({
      cls: readToken(fields, "cls"),
      sep: readToken(fields, "sep"),
      isRoberta: true,
      trimsOffsets: fields.boolean("trim_offsets", true),
      addsPrefixSpace: fields.boolean("add_prefix_space", true),
    });
  }

  addedTokens(isPair: boolean): number {
    if (!isPair) return 2;
    return this.#kind.isRoberta ? 4 : 3;
  }

  process(parts: readonly Columns[], addsSpecial: boolean, texts: readonly string[]): readonly Columns[] {
    const { isRoberta, trimsOffsets, addsPrefixSpace } = this.#kind;
    const trimmed = trimsOffsets ? parts.map((part) => withTrimmedOffsets(part, addsPrefixSpace, texts)) : parts;
    const typed = isRoberta ? trimmed.map((part) => ofType(part, 0)) : trimmed;
    if (!addsSpecial) return typed;
    return typed.map((part, number) => ({
      ...this.#wrapped(part, number),
      overflowing: part.overflowing.map((one) => this.#wrapped(isRoberta ? ofType(one, 0) : one, number)),
    }));
  }

  /** One encoding between its special tokens. */
  #wrapped(part: Columns, number: number): Columns {
    const { cls, sep, isRoberta } = this.#kind;
    const special = ({ id, token }: SpecialToken, typeId: number): Columns => addedColumns([id], [token], typeId, 1);
    const inner: Columns = {
      ...ofSequence({ ...part, sequences: new Map() }, number === 0 ? 0 : 1),
      specialTokensMask: new Uint8Array(part.ids.length),
      attentionMask: new Uint8Array(part.ids.length).fill(1),
      overflowing: [],
    };
    if (number === 0) return joined([special(cls, 0), inner, special(sep, 0)]);
    return isRoberta ? joined([special(sep, 0), inner, special(sep, 0)]) : joined([inner, special(sep, 1)]);
  }
}

/** Reads a token as `["[SEP]", 102]`. */
function readToken(fields: Fields, name: string): SpecialToken {
  const pair = fields.array(name);
  const [token, id] = pair;
  if (pair.length !== 2) throw outOfRange(fields.pathOf(name), "a token and its id", pair);
  if (typeof token !== "string") throw wrongType(`${fields.pathOf(name)}[0]`, "a token", token);
  return { token, id: toCount(`${fields.pathOf(name)}[1]`, id, 0xffffffff) };
}
