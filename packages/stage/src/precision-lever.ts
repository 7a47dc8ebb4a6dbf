import { type Precision, precisions, isPrecision } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';

/** The precision that a stage's engine runs in, and a way to change it while it works. */
export interface PrecisionLever {
  readonly precision: string;
  /** Faults: `invalid_argument` for a name that is none, `unsupported` where the model folder lacks it. */
  switchTo(precision: string): Promise<void>;
}

interface SwitchableEngine {
  readonly precision: Precision;
  switchTo(precision: Precision): Promise<void>;
}

/** The lever of an engine that has one: an engine that takes given times has no precision. */
export const precisionLever = (
  engine: object | SwitchableEngine,
): { readonly lever?: PrecisionLever } =>
  'switchTo' in engine
    ? {
        lever: {
          get precision() {
            return engine.precision;
          },
          switchTo: async (precision) => engine.switchTo(asPrecision(precision)),
        },
      }
    : {};

/** Faults: `invalid_argument` with the names that there are. */
export const asPrecision = (text: string): Precision => {
  if (isPrecision(text)) return text;
  const known = precisions.join(', ');
  throw new Fault('invalid_argument', `A precision is one of ${known}; not "${text}".`);
};
