import type { Pace, Switchable, Variant } from '@isotherm/engine';
import { type Precision, precisions, isPrecision } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import type { LoadInput, ReconfigureRequest, ReconfigureResponseInput } from '@isotherm/proto';
import type { Loadable } from './loads.ts';

/** What a stage's engine has loaded, and a way to load something else while it works. */
export interface VariantLever extends Pick<Switchable, 'variant' | 'switchTo'> {
  readonly loadable: readonly Loadable[];
}

/** How a stage's engine can be made to run in another way while it works. */
export interface Levers {
  /** Absent: its engine loads nothing, or what it has loaded stays. */
  readonly lever?: VariantLever;
  /** Absent: its clock and its batch stay. */
  readonly pace?: Pace;
}

/** The levers of an engine that can load what is given: one that takes lines of times loads nothing. */
export const levers = (
  engine: object | Switchable | { readonly pace?: Pace },
  loadable: readonly Loadable[] = [],
): Levers => ({
  ...('switchTo' in engine && {
    lever: {
      loadable,
      get variant() {
        return engine.variant;
      },
      switchTo: (wanted: Partial<Variant>) => engine.switchTo(wanted),
    },
  }),
  ...('pace' in engine && engine.pace !== undefined && { pace: engine.pace }),
});

/** Faults: `invalid_argument` with the names that there are. */
export const asPrecision = (text: string): Precision => {
  if (isPrecision(text)) return text;
  const known = precisions.join(', ');
  throw new Fault('invalid_argument', `A precision is one of ${known}; not "${text}".`);
};

/**
 * Changes what is asked for, all of it or nothing. Faults: `unsupported` for what the engine cannot change or load,
 * `invalid_argument` for values that none can be, and for a command that changes nothing.
 */
export const pullLevers = async (
  { lever, pace }: Levers,
  wanted: Partial<ReconfigureRequest>,
): Promise<void> => {
  const { clockShare, batchMax } = wanted;
  const variant = variantIn(wanted);
  const paced = clockShare !== undefined || batchMax !== undefined;
  if (!paced && variant === undefined) {
    const levers = 'model, precision, threads, clock_share or batch_max';
    throw new Fault('invalid_argument', `Say what to change: ${levers}.`);
  }
  if (variant !== undefined && lever === undefined) {
    const what = Object.keys(variant).join(' and ');
    throw new Fault('unsupported', `Its ${what} cannot be changed.`);
  }
  if (paced && pace === undefined) {
    throw new Fault('unsupported', 'Its clock and its batch cannot be changed.');
  }
  const before = { clockShare: pace?.clockShare ?? 1, batchMax: pace?.batchMax ?? 0 };
  pace?.change({
    ...(clockShare !== undefined && { clockShare }),
    ...(batchMax !== undefined && { batchMax }),
  });
  try {
    if (variant !== undefined) await lever?.switchTo(variant);
  } catch (thrown) {
    pace?.change(before);
    throw thrown;
  }
};

/** What is to be loaded; undefined where nothing is. Absent, empty and 0 mean: as it is. */
const variantIn = ({
  model,
  precision,
  threads,
}: Partial<ReconfigureRequest>): Partial<Variant> | undefined =>
  model || precision || threads
    ? { ...(model && { model }), ...(precision && { precision }), ...(threads && { threads }) }
    : undefined;

/** How it runs now. */
export const leversNow = ({ lever, pace }: Levers): ReconfigureResponseInput => ({
  ...variantNow(lever),
  clockShare: pace?.clockShare ?? 1,
  batchMax: pace?.batchMax ?? 0,
});

/** What has been loaded; empty where an engine loads nothing. */
const variantNow = (
  lever: VariantLever | undefined,
): Pick<LoadInput, 'model' | 'precision' | 'threads'> =>
  lever?.variant ?? { model: '', precision: '', threads: 0 };

/** What the levers have to say of the load. */
export const leversLoad = ({ lever, pace }: Levers): LoadInput => ({
  ...variantNow(lever),
  ...(pace !== undefined && {
    ...{ busyMs: pace.busyMs, jobMs: pace.jobMs, clockShare: pace.clockShare },
    batchMax: pace.batchMax ?? 0,
  }),
});
