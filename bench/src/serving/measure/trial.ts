import type { LoadGenerator } from '../load/load-generator.ts';
import type { LoadMode, LoadReport } from '../load/load-order.ts';
import type { WorkloadKind } from '../load/workload.ts';
import type { ModelParameters } from '../parameters.ts';
import { type ProcessorMs, processorMsEach, processorMsOf } from '../systems/processor-time.ts';
import type { System } from '../systems/system.ts';

/** Asks a system in the ways of this bench; one at a time. */
export interface Trial {
  ask(system: System, order: AskOrder): Promise<LoadReport>;
  /** Runs a closed loop of `mixed` until what is compiled and cached is there. */
  warm(system: System): Promise<void>;
  saturate(system: System, kind: WorkloadKind, measureS?: number): Promise<Saturation>;
  /** Waits until what clients have abandoned weighs no more: until each process has answered two requests. */
  settle(system: System): Promise<void>;
}

export interface AskOrder {
  readonly kind: WorkloadKind;
  readonly mode: LoadMode;
  readonly count: number;
  /** Added to the seed of the model's parameters. */
  readonly seed?: number;
}

/** A closed loop with more requests under way than a system can serve at once. */
export interface Saturation {
  readonly requestsPerS: number;
  readonly tokensPerS: number;
  readonly failed: number;
  /** Processor time of a request by service, in milliseconds. */
  readonly processorMs: ProcessorMs;
  readonly loopDelayP99Ms: Readonly<Record<string, number>>;
}

/** More distinct requests than a measured time can hold, so that none comes twice. */
const closedCount = { panel: 4000, weighty: 120 } as const;
const timeoutMs = 180_000;

export const createTrial = (generator: LoadGenerator, parameters: ModelParameters): Trial => {
  const { asker, saturation, warmS } = parameters;
  let runs = 0;
  const ask: Trial['ask'] = (system, { kind, mode, count, seed = 0 }) =>
    generator.run({
      targets: system.targets,
      workload: {
        ...{ kind, asker, seed: parameters.seed * 1000 + seed, count },
        // One after the other, the systems get the same requests; under load none has seen a picture in an earlier run.
        run: mode.kind === 'sequence' ? 0 : (runs += 1),
      },
      mode,
      timeoutMs,
    });
  const closed = (
    system: System,
    kind: WorkloadKind,
    { seed, ...times }: { warmS: number; measureS: number; seed: number },
  ): Promise<LoadReport> => {
    const { concurrency } = saturation;
    const seconds = times.warmS + times.measureS;
    // As many as a fast system would answer; they come again only after that.
    const count = Math.min(closedCount[asker], Math.ceil(seconds * requestsPerSMax[asker]));
    return ask(system, {
      kind,
      seed,
      count,
      mode: {
        kind: 'closed',
        concurrency,
        warmMs: times.warmS * 1000,
        measureMs: times.measureS * 1000,
      },
    });
  };
  const settle = async (system: System): Promise<void> => {
    const count = 2 * system.targets.length;
    await ask(system, { kind: 'pictures-0', mode: { kind: 'sequence' }, count, seed: 901 });
  };
  return {
    ask,
    settle,
    warm: async (system) => {
      await closed(system, 'mixed', { warmS: 0, measureS: warmS, seed: 900 });
      await settle(system);
    },
    saturate: async (system, kind, measureS = saturation.measureS) => {
      await system.loopDelayP99Ms();
      const before = await processorMsOf(system);
      const times = { warmS: Math.min(saturation.warmS, measureS), measureS, seed: 100 };
      const report = await closed(system, kind, times);
      const after = await processorMsOf(system);
      const { requestsPerS, tokensPerS, records } = report;
      const loopDelayP99Ms = await system.loopDelayP99Ms();
      await settle(system);
      return {
        requestsPerS,
        tokensPerS,
        failed: records.filter(({ error }) => error !== undefined).length,
        processorMs: processorMsEach(before, after, records.length),
        loopDelayP99Ms,
      };
    },
  };
};

const requestsPerSMax = { panel: 250, weighty: 4 } as const;
