/**
 * The passes of optimizers as expressions, with the operations of plainUpdates.ts in the same order.
 */

import { add, div, type Lanes, mul, type Pass, sqrt, sub, withSign } from "./lanes.ts";
import type {
  AdamArrays,
  AdamConstants,
  BufferedArrays,
  DescendConstants,
  DirectionArrays,
  DirectionConstants,
  LionConstants,
  MomentumConstants,
} from "../updates.ts";

/** `average + gain * (value - average)` */
function approached(average: Lanes, value: Lanes, gain: Lanes): Lanes {
  return add(average, mul(gain, sub(value, average)));
}

/** `scale * gradient + coupled * weight` */
function coupledGradient(x: Readonly<Record<"scale" | "gradient" | "coupled" | "weight", Lanes>>): Lanes {
  return add(mul(x.scale, x.gradient), mul(x.coupled, x.weight));
}

export const adam: Pass<keyof AdamArrays, keyof AdamConstants> = {
  arrays: ["weight", "gradient", "firstMoment", "secondMoment"],
  constants: ["scale", "coupled", "gain1", "gain2", "rate", "correction", "eps", "decay"],
  compute: (x) => {
    const g = coupledGradient(x);
    const m = approached(x.firstMoment, g, x.gain1);
    const v = approached(x.secondMoment, mul(g, g), x.gain2);
    const step = div(mul(x.rate, m), add(mul(sqrt(v), x.correction), x.eps));
    return { firstMoment: m, secondMoment: v, weight: sub(x.weight, add(step, mul(x.decay, x.weight))) };
  },
};

export const descend: Pass<"weight" | "gradient", keyof DescendConstants> = {
  arrays: ["weight", "gradient"],
  constants: ["scale", "coupled", "rate"],
  compute: (x) => ({ weight: sub(x.weight, mul(x.rate, coupledGradient(x))) }),
};

export const descendWithMomentum: Pass<keyof BufferedArrays, keyof MomentumConstants> = {
  arrays: ["weight", "gradient", "buffer"],
  constants: ["scale", "coupled", "rate", "momentum", "ahead", "share"],
  compute: (x) => {
    const g = coupledGradient(x);
    const buffer = add(mul(x.momentum, x.buffer), g);
    return { buffer, weight: sub(x.weight, mul(x.rate, add(mul(x.ahead, g), mul(x.share, buffer)))) };
  },
};

export const lion: Pass<keyof BufferedArrays, keyof LionConstants> = {
  arrays: ["weight", "gradient", "buffer"],
  constants: ["scale", "gain1", "gain2", "rate", "decay"],
  compute: (x) => {
    const change = sub(mul(x.scale, x.gradient), x.buffer);
    const direction = add(x.buffer, mul(x.gain1, change));
    const step = withSign(x.rate, direction);
    return {
      buffer: add(x.buffer, mul(x.gain2, change)),
      weight: sub(x.weight, add(step, mul(x.decay, x.weight))),
    };
  },
};

export const direct: Pass<keyof DirectionArrays, keyof DirectionConstants> = {
  arrays: ["gradient", "buffer", "direction"],
  constants: ["scale", "gain", "ahead"],
  compute: (x) => {
    const g = mul(x.scale, x.gradient);
    const m = approached(x.buffer, g, x.gain);
    return { buffer: m, direction: approached(m, g, x.ahead) };
  },
};

export const move: Pass<"weight" | "direction", "rate" | "decay"> = {
  arrays: ["weight", "direction"],
  constants: ["rate", "decay"],
  compute: (x) => ({ weight: sub(x.weight, add(mul(x.rate, x.direction), mul(x.decay, x.weight))) }),
};

export const approach: Pass<"average" | "weight", "gain"> = {
  arrays: ["average", "weight"],
  constants: ["gain"],
  compute: (x) => ({ average: approached(x.average, x.weight, x.gain) }),
};
