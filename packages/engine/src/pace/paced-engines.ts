import type { DecodeEngine, EncodeEngine, PrefillEngine } from '../contract.ts';
import type { Pace } from './pace.ts';

/** An engine whose work goes through a pace: counted, and slowed and bounded where the pace says so. */
type Paced<Engine> = Engine & { readonly pace: Pace };

/** The engine with some properties in place of its own; getters stay getters. */
const withOwn = <Engine extends object, Own extends object>(engine: Engine, own: Own) =>
  Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(engine), ...Object.getOwnPropertyDescriptors(own) },
  ) as Engine & Own;

export const pacedEncodeEngine = <Engine extends EncodeEngine>(
  engine: Engine,
  pace: Pace,
): Paced<Engine> =>
  withOwn(engine, {
    pace,
    get batchMax() {
      return Math.min(engine.batchMax, pace.batchMax ?? Infinity);
    },
    encode: (...given: Parameters<EncodeEngine['encode']>) =>
      pace.unit(given[0].length, () => engine.encode(...given)),
  });

export const pacedPrefillEngine = <Engine extends PrefillEngine>(
  engine: Engine,
  pace: Pace,
): Paced<Engine> =>
  withOwn(engine, {
    pace,
    prefill: (...given: Parameters<PrefillEngine['prefill']>) =>
      pace.unit(1, () => engine.prefill(...given)),
  });

export const pacedDecodeEngine = <Engine extends DecodeEngine>(
  engine: Engine,
  pace: Pace,
): Paced<Engine> =>
  withOwn(engine, {
    pace,
    get slots() {
      return Math.min(engine.slots, pace.batchMax ?? Infinity);
    },
    // One that runs ahead would work while it should rest.
    step: (alone = false) =>
      pace.unit(
        (tokens) => new Set(tokens.map(({ sequence }) => sequence)).size,
        () => engine.step(alone || pace.clockShare < 1),
      ),
  });
