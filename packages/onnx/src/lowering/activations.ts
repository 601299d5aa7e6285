/**
 * Activations, softmax, dropout, and the likelihood that training minimises.
 */

import { int, string } from "./attributes.ts";
import type { Lowerings } from "./lowering.ts";

export const activations: Lowerings<"softmax" | "logSoftmax" | "nll" | "gelu" | "silu" | "dropout"> = {
  softmax: ({ graph, inputs }) => graph.node("Softmax", inputs, { axis: int(-1) }),

  logSoftmax: ({ graph, inputs }) => graph.node("LogSoftmax", inputs, { axis: int(-1) }),

  nll: ({ graph, inputs: [logits, targets], inputTypes, attributes: { ignoreIndex }, isUsed }) => {
    const logProbs = graph.node("LogSoftmax", [logits], { axis: int(-1) });
    if (!isUsed(0)) return ["", logProbs];
    const { dtype } = inputTypes[1];
    const last = graph.int64s([-1]);
    const V = inputTypes[0].shape[inputTypes[1].shape.length];
    const classes = typeof V === "number" ? graph.scalar(V, dtype) : graph.cast(graph.dims.scalar(V), dtype);
    const pick = (indices: string): string => {
      // ONNX counts negative indices from the end; here they are out of range, which GatherElements refuses.
      const isNegative = graph.node("Less", [indices, graph.scalar(0, dtype)]);
      const checked = graph.node("Where", [isNegative, classes, indices]);
      const column = graph.node("Unsqueeze", [checked, last]);
      const picked = graph.node("GatherElements", [logProbs, column], { axis: int(-1) });
      return graph.node("Neg", [graph.node("Squeeze", [picked, last])]);
    };
    if (ignoreIndex === undefined) return [pick(targets), logProbs];
    // The ignored index may be out of range, where GatherElements would fail.
    const isIgnored = graph.node("Equal", [targets, graph.scalar(ignoreIndex, dtype)]);
    const safe = graph.node("Where", [isIgnored, graph.scalar(0, dtype), targets]);
    return [graph.node("Where", [isIgnored, graph.scalar(0), pick(safe)]), logProbs];
  },

  gelu: ({ graph, inputs, attributes: { approximate } }) =>
    graph.node("Gelu", inputs, { approximate: string(approximate) }),

  silu: ({ graph, inputs: [x] }) => graph.node("Mul", [x, graph.node("Sigmoid", [x])]),

  dropout: ({ graph, inputs: [x, mask], attributes: { keepProbability } }) => {
    // Forward and backward ask for the same scaled mask, so it is one value; Where would take three passes each time.
    const kept = graph.cast(mask, "float32");
    const scaled = keepProbability === 1 ? kept : graph.node("Mul", [kept, graph.scalar(1 / keepProbability)]);
    return graph.node("Mul", [x, scaled]);
  },
};
