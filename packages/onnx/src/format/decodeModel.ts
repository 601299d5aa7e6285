/**
 * Reads an ONNX model file into plain data.
 *
 * The file may come from anywhere: every length is bounded before it is trusted, and locations of external data cannot
 * leave the model's directory. Whether the graph makes sense is for a runtime to say; external data is not read here.
 */
import { decodeFunction, decodeOpsetImport } from "./decodeFunction.ts";
import { decodeGraph } from "./decodeGraph.ts";
import { decodeEntry } from "./decodeTensor.ts";
import type { OnnxFunction, OnnxGraph, OnnxModel, OnnxOpsetImport } from "./model.ts";
import { type Mutable, setText } from "./mutable.ts";
import { WireReader } from "./wireReader.ts";
import { maxMessageBytes } from "./wireWriter.ts";

/**
 * Decodes the bytes of an `.onnx` file.
 *
 * Raw tensor data comes as views of `bytes`: nothing is copied, and the file stays in memory as long as one of its
 * tensors does. Values that the file keeps in typed fields are converted to raw bytes. Unknown fields are skipped.
 *
 * @param bytes - the whole file, at most 2 GiB.
 * @returns the model; absent texts, lists and metadata are absent properties.
 * @throws RangeError when the bytes are damaged, or no ONNX model; the message names the field and the offset.
 * @throws TypeError when `bytes` is not a Uint8Array.
 * @example
 * decodeModel(encodeModel(model)).graph.nodes[0].opType; // => "Neg"
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  if (!ArrayBuffer.isView(bytes) || !("BYTES_PER_ELEMENT" in bytes) || bytes.BYTES_PER_ELEMENT !== 1) {
    throw new TypeError(`decodeModel: expected a Uint8Array, got ${Object.prototype.toString.call(bytes)}`);
  }
  if (bytes.length > maxMessageBytes) {
    throw new RangeError(`decodeModel: expected at most ${maxMessageBytes} bytes, got ${bytes.length}`);
  }
  const reader = WireReader.overFile("decodeModel", bytes);
  const opsetImports: OnnxOpsetImport[] = [];
  const functions: OnnxFunction[] = [];
  const metadata = new Map<string, string>();
  const header: Mutable<Omit<OnnxModel, "graph" | "metadata">> = { irVersion: 0, opsetImports, producerName: "" };
  let graph: OnnxGraph | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        header.irVersion = reader.integer("ir_version");
        break;
      case 2:
        header.producerName = reader.string("producer_name");
        break;
      case 3:
        setText(header, "producerVersion", reader.string("producer_version"));
        break;
      case 4:
        setText(header, "domain", reader.string("domain"));
        break;
      case 5:
        header.modelVersion = reader.integer("model_version");
        break;
      case 6:
        setText(header, "docString", reader.string("doc_string"));
        break;
      case 7:
        // Protobuf would merge a second graph into the first; no writer does that, so it is damage or mischief.
        if (graph !== undefined) throw reader.unexpected("one graph", "graph", "a second one");
        graph = decodeGraph(reader.message("graph"));
        break;
      case 8:
        opsetImports.push(decodeOpsetImport(reader.message("opset_import", opsetImports.length)));
        break;
      case 14:
        decodeEntry(reader.message("metadata_props", metadata.size), metadata);
        break;
      case 25:
        functions.push(decodeFunction(reader.message("functions", functions.length)));
        break;
      default:
        reader.skip();
    }
  }
  if (graph === undefined) throw reader.unexpected("a model with a graph", "graph", "none (is this an ONNX file?)");
  if (functions.length > 0) header.functions = functions;
  return { ...header, graph, metadata: Object.fromEntries(metadata) };
}
