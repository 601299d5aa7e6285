/**
 * In which order a run takes its examples: at random, or all of them once, in a new order each time. Its place is part of a checkpoint.
 */

import {
  type ExampleGroup,
  type ExampleOrder,
  PERMUTATION_KEYS,
  RandomOrder,
  ShuffledOrder,
} from "@llm-learning/datasets";
import { Rng } from "@llm-learning/init";
import type { TrainConfig } from "../config/trainConfig.ts";
import type { TrainingState } from "../run/checkpoint.ts";
import { UsageError } from "../usageError.ts";

/** The place in an order, as a checkpoint has it. */
export type OrderState = Pick<TrainingState, "samplerState" | "drawn">;

/** The order of a run. */
export class BatchOrder implements ExampleOrder {
  readonly #kind: TrainConfig["order"];
  readonly #groups: readonly ExampleGroup[];
  readonly #rng: Rng;
  readonly #order: RandomOrder | ShuffledOrder;

  private constructor(
    kind: TrainConfig["order"],
    groups: readonly ExampleGroup[],
    rng: Rng,
    drawn: readonly number[] | undefined,
  ) {
    this.#kind = kind;
    this.#groups = groups;
    this.#rng = rng;
    this.#order =
      kind === "random"
        ? new RandomOrder(groups, rng)
        : new ShuffledOrder(groups, {
            keysOf: (group, epoch) => rng.fork(group).fork(epoch).fillUint32(new Uint32Array(PERMUTATION_KEYS)),
            ...(drawn !== undefined && { drawn }),
          });
  }

  /** The beginning of an order. @param rng - Decides it. */
  static begin(kind: TrainConfig["order"], groups: readonly ExampleGroup[], rng: Rng): BatchOrder {
    return new BatchOrder(kind, groups, rng, undefined);
  }

  /** An order that goes on. @throws UsageError where the state is of another. */
  static from(kind: TrainConfig["order"], groups: readonly ExampleGroup[], state: OrderState): BatchOrder {
    if ((kind === "shuffled") !== (state.drawn !== undefined) || (state.drawn ?? groups).length !== groups.length) {
      throw new UsageError("expected the place in the order that the run's config.json says, got one in another");
    }
    return new BatchOrder(kind, groups, Rng.fromState(state.samplerState), state.drawn);
  }

  next(): number {
    return this.#order.next();
  }

  /** Another order at the same place. */
  copy(): BatchOrder {
    return BatchOrder.from(this.#kind, this.#groups, this.state());
  }

  state(): OrderState {
    return {
      samplerState: structuredClone(this.#rng.state()) as OrderState["samplerState"],
      ...(this.#order instanceof ShuffledOrder && { drawn: [...this.#order.drawn] }),
    };
  }
}
