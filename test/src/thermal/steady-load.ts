import type { Deployment } from '../harness/deployment.ts';
import { type Answer, generate } from '../harness/generate.ts';

/** A request, by its number in the order in which they began. */
export interface Ended {
  readonly number: number;
  readonly answer: Answer;
}

export interface SteadyLoad {
  /** Requests that have begun. */
  begun(): number;
  /** Those that have ended, in the order of their ends. */
  ended(): readonly Ended[];
  /** Begins no more and waits for the rest; gives what went wrong with those that were not answered. */
  stop(): Promise<readonly string[]>;
}

/** Questions without pictures at even intervals, however many have not been answered yet. */
export const steadyLoad = (deployment: Deployment, perS: number, maxTokens = 24): SteadyLoad => {
  const ended: Ended[] = [];
  const running: Promise<void>[] = [];
  const begin = (): void => {
    const number = running.length;
    const parts = [{ text: `${number}: How warm is it?` }];
    const request = { messages: [{ role: 'user', parts }], maxTokens };
    const asking = generate(deployment, request).then((answer) => {
      ended.push({ number, answer });
    });
    running.push(asking);
  };
  const timer = setInterval(begin, 1000 / perS);
  return {
    begun: () => running.length,
    ended: () => ended,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(running);
      return ended.flatMap(({ answer }) =>
        answer.kind === 'failed' ? [String(answer.fault)] : [],
      );
    },
  };
};

/**
 * The share of prefill and decode that some instances did of the requests from one number up to, but not with, another.
 * `undefined` while not all of them have ended.
 */
export const shareOf = (
  load: SteadyLoad,
  [from, to]: readonly [number, number],
  instances: ReadonlySet<string>,
): number | undefined => {
  const those = load.ended().filter(({ number }) => number >= from && number < to);
  if (those.length < to - from) return undefined;
  const work = those
    .flatMap(({ answer }) => (answer.kind === 'answered' ? answer.finished.stages : []))
    .filter(({ stage }) => stage === 'prefill' || stage === 'decode');
  return work.filter(({ instanceId }) => instances.has(instanceId)).length / work.length;
};
