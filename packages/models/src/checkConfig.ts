/**
 * What the configurations of models have in common: defaults for what is not given, and clear words for what cannot be.
 *
 * Configurations also come from files and command lines, so types alone cannot vouch for them.
 */

/** `defaults`, then what is given; a field that is undefined is not given, as an untyped caller may write it. */
export function withDefaults<Config extends object>(defaults: Partial<Config>, options: Partial<Config>): Config {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given } as Config;
}

/** @throws RangeError naming the first of `names` that is not an integer >= 1. */
export function expectSizes<Config extends object>(
  model: string,
  config: Config,
  names: readonly (keyof Config & string)[],
): void {
  expectNumbers(model, config, names, "an integer >= 1", (value) => Number.isSafeInteger(value) && value >= 1);
}

/** @throws RangeError naming the first of `names` that is not a finite number >= 0. */
export function expectScales<Config extends object>(
  model: string,
  config: Config,
  names: readonly (keyof Config & string)[],
): void {
  expectNumbers(model, config, names, "a number >= 0", (value) => Number.isFinite(value) && value >= 0);
}

/** @throws TypeError naming the first of `names` that is not true or false. */
export function expectBooleans<Config extends object>(
  model: string,
  config: Config,
  names: readonly (keyof Config & string)[],
): void {
  for (const name of names) {
    if (typeof config[name] === "boolean") continue;
    throw new TypeError(`${model}: expected ${name} to be true or false, got ${JSON.stringify(config[name])}`);
  }
}

/** @throws RangeError if `value` is none of `choices`. */
export function expectChoice(model: string, name: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new RangeError(`${model}: expected ${name} to be one of ${choices.join(", ")}, got ${String(value)}`);
}

function expectNumbers<Config extends object>(
  model: string,
  config: Config,
  names: readonly (keyof Config & string)[],
  what: string,
  holds: (value: number) => boolean,
): void {
  for (const name of names) {
    const value: unknown = config[name];
    if (typeof value === "number" && holds(value)) continue;
    throw new RangeError(`${model}: expected ${name} to be ${what}, got ${String(value)}`);
  }
}
