import { median, round } from '../../report/percentiles.ts';
import { say } from '../../report/result.ts';
import type { WorkloadKind } from '../load/workload.ts';
import type { ModelParameters } from '../parameters.ts';
import { type Deployment, startIsotherm } from '../systems/isotherm.ts';
import type { System } from '../systems/system.ts';
import type { Saturation, Trial } from './trial.ts';

/** One mechanism, and the deployment without it. */
export interface Ablation {
  readonly name: string;
  /** The workload that the mechanism is for. */
  readonly kind: WorkloadKind;
  /** Settings that the services must know for the mechanism to be switched. */
  readonly needs: readonly string[];
  /** Undefined where the model has no variant without it. */
  readonly without: Deployment | undefined;
}

export interface Measured {
  readonly saturation: Saturation;
  /** Medians of requests that have the system for themselves, in milliseconds. */
  readonly firstMs: number;
  readonly perTokenMs: number;
}

export type AblationResult =
  | {
      readonly name: string;
      readonly kind: WorkloadKind;
      readonly outcome: 'measured';
      readonly with: Measured;
      readonly without: Measured;
    }
  | { readonly name: string; readonly outcome: 'not available'; readonly why: string };

export interface AblationOptions {
  readonly deployment: Deployment;
  readonly ablations: readonly Ablation[];
  /** Names of the settings that the services know. */
  readonly settings: ReadonlySet<string>;
  readonly redisUrl: string;
}

/**
 * Measures the deployment as it is on each workload that an ablation needs, then without one mechanism after the other.
 */
export const measureAblations = async (
  trial: Trial,
  running: System,
  options: AblationOptions,
  parameters: ModelParameters,
): Promise<readonly AblationResult[]> => {
  const baselines = new Map<WorkloadKind, Measured>();
  const results: AblationResult[] = [];
  for (const { name, kind, needs, without } of options.ablations) {
    const unknown = needs.find((need) => !options.settings.has(need));
    if (unknown !== undefined || without === undefined) {
      const why = unknown === undefined ? 'the model has no such variant' : `no setting ${unknown}`;
      say(`  without ${name}: not available, ${why}`);
      results.push({ name, outcome: 'not available', why });
      continue;
    }
    const baseline = baselines.get(kind) ?? (await measure(trial, running, kind, parameters));
    baselines.set(kind, baseline);
    const system = await startIsotherm(without, options.redisUrl);
    try {
      await trial.warm(system);
      const measured = await measure(trial, system, kind, parameters);
      results.push({ name, kind, outcome: 'measured', with: baseline, without: measured });
      say(
        `  without ${name} (${kind}): ${measured.saturation.requestsPerS} requests/s, ` +
          `first token ${measured.firstMs}, each ${measured.perTokenMs} ms; ` +
          `with: ${baseline.saturation.requestsPerS}, ${baseline.firstMs}, ${baseline.perTokenMs}`,
      );
    } finally {
      await system.stop();
    }
  }
  return results;
};

const measure = async (
  trial: Trial,
  system: System,
  kind: WorkloadKind,
  { ablations: { measureS, unloaded: count } }: ModelParameters,
): Promise<Measured> => {
  const saturation = await trial.saturate(system, kind, measureS);
  const mode = { kind: 'sequence' } as const;
  const { records } = await trial.ask(system, { kind, mode, count, seed: 50 });
  const several = records.filter(({ tokens }) => tokens > 1);
  return {
    saturation,
    firstMs: round(median(records.map(({ firstMs }) => firstMs))),
    perTokenMs: round(median(several.map(({ perTokenMs }) => perTokenMs))),
  };
};
