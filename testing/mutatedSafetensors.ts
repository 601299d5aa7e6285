/**
 * Damaged versions of a safetensors file: the header as a document, now and then the JSON that a value of its metadata holds, and a
 * length before it that is mostly right.
 */

import { mutatedJson } from "./mutatedJson.ts";
import { joined, oneOf, type Random } from "./mutations.ts";

/** A copy of a file with a damaged header; the tensors' bytes stay. */
export function mutatedSafetensors(file: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Header;
  const text = random() < 0.3 ? withMutatedMetadata(header, random) : mutatedJson(header, random);
  const content = new TextEncoder().encode(text);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, oneOf([0n, 0n, 0n, 1n], random) + BigInt(content.length), true);
  return joined(size, content, file.subarray(8 + length));
}

interface Header {
  readonly __metadata__?: Readonly<Record<string, string>>;
}

function withMutatedMetadata(header: Header, random: Random): string {
  const { __metadata__: metadata = {} } = header;
  const documents = Object.entries(metadata).filter(([, value]) => value.startsWith("{"));
  if (documents.length === 0) return mutatedJson(header, random);
  const [key, value] = oneOf(documents, random);
  const damaged = mutatedJson(JSON.parse(value) as object, random);
  return JSON.stringify({ ...header, __metadata__: { ...metadata, [key]: damaged } });
}
