import type { Pace } from '@isotherm/engine';
import { type Precision, precisions, isPrecision } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import type { LoadInput, ReconfigureRequest, ReconfigureResponseInput } from '@isotherm/proto';

/** The precision that a stage's engine runs in, and a way to change it while it works. */
export interface PrecisionLever {
  readonly precision: string;
  /** Faults: `invalid_argument` for a name that is none, `unsupported` where the model folder lacks it. */
  switchTo(precision: string): Promise<void>;
}

/** How a stage's engine can be made to run in another way while it works. */
export interface Levers {
  /** Absent: its engine has no precision, or one that stays. */
  readonly lever?: PrecisionLever;
  /** Absent: its clock and its batch stay. */
  readonly pace?: Pace;
}

interface SwitchableEngine {
  readonly precision: Precision;
  switchTo(precision: Precision): Promise<void>;
}

/** The levers of an engine: one that takes given times has no precision. */
export const levers = (engine: object | SwitchableEngine | { readonly pace?: Pace }): Levers => ({
  ...('switchTo' in engine && {
    lever: {
      get precision() {
        return engine.precision;
      },
      switchTo: async (precision: string) => engine.switchTo(asPrecision(precision)),
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
 * Changes what is asked for, all of it or nothing. Faults: `unsupported` for what the engine cannot change,
 * `invalid_argument` for values that none can be, and for a command that changes nothing.
 */
export const pullLevers = async (
  { lever, pace }: Levers,
  { precision, clockShare, batchMax }: Partial<ReconfigureRequest>,
): Promise<void> => {
  const paced = clockShare !== undefined || batchMax !== undefined;
  if (!paced && !precision) {
    throw new Fault('invalid_argument', 'Say what to change: precision, clock_share or batch_max.');
  }
  if (precision && lever === undefined) {
    throw new Fault('unsupported', 'Its precision cannot be changed.');
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
    if (precision) await lever?.switchTo(precision);
  } catch (thrown) {
    pace?.change(before);
    throw thrown;
  }
};

/** How it runs now. */
export const leversNow = ({ lever, pace }: Levers): ReconfigureResponseInput => ({
  precision: lever?.precision ?? '',
  clockShare: pace?.clockShare ?? 1,
  batchMax: pace?.batchMax ?? 0,
});

/** What the pace has to say of the load. */
export const paceLoad = ({ pace }: Levers): LoadInput =>
  pace === undefined ? {} : { busyMs: pace.busyMs, jobMs: pace.jobMs, clockShare: pace.clockShare };
