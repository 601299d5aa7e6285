/**
 * The ONNX file format and the lowering of graphs. Runs anywhere; ONNX Runtime is in `@llm-learning/onnx/node`.
 */

export type { OnnxAttributeType } from "./format/attributeTypes.ts";
export { type OnnxDataType, tensorByteLength } from "./format/dataTypes.ts";
export { decodeModel } from "./format/decodeModel.ts";
export { encodeModel } from "./format/encodeModel.ts";
export {
  type ExternalizeWeightsOptions,
  type ExternalWeights,
  externalizeWeights,
} from "./format/externalizeWeights.ts";
export type {
  OnnxAttribute,
  OnnxAttributeReference,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxOpsetImport,
  OnnxQuantizationAnnotation,
} from "./format/model.ts";
export type {
  OnnxExternalData,
  OnnxExternalTensor,
  OnnxRawTensor,
  OnnxSparseTensor,
  OnnxStringTensor,
  OnnxTensor,
  OnnxTensorHeader,
} from "./format/tensor.ts";
export type { OnnxNonTensorType, OnnxShape, OnnxTensorType, OnnxType, OnnxValueInfo } from "./format/valueInfo.ts";
export { engineModel } from "./lowering/engineModel.ts";
export { type LoweredGraph, lowerGraph, type LowerGraphOptions } from "./lowering/lowerGraph.ts";

// Generation
export { causalLMSignature, type CausalLMSignature } from "./generate/causalLMSignature.ts";
export type { GeneratedToken, GenerateOptions, RowOptions } from "./generate/generateOptions.ts";
export { Generator, type GeneratorOptions } from "./generate/generator.ts";
export { nextTokenSignature, type NextTokenSignature } from "./generate/nextTokenSignature.ts";
export type { TokenGenerator } from "./generate/tokenGenerator.ts";
export { WindowGenerator, type WindowGeneratorOptions } from "./generate/windowGenerator.ts";

// The choice of a token
export { argmax, drawIndex, logProbabilities, tokenProbabilities } from "./generate/distribution.ts";
export { keepMinP, keepTopK, keepTopP } from "./generate/filters.ts";
export { addLogitBias, type LogitBias } from "./generate/logitBias.ts";
export { mostProbable, scoreToken, type TokenLogprob } from "./generate/logprobs.ts";
export { penalizeFrequency, penalizeRepetition, type PenaltyOptions } from "./generate/penalties.ts";
export { sampleToken, type SamplingOptions, type UniformSource } from "./generate/sampling.ts";
export { keepAllowed, type TokenConstraint } from "./generate/tokenConstraint.ts";
export {
  type ChoiceOptions,
  type SampledToken,
  TokenSampler,
  type TokenSamplerOptions,
} from "./generate/tokenSampler.ts";

// Text
export { StopStrings } from "./generate/stopStrings.ts";
export { TextStream, type TextStreamOptions, type TokenDecoder } from "./generate/textStream.ts";

// Quantization
export {
  type BlockQuantizationOptions,
  type BlockQuantizedWeight,
  quantizeBlocks,
} from "./quantization/blockQuantization.ts";
export { dequantizeBlocks } from "./quantization/dequantizeBlocks.ts";
export { halfPrecision } from "./quantization/halfPrecision.ts";
export { joinProducts } from "./quantization/joinProducts.ts";
export { quantizeDynamically, type QuantizeDynamicallyOptions } from "./quantization/quantizeDynamically.ts";
export { quantizeModel, type QuantizeModelOptions } from "./quantization/quantizeModel.ts";
