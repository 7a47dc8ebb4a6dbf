import type { Replayed } from './replay.ts';
import { type Crowded, simulateTrace, type StackModel } from './simulate-trace.ts';
import type { TracedRequest } from './trace.ts';

/** A trace that was replayed to be fitted, and what was measured just before. */
export interface FittedRun {
  readonly model: Omit<StackModel, 'crowded'>;
  readonly requests: readonly TracedRequest[];
  readonly atMs: readonly number[];
  readonly live: Replayed;
}

/** Nothing is faster beside other work than alone. */
const [least, most] = [0.4, 1];
const halvings = 10;
const rounds = 4;
const kinds = ['encode', 'prefill', 'decode'] as const;

/**
 * How work fares beside other work on this machine: such that requests are as long at their stages, simulated, as they were live
 * in these runs, all together. The only figures that come from a stack under load; the traces are others than those that are
 * validated.
 */
export const fitCrowded = (runs: readonly FittedRun[]): Crowded => {
  const excessMs = (crowded: Crowded, kind: keyof Crowded): number =>
    runs.reduce((sum, { model, requests, atMs, live }) => {
      const simulated = simulateTrace({ ...model, crowded }, requests, atMs)[`${kind}Ms`];
      const heard = live.answers.reduce((total, each) => total + (each[`${kind}Ms`] ?? 0), 0);
      return sum + simulated - heard;
    }, 0);
  let crowded: Crowded = { encode: 1, prefill: 1, decode: 1 };
  // Each has a say in the others: in turns until they agree.
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of kinds) {
      let [low, high] = [least, most];
      for (let halving = 0; halving < halvings; halving += 1) {
        const middle = (low + high) / 2;
        if (excessMs({ ...crowded, [kind]: middle }, kind) > 0) low = middle;
        else high = middle;
      }
      crowded = { ...crowded, [kind]: (low + high) / 2 };
    }
  }
  return crowded;
};
