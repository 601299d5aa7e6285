/**
 * The optimizer of a configuration, behind what training and checkpoints ask of it.
 */

import type { LanguageModel } from "@llm-learning/models";
import {
  Adam,
  AdamW,
  Lion,
  Muon,
  muonCoefficients,
  type Parameter,
  type ParameterGroup,
  SGD,
  type StepOptions,
} from "@llm-learning/nn-core";
import type { TrainConfig } from "../config/trainConfig.ts";
import type { OptimizerState } from "../run/checkpoint.ts";
import { type ParameterRole, parametersByRole } from "./parameterRoles.ts";
import { widthFactors } from "./widthFactors.ts";
import { engineOf } from "./trainingPrograms.ts";

/** What turns gradients into updates. */
export interface Optimizer {
  /** One at a time: a step that is asynchronous must be waited for. */
  step(gradients: Readonly<Record<string, Float32Array>>, options: StepOptions): void | Promise<void>;
  /** Room for gradients, by name, where a step takes no copy of them. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
  state(): OptimizerState;
  /** @throws RangeError where the state is of another model or optimizer. */
  loadState(state: OptimizerState): void;
  /** Frees what it compiled. */
  dispose(): Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

/** The optimizer of `config`, for the learned parameters of `model`. */
export function createOptimizer(model: LanguageModel, config: TrainConfig): Optimizer {
  const groups = parameterGroups(model, config);
  // The keys of the optimizer that is chosen are there: the configuration was checked.
  switch (config.optimizer) {
    case "sgd":
      return withBuffers(new SGD(groups, pick(config, "momentum", "nesterov")));
    case "lion":
      return withBuffers(new Lion(groups, pick(config, "beta1", "beta2")));
    case "adam":
      return withMoments(new Adam(groups, pick(config, "beta1", "beta2", "eps")));
    case "adamw":
      return withMoments(new AdamW(groups, pick(config, "beta1", "beta2", "eps")));
    case "muon":
      return muonAndAdamW(groups, config);
  }
}

/** A group of each role, those of matrices first. */
function parameterGroups(model: LanguageModel, config: TrainConfig): (ParameterGroup & { role: ParameterRole })[] {
  const { weightDecay, embeddingDecay = weightDecay, vectorDecay = 0 } = config;
  const { matrixRate = 1, embeddingRate = 1, outputRate = 1, vectorRate = 1 } = config;
  const treatment = {
    matrix: { weightDecay, learningRateScale: matrixRate },
    embedding: { weightDecay: embeddingDecay, learningRateScale: embeddingRate },
    output: { weightDecay: embeddingDecay, learningRateScale: outputRate },
    vector: { weightDecay: vectorDecay, learningRateScale: vectorRate },
  };
  const entries = Object.entries(parametersByRole(model)) as [ParameterRole, Map<string, Parameter>][];
  // Decay that is apart from the gradient goes by the rate: what it takes of a weight is to be the same at every width.
  const isApart = config.optimizer !== "sgd" && config.optimizer !== "adam";
  return entries.map(([role, parameters]) => {
    const { weightDecay: decay, learningRateScale } = treatment[role];
    const { rate } = widthFactors(config, role);
    return {
      role,
      parameters,
      weightDecay: isApart ? decay / rate : decay,
      learningRateScale: learningRateScale * rate,
    };
  });
}

/** Muon for the matrices, AdamW for the rest. */
function muonAndAdamW(groups: readonly (ParameterGroup & { role: ParameterRole })[], config: TrainConfig): Optimizer {
  const { muonSteps: length = 5, muonScale: scale = "match-rms-adamw" } = config;
  const takes = (role: ParameterRole, { shape }: Parameter): boolean => role === "matrix" && shape.length === 2;
  const divided = (isMuon: boolean): ParameterGroup[] =>
    groups.map(({ role, parameters, ...group }) => ({
      ...group,
      parameters: new Map([...parameters].filter(([, parameter]) => takes(role, parameter) === isMuon)),
    }));
  const muon = new Muon(divided(true), {
    engine: engineOf(config),
    scale,
    coefficients: Array.from({ length }, () => muonCoefficients),
    parts: (name) => (name.endsWith(".qkv.weight") ? 3 : 1),
    ...pick(config, "momentum", "nesterov"),
  });
  const adamW = new AdamW(divided(false), pick(config, "beta1", "beta2", "eps"));
  return {
    step: async (gradients, options) => {
      await muon.step(gradients, options);
      adamW.step(gradients, options);
    },
    gradients: { ...muon.gradients, ...adamW.gradients },
    state: () => ({ ...adamW.state(), ...muon.state() }),
    loadState: ({ step, momentumBuffers = new Map(), firstMoments = new Map(), secondMoments = new Map() }) => {
      muon.loadState({ step, momentumBuffers });
      adamW.loadState({ step, firstMoments, secondMoments });
    },
    dispose: () => muon.dispose(),
  };
}

function withMoments(optimizer: Adam | AdamW): Optimizer {
  return {
    step: (gradients, options) => optimizer.step(gradients, options),
    gradients: optimizer.gradients,
    state: () => optimizer.state(),
    loadState: ({ step, firstMoments = new Map(), secondMoments = new Map() }) =>
      optimizer.loadState({ step, firstMoments, secondMoments }),
    dispose: nothing,
  };
}

function withBuffers(optimizer: SGD | Lion): Optimizer {
  return {
    step: (gradients, options) => optimizer.step(gradients, options),
    gradients: optimizer.gradients,
    state: () => optimizer.state(),
    loadState: ({ step, momentumBuffers = new Map() }) => optimizer.loadState({ step, momentumBuffers }),
    dispose: nothing,
  };
}

/** Those keys that the configuration has. */
function pick<Key extends keyof TrainConfig>(
  config: TrainConfig,
  ...keys: readonly Key[]
): { [K in Key]?: NonNullable<TrainConfig[K]> } {
  const entries = keys.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]]));
  return Object.fromEntries(entries) as { [K in Key]?: NonNullable<TrainConfig[K]> };
}
