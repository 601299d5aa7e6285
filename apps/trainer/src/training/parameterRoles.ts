/**
 * What each parameter of a model is there for, as far as an optimizer asks.
 */

import { DeepMLP, type LanguageModel } from "@llm-learning/models";
import { type Parameter, trainableParameters } from "@llm-learning/nn-core";

/**
 * "embedding": a table of rows, the output layer as well where weights are tied. "output": weights of an output layer of its own.
 * "vector": biases and norms. "matrix": all else.
 */
export type ParameterRole = "matrix" | "embedding" | "output" | "vector";

/** The learned parameters by role and name, in the model's order. */
export function parametersByRole(model: LanguageModel): Record<ParameterRole, Map<string, Parameter>> {
  const byRole: Record<ParameterRole, Map<string, Parameter>> = {
    matrix: new Map(),
    embedding: new Map(),
    output: new Map(),
    vector: new Map(),
  };
  const output = outputLayer(model);
  for (const [name, parameter] of trainableParameters(model))
    byRole[roleOf(name, parameter, output)].set(name, parameter);
  return byRole;
}

function roleOf(name: string, { shape }: Parameter, output: string): ParameterRole {
  if (shape.length < 2) return "vector";
  if (/^(token|position)Embedding\.|^table\./.test(name)) return "embedding";
  return name.startsWith(output) ? "output" : "matrix";
}

/** Path before the names of the output layer's parameters. */
function outputLayer(model: LanguageModel): string {
  return model instanceof DeepMLP ? `layers.${model.layers.length - 1}.` : "output.";
}
