/**
 * Symbolic tensors, ops and their gradients, layers, losses, optimizers, saved state, and the reference engine.
 */

// Graphs
export { constant, zeros } from "./constant.ts";
export { type DType, type DTypeArrays, type TypedArray, allocate, dtypeOf } from "./dtype.ts";
export { checkpoint } from "./checkpoint.ts";
export { grad } from "./grad.ts";
export { type Graph, type InputSpec, graphOf, trace } from "./graph.ts";
export { type Module, freeze, namedParameters, parameterCount, trainableParameters } from "./module.ts";
export { Parameter, type ParameterOptions, isParameter } from "./parameter.ts";
export {
  type Dim,
  type Shape,
  elementCount,
  formatShape,
  isStatic,
  normalizeAxis,
  product,
  sameShape,
} from "./shape.ts";
export { type Node, type NodeOrigin, type Source, Tensor, type TensorType, input, isTensor } from "./tensor.ts";
export { Training, type TrainingOptions } from "./training.ts";

// Ops
export { barrier } from "./ops/barrier.ts";
export { type Operand, type OpDefinition, type VjpContext, toTensor } from "./op.ts";
export type { Convolution, OpAttributes, OpName, Reduction, TapKind } from "./opAttributes.ts";
export { add, div, maximum, minimum, mul, pow, softplus, square, sub } from "./ops/arithmetic.ts";
export { broadcastTo } from "./ops/broadcastTo.ts";
export { cast } from "./ops/cast.ts";
export { equal, greater, greaterEqual, less, lessEqual, logicalAnd, logicalNot, logicalOr } from "./ops/comparison.ts";
export { concat, split, stack } from "./ops/concat.ts";
export { type ConvOptions, conv1d, conv2d } from "./ops/conv.ts";
export { dropout } from "./ops/dropout.ts";
export { embedding } from "./ops/embedding.ts";
export { gather, oneHot, scatterAdd } from "./ops/gather.ts";
export { gelu, silu } from "./ops/gelu.ts";
export { iota } from "./ops/iota.ts";
export { layerNorm } from "./ops/layerNorm.ts";
export { linear } from "./ops/linear.ts";
export { type MatmulOptions, matmul } from "./ops/matmul.ts";
export { moments } from "./ops/moments.ts";
export { nll } from "./ops/nll.ts";
export { type ReductionOptions, max, mean, min, sum, variance } from "./ops/reduction.ts";
export { expandDims, flatten, reshape, squeeze } from "./ops/reshape.ts";
export { rmsNorm } from "./ops/rmsNorm.ts";
export { rotary } from "./ops/rotary.ts";
export { type AttentionOperand, attentionOperand } from "./ops/attentionOperands.ts";
export { attentionScores } from "./ops/attentionScores.ts";
export type { AttentionOptions } from "./ops/attentionOptions.ts";
export { scaledDotProductAttention } from "./ops/scaledDotProductAttention.ts";
export { type PadOptions, type SliceOptions, pad, slice } from "./ops/slice.ts";
export { type Tap, type TapOptions, tap, taps } from "./ops/tap.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { swapAxes, transpose } from "./ops/transpose.ts";
export { abs, cos, erf, exp, log, neg, reciprocal, relu, sigmoid, sign, sin, sqrt, tanh } from "./ops/unary.ts";
export { where } from "./ops/where.ts";
export { type ValueGradient, withGradient } from "./ops/withGradient.ts";

// Layers and losses
export type { Initializer, Rng } from "@llm-learning/init";
export { Dropout } from "./layers/dropout.ts";
export { Embedding, type EmbeddingOptions } from "./layers/embedding.ts";
export { Linear, type LinearOptions, namedLinears } from "./layers/linear.ts";
export { LoRA, type LoRAOptions } from "./layers/lora.ts";
export { chunkedCrossEntropy, type ChunkedCrossEntropyOptions } from "./losses/chunkedCrossEntropy.ts";
export { type CrossEntropyOptions, crossEntropy } from "./losses/crossEntropy.ts";

// Engines
export { dimensionSizes } from "./dimensionSizes.ts";
export {
  type CompileOptions,
  type Engine,
  type Feeds,
  type Program,
  type TensorValue,
  bindFeeds,
  compile,
} from "./engine.ts";
export { type Float64Feeds, evaluateFloat64 } from "./reference/evaluateFloat64.ts";
export type { Precision } from "./reference/execute.ts";
export type { NdArray } from "./reference/ndArray.ts";
export { type ReferenceEngineOptions, referenceEngine } from "./reference/referenceEngine.ts";

// Graphs that compute the same with less
export { flattenRows } from "./passes/flattenRows.ts";
export { foldConstants } from "./passes/foldConstants.ts";
export { mergeEqualNodes } from "./passes/mergeEqualNodes.ts";
export { optimizeGraph } from "./passes/optimizeGraph.ts";
export { rewriteGraph, type RewriteRule } from "./passes/rewriteGraph.ts";
export { simplify } from "./passes/simplify.ts";

// Optimization
export { Adam, type AdamOptions, type AdamState } from "./optim/adam.ts";
export { AdamW, type AdamWOptions, type AdamWState } from "./optim/adamW.ts";
export { clipScale, globalNorm } from "./optim/clip.ts";
export { Lion, type LionOptions, type LionState } from "./optim/lion.ts";
export { Muon, type MuonOptions, type MuonScale, type MuonState } from "./optim/muon.ts";
export { type QuinticCoefficients, muonCoefficients, newtonSchulz } from "./optim/newtonSchulz.ts";
export type { StepOptions } from "./optim/optimizer.ts";
export { type ParameterGroup, decayGroups } from "./optim/parameterGroup.ts";
export { type Schedule, type StepScheduleOptions, constantSchedule, stepSchedule } from "./optim/schedule.ts";
export { SGD, type SGDOptions, type SGDState } from "./optim/sgd.ts";
export { type WarmupOptions, warmupRate } from "./optim/warmup.ts";
export { type WarmupCosineOptions, warmupCosine } from "./optim/warmupCosine.ts";
export {
  type CooldownShape,
  type WarmupStableDecayOptions,
  warmupLinear,
  warmupStableDecay,
} from "./optim/warmupStableDecay.ts";
export { type WidthFactors, type WidthRole, type WidthRule, widthScaling } from "./optim/widthScaling.ts";
export { WeightAverage, type WeightAverageOptions, type WeightAverageState } from "./optim/weightAverage.ts";

// Saved state
export { type StateDict, loadStateDict, stateDict } from "./stateDict.ts";
export { type Safetensors, decodeSafetensors } from "./safetensors/decodeSafetensors.ts";
export { encodeSafetensors, safetensorsPieces } from "./safetensors/encodeSafetensors.ts";
export { decodeFloat16, encodeFloat16, maxFloat16, roundToFloat16 } from "./float16.ts";
export { float32Values } from "./safetensors/float32Values.ts";
export type { SafetensorsDType, SafetensorsEntry } from "./safetensors/safetensorsEntry.ts";
export { type SafetensorsArray, float32View, safetensorsEntry } from "./safetensors/safetensorsViews.ts";
