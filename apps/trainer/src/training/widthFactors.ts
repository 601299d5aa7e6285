/**
 * Scaling by width of a configuration that asks for it: `baseWidth` is the width of the model whose rates and initial weights these are.
 */

import { type WidthFactors, type WidthRule, widthScaling } from "@llm-learning/nn-core";
import type { LanguageModel } from "@llm-learning/models";
import type { TrainConfig } from "../config/trainConfig.ts";
import { type ParameterRole, parametersByRole } from "./parameterRoles.ts";

/** Factors of a role's initial weights and rate; both are 1 without a `baseWidth`. */
export function widthFactors(config: TrainConfig, role: ParameterRole): WidthFactors {
  const { baseWidth, nEmbd = baseWidth, optimizer } = config;
  if (baseWidth === undefined || nEmbd === undefined) return { init: 1, rate: 1 };
  const ratio = nEmbd / baseWidth;
  const factors = widthScaling(role, ratio, ruleOf(role, optimizer));
  // PyTorch's initial weights follow the width by themselves, but for the output layer's further share.
  const init = config.init === "torch" && role !== "embedding" ? factors.init * Math.sqrt(ratio) : factors.init;
  // Steps as large as AdamW's have a norm that grows with the square root of the width.
  const isScaled = optimizer === "muon" && role === "matrix" && config.muonScale === "match-rms-adamw";
  return { init: role === "vector" ? 1 : init, rate: isScaled ? factors.rate / Math.sqrt(ratio) : factors.rate };
}

function ruleOf(role: ParameterRole, optimizer: TrainConfig["optimizer"]): WidthRule {
  if (optimizer === "sgd") return "sgd";
  return optimizer === "muon" && role === "matrix" ? "orthogonal" : "adam";
}

/** Scales the weights of a model that was just made. */
export function scaleInitialWeights(model: LanguageModel, config: TrainConfig): void {
  for (const [role, parameters] of Object.entries(parametersByRole(model))) {
    const { init } = widthFactors(config, role as ParameterRole);
    if (init === 1) continue;
    for (const { data } of parameters.values()) for (let i = 0; i < data.length; i++) data[i] *= init;
  }
}
