/** The kinds of attribute in an ONNX file: the name used here, and the code of `AttributeProto.AttributeType`. */

const codes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
  sparseTensor: 11,
  sparseTensors: 12,
  typeProto: 13,
  typeProtos: 14,
} as const;

/** A kind of attribute as the file distinguishes them. */
export type OnnxAttributeType = keyof typeof codes;

const names = Object.keys(codes) as OnnxAttributeType[];

/** The code of a kind of attribute, or undefined where the name is none. */
export function attributeTypeCode(type: string): number | undefined {
  return Object.hasOwn(codes, type) ? codes[type as OnnxAttributeType] : undefined;
}

/** The kind of attribute behind a code, or undefined where ONNX has no such code. */
export function attributeTypeOfCode(code: number): OnnxAttributeType | undefined {
  return names[code - 1];
}
