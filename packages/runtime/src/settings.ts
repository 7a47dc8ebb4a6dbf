/**
 * Configuration from environment variables: declared once with type, default and meaning; parsed at start with all
 * problems reported together; frozen after.
 */
export interface Setting<Value> {
  /** Environment variable. */
  readonly env: string;
  /** What it means, with its unit. */
  readonly about: string;
  /** Value when the variable is absent or empty; undefined makes it required. */
  readonly fallback: Value | undefined;
  parse(text: string): Value | SettingProblem;
}

export interface SettingProblem {
  readonly problem: string;
}

export type Schema<Config> = { readonly [Key in keyof Config]: Setting<Config[Key]> };

/** Thrown at start; `message` lists every problem on a line of its own. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

type About<Value> = { readonly env: string; readonly about: string; readonly fallback?: Value };

export const text = (options: About<string>): Setting<string> => ({
  ...options,
  fallback: options.fallback,
  parse: (raw) => raw,
});

type Range = About<number> & { readonly min: number; readonly max: number };

const numeric = (
  options: Range,
  what: string,
  accepts: (raw: string, value: number) => boolean,
): Setting<number> => ({
  ...options,
  fallback: options.fallback,
  parse: (raw) => {
    const value = Number(raw);
    return accepts(raw, value) && value >= options.min && value <= options.max
      ? value
      : { problem: `must be ${what} from ${options.min} to ${options.max}, not "${raw}"` };
  },
});

export const integer = (options: Range): Setting<number> =>
  numeric(options, 'a whole number', (_, value) => Number.isInteger(value));

export const number = (options: Range): Setting<number> =>
  numeric(options, 'a number', (raw) => raw.trim() !== '');

export const flag = (options: About<boolean>): Setting<boolean> => ({
  ...options,
  fallback: options.fallback,
  parse: (raw) => {
    if (raw === 'true' || raw === '1') return true;
    if (raw === 'false' || raw === '0') return false;
    return { problem: `must be true or false, not "${raw}"` };
  },
});

export const choice = <const Choice extends string>(
  options: About<Choice> & { readonly choices: readonly Choice[] },
): Setting<Choice> => ({
  ...options,
  fallback: options.fallback,
  parse: (raw) =>
    options.choices.find((known) => known === raw) ?? {
      problem: `must be one of ${options.choices.join(', ')}, not "${raw}"`,
    },
});

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads every setting of a schema. Throws SettingsError with all problems at once. */
export const readSettings = <Config extends object>(
  schema: Schema<Config>,
  environment: Environment,
): Readonly<Config> => {
  const problems: string[] = [];
  const entries = Object.keys(schema).map((key) => {
    const setting: Setting<unknown> = schema[key as keyof Config];
    const raw = environment[setting.env];
    if (raw === undefined || raw === '') {
      if (setting.fallback === undefined)
        problems.push(`${setting.env} is required: ${setting.about}`);
      return [key, setting.fallback];
    }
    const value = setting.parse(raw);
    if (isProblem(value)) problems.push(`${setting.env} ${value.problem} (${setting.about})`);
    return [key, value];
  });
  if (problems.length > 0) throw new SettingsError(`Configuration:\n  ${problems.join('\n  ')}`);
  return Object.freeze(Object.fromEntries(entries) as Config);
};

const isProblem = (value: unknown): value is SettingProblem =>
  typeof value === 'object' && value !== null && 'problem' in value;
