/**
 * The passes of `Updates` in TypeScript: the definition that others are compared with, and what computes where there is nothing faster.
 */

import type { Updates } from "./updates.ts";

/** Rounds to float32, as every operation here does. */
const f = Math.fround;

/** The passes as plain loops. */
export const plainUpdates: Updates = {
  adam({ weight, gradient, firstMoment, secondMoment }, constants) {
    const { length } = weight;
    const scale = f(constants.scale);
    const coupled = f(constants.coupled);
    const gain1 = f(constants.gain1);
    const gain2 = f(constants.gain2);
    const rate = f(constants.rate);
    const correction = f(constants.correction);
    const eps = f(constants.eps);
    const decay = f(constants.decay);
    for (let i = 0; i < length; i++) {
      const w = weight[i];
      const g = f(f(scale * gradient[i]) + f(coupled * w));
      const m = f(firstMoment[i] + f(gain1 * f(g - firstMoment[i])));
      const v = f(secondMoment[i] + f(gain2 * f(f(g * g) - secondMoment[i])));
      firstMoment[i] = m;
      secondMoment[i] = v;
      const step = f(f(rate * m) / f(f(f(Math.sqrt(v)) * correction) + eps));
      weight[i] = f(w - f(step + f(decay * w)));
    }
  },

  descend(weight, gradient, constants) {
    const { length } = weight;
    const scale = f(constants.scale);
    const coupled = f(constants.coupled);
    const rate = f(constants.rate);
    for (let i = 0; i < length; i++) {
      const w = weight[i];
      weight[i] = f(w - f(rate * f(f(scale * gradient[i]) + f(coupled * w))));
    }
  },

  descendWithMomentum({ weight, gradient, buffer }, constants) {
    const { length } = weight;
    const scale = f(constants.scale);
    const coupled = f(constants.coupled);
    const rate = f(constants.rate);
    const momentum = f(constants.momentum);
    const ahead = f(constants.ahead);
    const share = f(constants.share);
    for (let i = 0; i < length; i++) {
      const w = weight[i];
      const g = f(f(scale * gradient[i]) + f(coupled * w));
      const v = f(f(momentum * buffer[i]) + g);
      buffer[i] = v;
      weight[i] = f(w - f(rate * f(f(ahead * g) + f(share * v))));
    }
  },

  lion({ weight, gradient, buffer }, constants) {
    const { length } = weight;
    const scale = f(constants.scale);
    const gain1 = f(constants.gain1);
    const gain2 = f(constants.gain2);
    const rate = f(constants.rate);
    const decay = f(constants.decay);
    for (let i = 0; i < length; i++) {
      const w = weight[i];
      const m = buffer[i];
      const change = f(f(scale * gradient[i]) - m);
      const direction = f(m + f(gain1 * change));
      buffer[i] = f(m + f(gain2 * change));
      const step = direction > 0 ? rate : direction < 0 ? -rate : 0;
      weight[i] = f(w - f(step + f(decay * w)));
    }
  },

  direct({ gradient, buffer, direction }, constants) {
    const { length } = gradient;
    const scale = f(constants.scale);
    const gain = f(constants.gain);
    const ahead = f(constants.ahead);
    for (let i = 0; i < length; i++) {
      const g = f(scale * gradient[i]);
      const m = f(buffer[i] + f(gain * f(g - buffer[i])));
      buffer[i] = m;
      direction[i] = f(m + f(ahead * f(g - m)));
    }
  },

  move(weight, direction, constants) {
    const { length } = weight;
    const rate = f(constants.rate);
    const decay = f(constants.decay);
    for (let i = 0; i < length; i++) {
      const w = weight[i];
      weight[i] = f(w - f(f(rate * direction[i]) + f(decay * w)));
    }
  },

  approach(average, weight, gain) {
    const { length } = average;
    const share = f(gain);
    for (let i = 0; i < length; i++) average[i] = f(average[i] + f(share * f(weight[i] - average[i])));
  },
};
